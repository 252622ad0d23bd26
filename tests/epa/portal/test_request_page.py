"""Choosing how to use the ePA."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.audit.models import AuditEvent
from epa.models import EpaAccess
from epa.states import AccessState, Channel
from epa.words import WORDS
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.epa.accesses import an_access, an_identified_case

pytestmark = pytest.mark.django_db
S = AccessState
REQUEST, CHANNEL = reverse("epa:request"), reverse("epa:channel")


def page_of(access: EpaAccess) -> str:
    return reverse("epa:access", args=[access.public_id])


def test_the_page_shows_every_way_with_what_it_needs(member: Client):
    page = member.get(REQUEST)
    assert page.status_code == 200
    for channel, words in WORDS.items():
        assert f'value="{channel}"' in page.text
        assert str(words.what) in page.text
        assert all(str(need) in page.text for need in words.needs)


def test_looking_changes_nothing(member: Client):
    member.get(REQUEST)
    member.get(CHANNEL)
    assert not EpaAccess.objects.exists()
    assert not IdentificationCase.objects.exists()


@pytest.mark.parametrize("channel", Channel)
def test_a_choice_leads_on_to_the_application(member: Client, insurant: Insurant, account: Account, channel):
    answer = member.post(REQUEST, {"channel": channel})
    assert (answer.status_code, answer["Location"]) == (302, "/antrag/epa/")
    access = EpaAccess.objects.get()
    assert (access.insurant, access.channel, access.state) == (insurant, channel, S.REQUESTED)
    event = AuditEvent.objects.get(name="epa.access.requested")
    assert (event.actor_kind, event.actor_reference) == ("insurant", str(account.public_id))


@pytest.mark.parametrize("body", [{}, {"channel": ""}, {"channel": "fax"}])
def test_no_choice_is_said_and_changes_nothing(member: Client, body: dict[str, str]):
    page = member.post(REQUEST, body)
    assert page.status_code == 200
    assert "Please choose how you want to use your ePA." in page.text
    assert 'href="#id_channel_0"' in page.text
    assert 'id="id_channel_0"' in page.text
    assert not EpaAccess.objects.exists()


def test_who_has_been_identified_already_goes_straight_to_the_opening(member: Client, insurant: Insurant):
    an_identified_case(insurant=insurant)
    answer = member.post(REQUEST, {"channel": "app_android"})
    access = EpaAccess.objects.get()
    assert (answer["Location"], access.state) == (page_of(access), S.OPENING)


@pytest.mark.parametrize("state", [S.REQUESTED, S.OPENING, S.STUCK, S.OPEN])
def test_who_has_requested_access_sees_how_far_it_is(member: Client, insurant: Insurant, state):
    access = an_access(state, insurant=insurant)
    assert member.get(REQUEST)["Location"] == page_of(access)


def test_who_lost_it_may_request_it_again(member: Client, insurant: Insurant):
    an_access(S.CANCELLED, insurant=insurant)
    assert member.get(REQUEST).status_code == 200
    assert member.post(REQUEST, {"channel": "none"})["Location"] == "/antrag/epa/"


def test_the_choice_can_be_changed_until_the_access_is_open(member: Client, insurant: Insurant):
    access = an_access(S.OPENING, insurant=insurant, channel=Channel.APP_IOS)
    page = member.get(CHANNEL)
    assert page.text.count(" checked") == 1
    assert "You have requested access already" in page.text
    assert member.post(CHANNEL, {"channel": "desktop"})["Location"] == page_of(access)
    access.refresh_from_db()
    assert access.channel == Channel.DESKTOP


def test_a_change_after_the_application_was_sent_leads_to_how_things_stand(member: Client, insurant: Insurant):
    access = an_access(S.REQUESTED, insurant=insurant)  # its case has been declared
    assert member.post(CHANNEL, {"channel": "none"})["Location"] == page_of(access)


def test_an_open_way_says_so_and_a_further_one_can_be_added(member: Client, insurant: Insurant):
    access = an_access(S.OPEN, insurant=insurant, channel=Channel.APP_IOS)
    page = member.get(CHANNEL)
    assert page.text.count("Open already") == 1
    assert member.post(CHANNEL, {"channel": "app_ios"})["Location"] == page_of(access)
    member.post(CHANNEL, {"channel": "desktop"})
    assert EpaAccess.objects.filter(insurant=insurant).count() == 2


def test_a_double_click_makes_one_access(member: Client):
    member.post(REQUEST, {"channel": "none"})
    member.post(REQUEST, {"channel": "none"})
    assert EpaAccess.objects.count() == 1


def test_who_has_not_connected_their_insurance_is_sent_to_the_overview(newcomer: Client):
    assert newcomer.get(REQUEST)["Location"] == reverse("identity:home")
    assert newcomer.post(REQUEST, {"channel": "none"})["Location"] == reverse("identity:home")
    assert not EpaAccess.objects.exists()


def test_who_is_no_member_is_told_so(member: Client, insurant: Insurant):
    Insurant.objects.filter(pk=insurant.pk).update(member_to=date(2020, 1, 1))
    page = member.post(REQUEST, {"channel": "none"})
    assert page.status_code == 409
    assert "Your membership with us has ended" in page.text


def test_nobody_is_asked_to_log_in(nobody: Client):
    for address in (REQUEST, CHANNEL):
        for answer in (nobody.get(address), nobody.post(address, {"channel": "none"})):
            assert answer.status_code == 302
            assert "/konto/" in answer["Location"]
    assert not EpaAccess.objects.exists()


def test_the_page_asks_the_database_little(member: Client, insurant: Insurant, at_most_queries):
    an_access(S.OPENING, insurant=insurant, case=an_identified_case(insurant=insurant))
    with at_most_queries(10):
        assert member.get(CHANNEL).status_code == 200


def test_a_case_that_runs_is_continued(member: Client, insurant: Insurant):
    access = an_access(S.CANCELLED, insurant=insurant)
    member.post(REQUEST, {"channel": "none"})
    assert EpaAccess.objects.exclude(pk=access.pk).get().case.state == CaseState.CHOOSING
