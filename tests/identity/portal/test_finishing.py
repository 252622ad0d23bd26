"""The pages of people who may finish, and of those who are asked to identify themselves once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from tests.factories import a_case
from tests.identity.portal.middle import (
    PUBLIC_TEXT,
    an_identified_case,
    attempt_page,
    case_page,
    choice_page,
    give_order,
    impose,
    proceed,
)
from tests.identity.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


def test_who_may_finish_sees_the_last_moment_and_the_way_on(member: Client, attempt: Attempt):
    until = timezone.now() + timedelta(days=3)
    impose("finish", finish_until=until)

    page = member.get(case_page(attempt.case))
    assert [each.finish_until for each in page.context["running"]] == [until]
    assert "You may finish this one" in page.text
    assert attempt_page(attempt) in page.text
    page = member.get(attempt_page(attempt))
    assert "You may finish until" in page.text
    assert proceed(attempt) in page.text
    assert page.context["days_left"] == 3
    page = member.get(choice_page(attempt.case))
    assert "You may still finish what you have begun" in page.text
    assert [card["method"].code for card in page.context["cards"]] == ["postident_eid"]
    assert member.get(proceed(attempt)).status_code == 303


def test_a_coupon_that_ends_before_the_order_does_is_the_last_moment(member: Client, attempt: Attempt):
    impose("finish", finish_until=timezone.now() + timedelta(days=30))

    assert member.get(attempt_page(attempt)).context["days_left"] == 14


def test_who_begins_after_the_order_may_not_finish(member: Client, insurant: Insurant, provider: ScriptedProvider):
    case = a_case(insurant=insurant)
    impose("finish", finish_until=timezone.now() + timedelta(days=3))

    assert member.post(choice_page(case), {"method": "postident_branch"}).status_code == 409


def test_when_the_time_to_finish_is_over_one_chooses_another_way(member: Client, attempt: Attempt, time_machine):
    impose("finish", finish_until=timezone.now() + timedelta(minutes=5))
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    before = member.get(attempt_page(attempt))
    assert "This way may not be used at the moment" in before.text  # nobody has carried it out yet
    carry_out_orders()

    page = member.get(case_page(attempt.case))
    assert "The way that you had begun has been suspended" in page.text
    assert choice_page(attempt.case) in page.text


SINCE = timezone.now() - timedelta(days=7)


def test_who_is_asked_again_reads_that_an_open_access_stays(member: Client, insurant: Insurant):
    case = an_identified_case(insurant)
    impose("void", void_since=SINCE)

    page = member.get(case_page(case))

    assert "Please identify yourself once more" in page.text
    assert "An access to the ePA that is open already stays open." in page.text
    assert PUBLIC_TEXT in page.text
    assert choice_page(case) in page.text
    assert "Choose a way again" in [entry.title for entry in page.context["entries"]]
    assert "Please identify yourself once more" in member.get(reverse("identity:home")).text


def test_the_page_is_true_before_anybody_has_withdrawn_the_identification(member: Client, insurant: Insurant):
    case = an_identified_case(insurant)
    give_order("void", void_since=SINCE)

    page = member.get(case_page(case))

    assert "Please identify yourself once more" in page.text
    assert "You have been identified" not in page.text.split("What has happened")[0]


def test_an_earlier_case_does_not_say_identified_when_that_may_not_be_used(member: Client, insurant: Insurant):
    case = an_identified_case(insurant)
    a_case(insurant=insurant)
    impose("void", void_since=SINCE)
    case.refresh_from_db()
    assert case.state == C.IDENTIFIED

    page = member.get(case_page(case))

    assert "Please identify yourself once more" in page.text
    assert reverse("identity:home") in page.text


def test_who_was_identified_before_that_moment_is_not_asked(member: Client, insurant: Insurant):
    case = an_identified_case(insurant)
    impose("void", void_since=timezone.now() - timedelta(hours=1))

    assert "You have been identified" in member.get(case_page(case)).text
