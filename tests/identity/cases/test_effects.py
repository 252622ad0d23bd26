"""What the four effects of an order do to people in the middle, and how they are brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import OutgoingMessage
from identity.callbacks import work
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services import expire_overdue
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension, undo_suspension
from tests.factories import (
    a_case,
    a_review,
    an_administrator,
    an_answer,
    an_attempt,
    an_identification,
    lift,
)
from tests.identity.scripted import hint_about

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState
NOW = timezone.now


@pytest.fixture
def deliver(provider):
    """Let the provider say something about an attempt, and work off the inbox."""

    def say(attempt: Attempt, *identifications: Any) -> Attempt:
        provider.answers[attempt.provider_case_id] = an_answer(attempt, *identifications)
        hint_about(attempt)
        work.work_inbox()
        found: Attempt = fresh(attempt)
        return found

    return say


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def impose(effect: str = "move", **given: Any) -> Suspension:
    draft = Suspension(method_id="postident_branch", effect=effect, **SUSPENSION_TEXTS | given)
    order = impose_suspension(draft, actor=an_administrator())
    carry_out_orders()
    return order


def told(template: str) -> int:
    return OutgoingMessage.objects.filter(template=f"identity/{template}").count()


def test_move_ends_the_attempt_and_leads_back_to_the_choice():
    attempt = an_attempt()
    opened_at = attempt.case.opened_at
    order = impose()
    case = fresh(attempt.case)
    assert (fresh(attempt).state, case.state, case.end_reason) == (A.STOPPED, C.CHOOSING, "method_suspended")
    assert case.opened_at == opened_at
    assert AffectedCase.objects.get().outcome == "moved"
    assert told("suspended_moved") == 1
    assert OrderRun.objects.get(suspension=order, phase="middle").percent == 100


def test_carrying_out_twice_changes_and_tells_nothing_more():
    an_attempt()
    impose()
    assert carry_out_orders() == 0
    assert told("suspended_moved") == 1


def test_who_has_another_coupon_keeps_it():
    attempt = an_attempt()
    other = an_attempt(case=attempt.case, method_id="postident_eid")
    impose()
    case = fresh(attempt.case)
    assert (fresh(attempt).state, fresh(other).state) == (A.STOPPED, A.STARTED)
    assert (case.state, case.method_id) == (C.IDENTIFYING, "postident_eid")


def test_a_result_that_waits_for_a_clerk_is_withheld_by_move():
    review = a_review()
    order = impose()
    assert fresh(review).state == ReviewState.WITHDRAWN
    assert fresh(review.case).state == C.CHOOSING
    assert fresh(review.attempt).state == A.WITHHELD
    assert Result.objects.get().held_by == order


def test_a_result_from_before_stays_with_the_clerk_if_the_order_lets_it_count():
    review = a_review()
    Result.objects.update(identified_at=NOW() - timedelta(minutes=5))
    impose(earlier_results_count=True)
    assert (fresh(review).state, fresh(review.case).state) == (ReviewState.OPEN, C.IN_REVIEW)
    assert AffectedCase.objects.get().outcome == "kept"
    assert OutgoingMessage.objects.count() == 0


@pytest.mark.parametrize("state", [C.IDENTIFYING, C.OFFERED])
def test_a_freeze_moves_deadlines_by_exactly_the_pause(time_machine, state):
    begun = NOW()
    time_machine.move_to(begun, tick=False)
    case = a_case(state, method_id="postident_branch")
    an_attempt(A.LATE if state == C.OFFERED else A.STARTED, case=case)
    impose("freeze")
    time_machine.move_to(begun + timedelta(days=100, seconds=17), tick=False)
    assert expire_overdue() == 0
    lift(Suspension.objects.latest("pk"))
    carry_out_orders()
    after = fresh(case)
    assert after.frozen_since is None
    assert after.expires_at - case.expires_at == timedelta(days=100, seconds=17)
    if case.offered_until:
        assert after.offered_until - case.offered_until == timedelta(days=100, seconds=17)


def test_the_pause_lasts_until_the_last_of_several_freezes_whichever_is_carried_out_last(time_machine):
    begun = NOW()
    time_machine.move_to(begun, tick=False)
    case = an_attempt().case
    first, second = impose("freeze"), impose("freeze", order_reference="another letter")
    for order, days in ((second, 3), (first, 5)):
        time_machine.move_to(begun + timedelta(days=days), tick=False)
        lift(order)
    carry_out_orders()
    assert fresh(case).expires_at - case.expires_at == timedelta(days=5)


@pytest.mark.parametrize("under_way", [False, True])
def test_who_is_brought_back_into_the_middle_of_another_order_is_met_by_that_one(under_way):
    attempt = an_attempt()
    boss = an_administrator()
    first = Suspension(method_id="postident_branch", **SUSPENSION_TEXTS)
    impose_suspension(first, actor=boss)
    carry_out_orders()
    second = impose("void", order_reference="another letter", void_since=NOW())
    if under_way:
        passed = {"finished_at": None, "cursor": str(attempt.case.pk)}
        assert OrderRun.objects.filter(suspension=second, phase="middle").update(**passed) == 1
    undo_suspension(first.pk, actor=boss)
    carry_out_orders()
    carry_out_orders()
    assert (fresh(attempt).state, fresh(attempt.case).state) == (A.STOPPED, C.CHOOSING)
    assert [each.case for each in second.affected.all()] == [attempt.case]
    assert OrderRun.objects.get(suspension=second, phase="middle").percent == 100


@pytest.mark.parametrize("effect", ["move", "freeze", "finish", "void"])
def test_an_order_that_is_over_meets_nobody_again_when_another_is_taken_back(effect):
    moment = NOW() + timedelta(days=1)
    given = {"finish": {"finish_until": moment}, "void": {"void_since": NOW()}}.get(effect, {})
    over = impose(effect, order_reference="a letter", **given)
    lift(over, quarantine_end="release" if effect == "freeze" else "")
    carry_out_orders()
    attempt = an_attempt()
    case = attempt.case
    second = impose()
    undo_suspension(second.pk, actor=an_administrator())
    carry_out_orders()
    carry_out_orders()
    assert (fresh(attempt).state, fresh(case).state, fresh(case).frozen_since) == (A.STARTED, C.IDENTIFYING, None)
    assert fresh(case).expires_at == case.expires_at
    assert not over.affected.exists()


def test_clocks_stand_still_before_anybody_has_carried_out_the_freeze(time_machine):
    attempt = an_attempt()
    draft = Suspension(method_id="postident_branch", effect="freeze", **SUSPENSION_TEXTS)
    impose_suspension(draft, actor=an_administrator())
    time_machine.move_to(NOW() + timedelta(days=99))
    assert expire_overdue() == 0
    assert fresh(attempt.case).state == C.IDENTIFYING


def test_results_of_a_freeze_wait_in_quarantine_and_are_released(deliver):
    attempt = an_attempt()
    order = impose("freeze")
    attempt = deliver(attempt, an_identification(identified_at=NOW()))
    assert (attempt.state, fresh(attempt.case).state) == (A.QUARANTINED, C.IDENTIFYING)
    assert Result.objects.get().held_by == order
    lift(order, quarantine_end="release")
    carry_out_orders()
    assert (fresh(attempt).state, fresh(attempt.case).state) == (A.SUCCEEDED, C.IDENTIFIED)
    assert Result.objects.get().held_by is None
    assert told("resumed") == 0


def test_results_of_a_freeze_can_be_refused(deliver):
    attempt = an_attempt()
    order = impose("freeze")
    attempt = deliver(attempt, an_identification(identified_at=NOW()))
    lift(order, quarantine_end="refuse")
    carry_out_orders()
    assert (fresh(attempt).state, fresh(attempt.case).state) == (A.WITHHELD, C.CHOOSING)


def test_who_has_begun_may_finish_until_the_moment(deliver):
    early, late = an_attempt(), an_attempt()
    until = NOW() + timedelta(days=3)
    impose("finish", finish_until=until)
    assert told("suspended_may_finish") == 2
    assert deliver(early, an_identification(identified_at=until - timedelta(seconds=1))).state == A.SUCCEEDED
    assert deliver(late, an_identification(identified_at=until)).state == A.WITHHELD


def test_when_the_time_to_finish_is_over_people_choose_another_way(time_machine):
    attempt = an_attempt()
    impose("finish", finish_until=NOW() + timedelta(days=3))
    time_machine.move_to(NOW() + timedelta(days=3, seconds=1))
    carry_out_orders()
    assert (fresh(attempt).state, fresh(attempt.case).state) == (A.STOPPED, C.CHOOSING)
    assert told("finish_over") == 1


def an_identified_case(identified_at: Any) -> IdentificationCase:
    case = a_case(C.IDENTIFIED, method_id="postident_branch")
    Result.objects.create(
        attempt=an_attempt(A.SUCCEEDED, case=case), case=case, method_used="postident_branch",
        identified_at=identified_at, received_at=NOW(), person={}, verdict="match", level_reached=3, granted_at=NOW(),
    )  # fmt: skip
    return case


def test_void_asks_again_who_was_identified_since():
    before, since = an_identified_case(NOW() - timedelta(days=3)), an_identified_case(NOW() - timedelta(days=1))
    order = impose("void", void_since=NOW() - timedelta(days=2))
    assert (fresh(before).state, fresh(since).state) == (C.IDENTIFIED, C.CHOOSING)
    assert fresh(since).expires_at > NOW() + timedelta(days=30)
    assert since.results.get().voided_by == order
    assert told("suspended_asked_again") == 1


@pytest.mark.parametrize("effect", ["move", "freeze", "finish", "void"])
def test_an_undone_order_leaves_everything_as_it_was(effect, provider):
    rows = [an_attempt(), an_attempt(A.FAILED), a_review(), an_identified_case(NOW() - timedelta(days=1))]
    offered = a_case(C.OFFERED, method_id="postident_branch")
    rows += [offered, an_attempt(A.LATE, case=offered)]
    models = (IdentificationCase, Attempt, Review, Result)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    given = {"finish": {"finish_until": NOW() + timedelta(days=1)}, "void": {"void_since": NOW() - timedelta(days=2)}}
    order = impose(effect, **given.get(effect, {}))
    undo_suspension(order.pk, actor=an_administrator())
    carry_out_orders()
    assert [list(model.objects.order_by("pk").values()) for model in models] == before
    assert not AffectedCase.objects.filter(closing="").exists()


def test_a_result_that_came_before_the_undoing_counts_after_it(deliver):
    attempt = an_attempt()
    order = impose()
    attempt = deliver(attempt, an_identification(identified_at=NOW()))
    assert attempt.state == A.WITHHELD
    undo_suspension(order.pk, actor=an_administrator())
    carry_out_orders()
    assert (fresh(attempt).state, fresh(attempt.case).state) == (A.SUCCEEDED, C.IDENTIFIED)


def test_what_a_person_has_begun_since_survives_the_undoing():
    attempt = an_attempt()
    order = impose()
    other = an_attempt(case=attempt.case, method_id="postident_eid")
    IdentificationCase.objects.update(state=C.IDENTIFYING, method="postident_eid")
    undo_suspension(order.pk, actor=an_administrator())
    carry_out_orders()
    case = fresh(attempt.case)
    assert (case.state, case.method_id, fresh(other).state) == (C.IDENTIFYING, "postident_eid", A.STARTED)
    assert fresh(attempt).state == A.STARTED
