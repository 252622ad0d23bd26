"""The pages of people whom an order has moved, and what they find when it is lifted or taken back."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.methods import rules
from identity.methods.services import undo_suspension
from tests.factories import a_case, a_review, an_administrator, an_attempt
from tests.identity.portal.middle import (
    PUBLIC_TEXT,
    a_late_result,
    attempt_page,
    case_page,
    choice_page,
    impose,
    lifted,
    proceed,
)

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


def test_who_was_moved_reads_what_happened_what_stays_and_where_to_go(member: Client, attempt: Attempt):
    impose()

    page = member.get(case_page(attempt.case))

    assert "The way that you had begun has been suspended" in page.text
    assert PUBLIC_TEXT in page.text
    assert "What stays valid" in page.text
    assert "The date of your application stays the same." in page.text
    assert page.context["best"].code == "postident_eid"
    assert choice_page(attempt.case) in page.text
    assert page.text.count("<h1") == 1
    assert "What you had begun with it was ended" in member.get(choice_page(attempt.case)).text
    assert "has been suspended. What you have entered is kept" in member.get(reverse("identity:home")).text


def test_the_date_of_the_application_stands_on_the_page_of_who_was_moved(member: Client, attempt: Attempt):
    IdentificationCase.objects.update(opened_at=datetime(2026, 8, 9, 9, tzinfo=timezone.get_current_timezone()))
    impose()

    assert "Aug. 9, 2026" in member.get(case_page(attempt.case)).text


def test_a_stopped_attempt_says_that_its_coupon_counts_no_more(member: Client, attempt: Attempt):
    impose()

    page = member.get(attempt_page(attempt))

    assert "This way may not be used at the moment" in page.text
    assert "the result would not count" in page.text
    assert PUBLIC_TEXT in page.text
    assert choice_page(attempt.case) in page.text
    assert proceed(attempt) not in page.text


def test_a_stale_link_of_a_stopped_attempt_leads_to_the_choice_and_says_why(member: Client, attempt: Attempt):
    impose()

    answer = member.get(proceed(attempt), follow=True)

    assert answer.redirect_chain == [(choice_page(attempt.case), 302)]
    assert "This way is not open to you at present" in answer.text


def test_the_time_line_tells_of_the_order(member: Client, attempt: Attempt):
    impose()

    titles = [entry.title for entry in member.get(case_page(attempt.case)).context["entries"]]

    assert titles == [
        "Stopped by an order: In a post office",
        "A way was suspended by an order: you choose another one",
        "You choose a way",
    ]


def test_who_has_another_coupon_sees_both_what_was_stopped_and_what_goes_on(member: Client, attempt: Attempt):
    other = an_attempt(case=attempt.case, method_id="postident_eid")
    impose()

    page = member.get(case_page(attempt.case))

    assert [(each.attempt.pk, each.stand) for each in page.context["running"]] == [
        (other.pk, "goes_on"), (attempt.pk, "stopped"),
    ]  # fmt: skip
    assert "You can identify yourself now" in page.text
    assert "Stopped: In a post office" in page.text
    assert attempt_page(other) in page.text


def test_who_waited_for_a_clerk_is_told_that_the_result_counts_no_more(member: Client, insurant: Insurant):
    review = a_review(case=a_case(C.IN_REVIEW, insurant=insurant, method_id="postident_branch"))
    impose()

    page = member.get(case_page(review.case))

    assert "The way that you had begun has been suspended" in page.text
    assert PUBLIC_TEXT in page.text
    assert "A result came from a way that is suspended. It does not count." in page.text


def test_a_late_result_that_an_order_withholds_leads_to_a_new_application(member: Client, insurant: Insurant):
    case = a_late_result(insurant)
    impose()

    page = member.get(case_page(case))

    assert "Your late result can no longer be taken up" in page.text
    assert "The time for" not in page.text
    assert reverse("identity:application", args=["epa"]) in page.text
    assert reverse("identity:accept", args=[case.public_id]) not in page.text


def test_when_the_order_is_lifted_a_stopped_attempt_can_be_gone_on_with(member: Client, attempt: Attempt):
    lifted(impose())

    page = member.get(case_page(attempt.case))
    assert "You can go on where you stopped" in page.text
    assert "counts no more" not in page.text + member.get(choice_page(attempt.case)).text
    assert 'name="method" value="postident_branch"' in page.text
    assert "You can go on where you stopped" in member.get(attempt_page(attempt)).text
    cards = member.get(choice_page(attempt.case)).context["cards"]
    assert {card["method"].code: card["is_running"] for card in cards} == {
        "postident_eid": False, "postident_branch": True,
    }  # fmt: skip

    answer = member.post(choice_page(attempt.case), {"method": "postident_branch"})

    assert answer["Location"] == attempt_page(attempt)
    page = member.get(attempt_page(attempt))
    assert proceed(attempt) in page.text
    titles = [entry.title for entry in member.get(case_page(attempt.case)).context["entries"]]
    assert "Goes on: In a post office" in titles


def test_a_link_alone_does_not_start_a_stopped_attempt_again(member: Client, attempt: Attempt):
    lifted(impose())

    answer = member.get(proceed(attempt), follow=True)

    assert answer.redirect_chain == [(choice_page(attempt.case), 302)]
    assert "The way is open again: choose it once more" in answer.text
    attempt.refresh_from_db()
    assert attempt.state == A.STOPPED


def test_whose_turn_it_is_not_yet_is_told_so_kindly(member: Client, attempt: Attempt, monkeypatch):
    monkeypatch.setattr(rules, "place_of", lambda person, order_id: 50)
    lifted(impose(), percents=[50], step_hours=24)

    for address in (case_page(attempt.case), choice_page(attempt.case), attempt_page(attempt)):
        assert "It is not your turn yet." in member.get(address).text
    page = member.get(choice_page(attempt.case))
    assert "postident_branch" not in [card["method"].code for card in page.context["cards"]]
    assert "postident_branch" not in [each.method.code for each in page.context["ways"].suspended]
    refused = member.post(choice_page(attempt.case), {"method": "postident_branch"})
    assert (refused.status_code, "It is not your turn yet." in refused.text) == (409, True)


def test_whose_turn_it_is_goes_on(member: Client, attempt: Attempt, monkeypatch):
    monkeypatch.setattr(rules, "place_of", lambda person, order_id: 49)
    lifted(impose(), percents=[50], step_hours=24)

    assert "You can go on where you stopped" in member.get(attempt_page(attempt)).text


def test_an_order_taken_back_leaves_the_page_as_it_was_and_a_line_in_the_time_line(member: Client, attempt: Attempt):
    order = impose()
    undo_suspension(order.pk, actor=an_administrator())
    carry_out_orders()

    page = member.get(case_page(attempt.case))

    assert "You can identify yourself now" in page.text
    assert attempt_page(attempt) in page.text
    titles = [entry.title for entry in page.context["entries"]]
    assert titles[-3:] == [
        "Goes on: In a post office",
        "The order was taken back: everything is as it was before",
        "You identify yourself",
    ]
