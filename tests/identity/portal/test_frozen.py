"""The pages of people whose place an order keeps while the clocks stand still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.callbacks import work
from identity.cases.models import Attempt
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from tests.factories import a_case, a_review, an_answer, an_attempt, an_identification
from tests.identity.portal.middle import (
    PUBLIC_TEXT,
    a_late_result,
    attempt_page,
    case_page,
    choice_page,
    give_order,
    impose,
    lifted,
    proceed,
)
from tests.identity.scripted import ScriptedProvider, hint_about

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


@pytest.fixture
def deliver(provider: ScriptedProvider) -> Callable[..., None]:
    """Let the provider tell of a success, and work off the inbox."""

    def say(attempt: Attempt, **given: Any) -> None:
        provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(**given))
        hint_about(attempt)
        work.work_inbox()

    return say


def test_who_is_frozen_keeps_the_place_and_reads_that_all_deadlines_stand_still(member: Client, attempt: Attempt):
    impose("freeze")

    page = member.get(case_page(attempt.case))

    assert "Your place is kept" in page.text
    assert "All deadlines stand still" in page.text
    assert "Paused since" in page.text
    assert "Paused: In a post office" in page.text
    assert PUBLIC_TEXT in page.text
    assert choice_page(attempt.case) in page.text
    assert attempt_page(attempt) not in page.text
    assert "You may also wait: your place is kept" in member.get(choice_page(attempt.case)).text
    home = member.get(reverse("identity:home"))
    assert "Your application is paused" in home.text
    assert [task["status"] for task in home.context["tasks"]][2] == "Paused"


def test_a_frozen_attempt_is_paused_and_its_stale_link_says_so(member: Client, attempt: Attempt):
    impose("freeze")

    page = member.get(attempt_page(attempt))
    assert "This way is paused; your place is kept" in page.text
    assert proceed(attempt) not in page.text
    assert member.get(proceed(attempt))["Location"] == case_page(attempt.case)


def test_the_page_is_true_before_anybody_has_carried_out_the_freeze(member: Client, attempt: Attempt):
    give_order("freeze")

    page = member.get(case_page(attempt.case))

    assert "Your place is kept" in page.text
    assert "Paused since" in page.text


def test_a_result_in_quarantine_is_kept_safe(member: Client, attempt: Attempt, deliver):
    impose("freeze")
    deliver(attempt, identified_at=timezone.now())

    page = member.get(case_page(attempt.case))
    assert "We have your result" in page.text
    assert "It is kept safe." in page.text
    assert "Result kept safe: In a post office" in page.text
    assert "It is kept safe." in member.get(attempt_page(attempt)).text
    assert "A result arrived and is kept safe until it is decided whether it counts" in page.text


def test_a_result_refused_out_of_quarantine_leads_to_another_choice(member: Client, attempt: Attempt, deliver):
    order = impose("freeze")
    deliver(attempt, identified_at=timezone.now())
    lifted(order, quarantine_end="refuse")

    page = member.get(case_page(attempt.case))

    assert "This way has been suspended" in page.text
    assert choice_page(attempt.case) in page.text


def test_who_waits_for_a_clerk_while_the_clocks_stand_reads_that_the_result_is_kept(member: Client, insurant: Insurant):
    review = a_review(case=a_case(C.IN_REVIEW, insurant=insurant, method_id="postident_branch"))
    impose("freeze")

    page = member.get(case_page(review.case))

    assert "our staff may not decide about it yet" in page.text
    assert "All deadlines stand still" in page.text
    assert "we have your result" in member.get(reverse("identity:home")).text


def test_a_late_result_waits_while_the_clocks_stand(member: Client, insurant: Insurant):
    case = a_late_result(insurant)
    impose("freeze")

    page = member.get(case_page(case))

    assert "We keep the result safe." in page.text
    assert reverse("identity:accept", args=[case.public_id]) not in page.text
    assert reverse("identity:application", args=["epa"]) in page.text
    assert "Take it up until" not in page.text
    assert "its way is paused" in member.get(reverse("identity:home")).text


def test_who_has_only_failed_so_far_chooses_with_the_clocks_standing_still(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant, method_id="postident_branch", end_reason="document_mismatch")
    an_attempt(A.FAILED, case=case)
    impose("freeze")

    page = member.get(case_page(case))

    assert "Document and application did not match" in page.text
    assert "All deadlines stand still" in page.text


def test_after_the_pause_the_new_date_stands_on_the_page(member: Client, attempt: Attempt, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    order = impose("freeze")
    last_day = timezone.localdate(attempt.case.expires_at - timedelta(seconds=1))
    assert member.get(case_page(attempt.case)).context["last_day"] == last_day
    time_machine.move_to(now + timedelta(days=3), tick=False)
    lifted(order)

    member.logout()
    assert attempt.case.insurant.account is not None
    member.force_login(attempt.case.insurant.account)
    page = member.get(case_page(attempt.case))

    assert page.context["last_day"] == last_day + timedelta(days=3)
    assert "Paused since" not in page.text
    assert "It goes on: every deadline has moved by 3 days" in page.text
    assert attempt_page(attempt) in page.text


def test_a_coupon_that_ran_out_in_the_pause_is_no_fault_and_no_attempt(member: Client, attempt: Attempt, time_machine):
    now = timezone.now()
    order = impose("freeze")
    time_machine.move_to(now + timedelta(days=20))
    lifted(order)

    assert attempt.case.insurant.account is not None
    member.force_login(attempt.case.insurant.account)
    page = member.get(case_page(attempt.case))

    assert "your coupon has run out meanwhile" in page.text
    assert "it does not count as an attempt" in page.text
