"""What templates of other apps ask about ePA access."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from epa.states import AccessState, Channel
from epa.templatetags.epa_tags import channel_steps, epa_task
from identity.members.models import Insurant
from tests.epa.accesses import an_access
from tests.factories import an_account

pytestmark = pytest.mark.django_db
S = AccessState


@pytest.mark.parametrize(
    ("state", "given", "status", "kind"),
    [
        (S.REQUESTED, {}, "Waits for your identification", "info"),
        (S.OPENING, {}, "Being set up", "info"),
        (S.OPENING, {"problem": "http_503"}, "Takes longer", "warning"),
        (S.STUCK, {}, "Takes longer", "warning"),
        (S.OPEN, {}, "Open", "success"),
    ],
)
def test_the_task_says_how_far_the_access_is(insurant: Insurant, at_most_queries, state, given, status, kind):
    access = an_access(state, insurant=insurant, **given)
    with at_most_queries(1):
        task = epa_task(insurant.account)
    assert (task["status"], task["kind"]) == (status, kind)
    assert task["url"] == reverse("epa:access", args=[access.public_id])


def test_a_person_without_a_wish_is_led_to_the_choice(insurant: Insurant):
    task = epa_task(insurant.account)
    assert (task["url"], task["status"]) == (reverse("epa:request"), "To do")


def test_an_ended_access_can_be_requested_again(insurant: Insurant):
    an_access(S.CANCELLED, insurant=insurant)
    assert epa_task(insurant.account)["url"] == reverse("epa:request")


def test_what_is_under_way_is_spoken_of_before_what_is_open(insurant: Insurant):
    first = an_access(S.OPEN, insurant=insurant)
    an_access(S.OPENING, case=first.case, channel=Channel.DESKTOP)
    assert epa_task(insurant.account)["status"] == "Being set up"


@pytest.mark.parametrize("user", [AnonymousUser(), None])
def test_nobody_has_nothing_to_do(user):
    assert epa_task(user)["url"] is None


def test_an_account_without_an_insurance_has_nothing_to_do_yet():
    assert epa_task(an_account())["url"] is None


def test_the_overview_ends_with_the_access_as_it_stands(member: Client, insurant: Insurant, at_most_queries):
    access = an_access(S.OPEN, insurant=insurant)

    with at_most_queries(10):
        page = member.get(reverse("identity:home"))

    assert "Open your access and use the ePA" in page.text
    assert reverse("epa:access", args=[access.public_id]) in page.text
    assert "How to go on" in page.text


@pytest.mark.parametrize("channel", [*Channel.values, "", "fax"])
def test_every_channel_has_steps(channel):
    assert len(channel_steps(channel)) == 3
