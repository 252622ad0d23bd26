"""What an order does to one locked case, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from identity.cases.effects.models import AffectedCase
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import Trail, move_attempt, move_case
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.methods.choices import Effect
from identity.methods.gate import Ruling
from identity.methods.models import Suspension

A, C = AttemptState, CaseState
Outcome = AffectedCase.Outcome
SUSPENDED = "method_suspended"


@dataclass(slots=True)
class Middle:
    """One locked case with its attempts, the results nobody has used yet, and what the gate says of each of them."""

    case: IdentificationCase
    attempts: list[Attempt]
    reviews: list[Review] = field(default_factory=list)
    results: list[tuple[Result, Ruling]] = field(default_factory=list)

    def mine(self, order: Suspension) -> list[Attempt]:
        return [each for each in self.attempts
                if each.method_id == order.method_id and order.provider in ("", each.provider)]  # fmt: skip


@dataclass(slots=True)
class Changes:
    """Rows that a batch has changed and not yet written."""

    trail: Trail
    cases: list[IdentificationCase] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    affected: list[AffectedCase] = field(default_factory=list)


def apply_order(order: Suspension, middle: Middle, changes: Changes) -> AffectedCase:
    """Do to a case what the order says, and keep how it stood before."""
    before = snapshot(middle)
    outcome = _EFFECTS[Effect(order.effect)](order, middle, changes)
    affected = AffectedCase(
        suspension=order, case=middle.case, outcome=outcome, before=before, carried_at=timezone.now()
    )
    changes.affected.append(affected)
    changes.cases.append(middle.case)
    changes.trail.note("identity.case.met_by_order", middle.case, suspension=order.pk, outcome=outcome.value)
    tell_outcome(changes.trail, middle.case, order, outcome)
    return affected


def snapshot(middle: Middle) -> dict[str, Any]:
    """Return how the rows stand, as JSON."""
    case = middle.case
    names = ("expires_at", "offered_until", "closed_at", "frozen_since")
    return {
        "case": {
            "state": case.state, "method": case.method_id, "end_reason": case.end_reason,
            **{name: moment.isoformat() if (moment := getattr(case, name)) else None for name in names},
        },
        "attempts": {
            str(each.pk): [each.state, each.reason, each.decided_at.isoformat() if each.decided_at else None]
            for each in middle.attempts
        },
        "reviews": {str(each.pk): each.state for each in middle.reviews},
    }  # fmt: skip


def tell_outcome(trail: Trail, case: IdentificationCase, order: Suspension, outcome: Outcome) -> None:
    """One message each, unless nothing changes for the person."""
    if outcome is Outcome.KEPT:
        return
    until = order.finish_until.isoformat() if outcome is Outcome.MAY_FINISH and order.finish_until else ""
    trail.tell(case, f"suspended_{outcome.value}", once=str(order.pk), until=until, **words_of(order, case))


def words_of(order: Suspension, case: IdentificationCase) -> dict[str, Any]:
    """Return what messages about an order say: codes and public texts."""
    return {
        "method": order.method_id,
        "text_de": order.public_text_de,
        "text_en": order.public_text_en or order.public_text_de,
        "applied_at": case.opened_at.isoformat(),
        "state": case.state,
    }


def _freeze(order: Suspension, middle: Middle, changes: Changes) -> Outcome:
    case = middle.case
    case.frozen_since = case.frozen_since or max(order.effective_from, case.opened_at)
    return Outcome.FROZEN


def _let_finish(order: Suspension, middle: Middle, changes: Changes) -> Outcome:
    return Outcome.MAY_FINISH if middle.case.state in (C.CHOOSING, C.IDENTIFYING) else Outcome.KEPT


def move_on(order: Suspension, middle: Middle, changes: Changes) -> Outcome:
    """The attempt ends and the person chooses another way; what the gate still accepts stays as it is."""
    case, trail = middle.case, changes.trail
    stopped = [each for each in middle.mine(order) if each.state == A.STARTED]
    for attempt in stopped:
        move_attempt(attempt, A.STOPPED, trail=trail, reason=SUSPENDED)
    withheld = [result for result, ruling in middle.results if not ruling.allowed]
    for result in withheld:
        result.held_by = order
        move_attempt(result.attempt, A.WITHHELD, trail=trail, reason=SUSPENDED)
    changes.attempts += [*stopped, *(result.attempt for result in withheld)]
    changes.results += withheld
    if case.state in (C.IN_REVIEW, C.OFFERED):
        if not withheld:
            return Outcome.KEPT
        _take_back(middle, changes)
        return Outcome.MOVED
    _back_to_choice(order, middle, trail)
    return Outcome.MOVED


def _take_back(middle: Middle, changes: Changes) -> None:
    """A result that waited for a clerk or for the person may not count any more."""
    for review in middle.reviews:
        review.state = ReviewState.WITHDRAWN
        changes.reviews.append(review)
        changes.trail.note("identity.review.withdrawn", review, case_id=str(middle.case.public_id), kind=review.kind)
    target = C.CHOOSING if middle.case.state == C.IN_REVIEW else C.EXPIRED
    move_case(middle.case, target, trail=changes.trail, reason=SUSPENDED)


def _back_to_choice(order: Suspension, middle: Middle, trail: Trail) -> None:
    case = middle.case
    running = next((each for each in middle.attempts if each.state == A.STARTED), None)
    if running is not None:  # a coupon or link of another method still works
        case.method = running.method
    elif case.state == C.IDENTIFYING:
        move_case(case, C.CHOOSING, trail=trail, reason=SUSPENDED)
    case.end_reason = SUSPENDED


def ask_again(order: Suspension, result: Result, changes: Changes, *, has_newer: bool) -> AffectedCase:
    """Withdraw from use what has identified a person. Existing accesses stay (M4); the person is asked again."""
    case = result.case
    middle = Middle(case, [result.attempt])
    before = snapshot(middle) | {"voided": str(result.pk)}
    result.voided_by = order
    if not has_newer:  # else a newer case of the same purpose is there to go on with
        move_case(case, C.CHOOSING, trail=changes.trail, reason="identification_withdrawn")
        case.expires_at = timezone.now() + timedelta(days=settings.CASE_DAYS)
    changes.results.append(result)
    changes.cases.append(case)
    affected = AffectedCase(
        suspension=order, case=case, outcome=Outcome.ASKED_AGAIN, before=before, carried_at=timezone.now()
    )
    changes.affected.append(affected)
    changes.trail.note("identity.case.met_by_order", case, suspension=order.pk, outcome=Outcome.ASKED_AGAIN.value)
    tell_outcome(changes.trail, case, order, Outcome.ASKED_AGAIN)
    return affected


_EFFECTS = {Effect.FREEZE: _freeze, Effect.FINISH: _let_finish, Effect.MOVE: move_on, Effect.VOID: move_on}


def unused_results(attempts: Sequence[Attempt]) -> list[Result]:
    """Return the results of locked attempts that wait for a clerk, for the person, or in quarantine."""
    waiting = {each.pk: each for each in attempts if each.state in (A.SUCCEEDED, A.LATE, A.QUARANTINED)}
    results = list(Result.objects.filter(attempt__in=waiting, granted_at=None))
    for result in results:
        result.attempt = waiting[result.attempt_id]
        result.case = result.attempt.case
    return results
