"""What brings people back: the time to finish is over, a freeze ends, results leave quarantine, an order is undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.actors import SYSTEM
from core.bulk import write_changed
from identity.cases.effects.applying import SUSPENDED, Changes, Middle, words_of
from identity.cases.effects.finding import freezing_orders
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.models import PAUSED_OUT, Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import Trail, move_attempt, move_case, question_about, save_moved
from identity.cases.services.settling import JUDGED_FIELDS, Settlement, announce, judge_result, known_persons
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.methods.choices import Action
from identity.methods.gate import decide_all
from identity.methods.models import Method, Suspension

A, C = AttemptState, CaseState
Outcome = AffectedCase.Outcome
BATCH = 500


def finish_over(run: OrderRun) -> int:
    """Who has not finished in time chooses another way."""
    order = run.suspension
    affected = _next(run, Q(outcome=Outcome.MAY_FINISH))
    changes = Changes(Trail(SYSTEM))
    for each, middle in _with_rows(affected):
        late = [attempt for attempt in middle.mine(order) if attempt.state == A.STARTED]
        if late and middle.case.state in (C.CHOOSING, C.IDENTIFYING):
            for attempt in late:
                move_attempt(attempt, A.STOPPED, trail=changes.trail, reason=SUSPENDED)
            if middle.case.state == C.IDENTIFYING and not any(a.state == A.STARTED for a in middle.attempts):
                move_case(middle.case, C.CHOOSING, trail=changes.trail, reason=SUSPENDED)
            changes.attempts += late
            changes.cases.append(middle.case)
            changes.trail.tell(middle.case, "finish_over", once=str(order.pk), **words_of(order, middle.case))
        _close(each, AffectedCase.Closing.FINISH_OVER)
    _write(changes, affected)
    return len(affected)


def thaw(run: OrderRun) -> int:
    """Let the clocks run again: every deadline moves by exactly the length of the pause."""
    order = run.suspension
    affected = _next(run, Q(outcome=Outcome.FROZEN))
    pairs = _with_rows(affected)
    others = freezing_orders([middle.case for _each, middle in pairs])
    ends = _last_ends(order, affected)
    changes = Changes(Trail(SYSTEM))
    for each, middle in pairs:
        still = [other for other in others.get(middle.case.pk, []) if other.pk != order.pk]
        if middle.case.frozen_since is not None and not still:
            _move_deadlines(order, middle, changes, end=ends.get(each.case_id))
        _close(each, AffectedCase.Closing.THAWED)
    _write(changes, affected)
    return len(affected)


def _last_ends(order: Suspension, affected: Sequence[AffectedCase]) -> dict[int, datetime]:
    """When the last of the orders ended that have frozen a case: of several that end, any may be carried out last."""
    cases = [each.case_id for each in affected]
    thawed = AffectedCase.objects.filter(case__in=cases, outcome=Outcome.FROZEN, closing=AffectedCase.Closing.THAWED)
    met = [(each.case_id, each.suspension) for each in thawed.select_related("suspension")]
    found: dict[int, datetime] = {}
    for case, each in [*met, *((case, order) for case in cases)]:
        if each.end is not None:
            found[case] = max(found.get(case, each.end), each.end)
    return found


def _move_deadlines(order: Suspension, middle: Middle, changes: Changes, *, end: datetime | None) -> None:
    case = middle.case
    if end is None or case.frozen_since is None:
        return
    pause = max(end - case.frozen_since, timedelta(0))
    case.expires_at += pause
    if case.offered_until is not None:
        case.offered_until += pause
    case.frozen_since = None
    for attempt in middle.mine(order):
        if attempt.state == A.STARTED and attempt.valid_until is not None and attempt.valid_until <= timezone.now():
            move_attempt(attempt, A.EXPIRED, trail=changes.trail, reason=PAUSED_OUT)
            changes.attempts.append(attempt)
    if case.state == C.IDENTIFYING and not any(a.state in (A.STARTED, A.QUARANTINED) for a in middle.attempts):
        move_case(case, C.CHOOSING, trail=changes.trail, reason=PAUSED_OUT)
    changes.cases.append(case)
    changes.trail.note("identity.case.thawed", case, suspension=order.pk, pause_seconds=int(pause.total_seconds()))
    if not any(attempt.state == A.QUARANTINED for attempt in middle.attempts):  # else the result speaks for itself
        until = case.offered_until if case.state == C.OFFERED and case.offered_until else case.expires_at
        changes.trail.tell(case, "resumed", once=str(order.pk), until=until.isoformat(), **words_of(order, case))


def release(run: OrderRun) -> int:
    """Judge results again that an order has held, in the order of their identification: the gate says if they count."""
    order = run.suspension
    held = Result.objects.filter(held_by=order, attempt__state=A.QUARANTINED)
    return _judge_again(list(held.order_by("identified_at", "pk").values_list("pk", "case_id")[:BATCH]))


def _judge_again(keys: Sequence[tuple[Any, int]]) -> int:
    if not keys:
        return 0
    cases = _locked_cases([case for _result, case in keys])
    related = Result.objects.filter(pk__in=[key for key, _case in keys]).select_related("attempt", "attempt__method")
    results = list(related.order_by("identified_at", "pk"))
    for result in results:
        result.case = result.attempt.case = cases[result.case_id]
    settlement = Settlement(
        Trail(SYSTEM),
        Method.objects.in_bulk(),
        known_persons([bytes(result.person_hash) for result in results if result.person_hash]),
    )
    questions = [
        question_about(each.case, Action.ACCEPT, each.method_used, identified_at=each.identified_at,
                       begun_at=each.attempt.intended_at)
        for each in results
    ]  # fmt: skip
    for result, ruling in zip(results, decide_all(questions), strict=True):
        settlement.changed(result.attempt)
        settlement.judged_again.append(result)
        judge_result(result, ruling, settlement)
    settlement.write()
    return len(results)


def undo(run: OrderRun) -> int:
    """Bring everything back as it was, but for what people have done themselves since."""
    order = run.suspension
    affected = _next(run, Q())
    if not affected:
        released = _release_withheld(order)
        if not released:
            _let_others_meet_again(order)
        return released
    changes = Changes(Trail(SYSTEM))
    identified: list[IdentificationCase] = []
    for each, middle in _with_rows(affected):
        if _restore(each, middle, changes):
            identified.append(middle.case)
        changes.trail.note("identity.case.order_undone", middle.case, suspension=order.pk)
        if each.outcome != Outcome.KEPT:
            changes.trail.tell(middle.case, "suspension_undone", once=str(order.pk), **words_of(order, middle.case))
        _close(each, AffectedCase.Closing.UNDONE)
    announce(identified)
    _write(changes, affected)
    return len(affected)


def _release_withheld(order: Suspension) -> int:
    """Results that came while the order stood are judged as if they came now."""
    held = Result.objects.filter(held_by=order, attempt__state__in=[A.WITHHELD, A.QUARANTINED]).select_related(
        "attempt"
    )
    results = list(held.order_by("identified_at", "pk")[:BATCH])
    if not results:
        return 0
    cases = _locked_cases([result.case_id for result in results])
    trail = Trail(SYSTEM)
    withheld = [result.attempt for result in results if result.attempt.state == A.WITHHELD]
    for attempt in withheld:
        attempt.case = cases[attempt.case_id]
        move_attempt(attempt, A.QUARANTINED, trail=trail, reason="order_undone")
    save_moved([], withheld)
    done = _judge_again([(result.pk, result.case_id) for result in results])
    trail.write()
    return done


def _let_others_meet_again(order: Suspension) -> None:
    """Who goes on where the order had stopped them may stand in the middle of another one that has passed them by.

    Those that stand begin anew, also in the midst of their work; whom they have met they do not meet twice.
    """
    others = Suspension.objects.in_force(timezone.now())
    standing = [each.pk for each in others if each.method_id == order.method_id]
    OrderRun.objects.filter(phase=OrderRun.Phase.MIDDLE, suspension__in=standing).update(finished_at=None, cursor="")


def _restore(affected: AffectedCase, middle: Middle, changes: Changes) -> bool:
    """Put a case's rows back; return whether its person is identified again."""
    before, case = affected.before, middle.case
    _restore_attempts(before["attempts"], middle, changes)
    _restore_reviews(before.get("reviews", {}), changes)
    voided = _voided(before.get("voided", ""), case)
    if voided is not None:
        voided.voided_by = None
        changes.results.append(voided)
    was = before["case"]
    changes.cases.append(case)
    if voided is None and _went_on(affected, middle):
        if case.frozen_since is not None and was["frozen_since"] is None:
            case.frozen_since = None
        return False
    if case.state != was["state"]:
        move_case(case, C(was["state"]), trail=changes.trail, reason=was["end_reason"])
    case.end_reason, case.method_id = was["end_reason"], was["method"]
    for name in ("expires_at", "offered_until", "closed_at", "frozen_since"):
        setattr(case, name, parse_datetime(was[name]) if was[name] else None)
    return voided is not None


def _voided(result_id: str, case: IdentificationCase) -> Result | None:
    """The result that an order withdrew from use, unless another one has identified the person since."""
    if not result_id or Result.objects.filter(case=case, granted_at__isnull=False, voided_by=None).exists():
        return None
    return Result.objects.filter(pk=result_id).first()


def _went_on(affected: AffectedCase, middle: Middle) -> bool:
    """Has the person done something since, or has a result come? Then that stays."""
    newer = any(attempt.intended_at > affected.carried_at for attempt in middle.attempts)
    ours = {Outcome.MOVED: (C.CHOOSING, C.EXPIRED, C.IDENTIFYING), Outcome.ASKED_AGAIN: (C.CHOOSING,)}
    usual = (affected.before["case"]["state"],)
    return newer or middle.case.state not in (*ours.get(Outcome(affected.outcome), ()), *usual)


def _restore_attempts(before: dict[str, Any], middle: Middle, changes: Changes) -> None:
    for attempt in middle.attempts:
        state, reason, decided_at = before.get(str(attempt.pk), [attempt.state, "", None])
        ours = (attempt.state == A.STOPPED and state == A.STARTED) or (
            attempt.state == A.WITHHELD and attempt.reason == SUSPENDED and state in (A.SUCCEEDED, A.LATE)
        )
        if not ours:
            continue
        if attempt.state == A.WITHHELD:
            for result in Result.objects.filter(attempt=attempt, held_by__isnull=False):
                result.held_by = None
                changes.results.append(result)
        move_attempt(attempt, A(state), trail=changes.trail, reason=reason)
        attempt.decided_at = parse_datetime(decided_at) if decided_at else None
        changes.attempts.append(attempt)


def _restore_reviews(before: dict[str, str], changes: Changes) -> None:
    if not before:
        return
    for review in Review.objects.filter(pk__in=before, state=ReviewState.WITHDRAWN):
        review.state = before[str(review.pk)]
        changes.reviews.append(review)


def _next(run: OrderRun, which: Q) -> list[AffectedCase]:
    """Return the next cases of an order that are not closed, with their rows locked by key."""
    found = run.suspension.affected.filter(which, closing="").order_by("case_id")
    return list(found[:BATCH])


def _locked_cases(keys: Sequence[int]) -> dict[int, IdentificationCase]:
    locked = IdentificationCase.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {case.pk: case for case in locked.select_related("insurant", "insurant__account", "insurer", "method")}


def _with_rows(affected: Sequence[AffectedCase]) -> list[tuple[AffectedCase, Middle]]:
    """Return each with its locked case and its attempts."""
    cases = _locked_cases([each.case_id for each in affected])
    middles = {key: Middle(case, []) for key, case in cases.items()}
    for attempt in Attempt.objects.filter(case__in=cases).select_related("method").order_by("intended_at"):
        attempt.case = cases[attempt.case_id]
        middles[attempt.case_id].attempts.append(attempt)
    return [(each, middles[each.case_id]) for each in affected]


def _close(affected: AffectedCase, closing: AffectedCase.Closing) -> None:
    affected.closing, affected.closed_at = closing, timezone.now()


def _write(changes: Changes, affected: Sequence[AffectedCase]) -> None:
    save_moved(changes.cases, changes.attempts)
    write_changed(changes.reviews, ["state"])
    write_changed(changes.results, JUDGED_FIELDS)
    write_changed(affected, ["closing", "closed_at"])
    changes.trail.write()
