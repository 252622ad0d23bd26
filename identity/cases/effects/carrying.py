"""Carrying out an order in batches: each in one transaction, with a cursor, so that a crash costs one batch.

The block itself does not wait for this: the gate reads the record. Lock order: the run, cases by key, the gate, audit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.actors import SYSTEM
from core.bulk import copy_new, write_changed
from identity.cases.effects.applying import Changes, Middle, apply_order, ask_again, unused_results
from identity.cases.effects.finding import cases_in_the_middle, results_to_void
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.effects.returning import finish_over, release, thaw, undo
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import Trail, question_about, save_moved
from identity.cases.services.settling import JUDGED_FIELDS
from identity.cases.states import OPEN_CASE, OPEN_REVIEW
from identity.methods.choices import Action, Effect
from identity.methods.gate import decide_all, hold
from identity.methods.models import Suspension
from identity.signals import identification_withdrawn

log = structlog.get_logger(__name__)

BATCH = 500
P = OrderRun.Phase
Step = Callable[[OrderRun], int]


def carry_out_orders(*, batches: int = 1000) -> int:
    """Carry out what is due of all orders, `batches` batches at most; return how many rows were done.

    Safe to run many times at once: each run is worked on by one at a time, the others go on to the next.
    """
    done = 0
    finished = set(OrderRun.objects.filter(finished_at__isnull=False).values_list("suspension_id", "phase"))
    for order in Suspension.objects.order_by("pk"):
        for phase in due_phases(order, timezone.now()):
            if (order.pk, phase.value) in finished:
                continue
            while batches > 0 and (worked := _try_batch(order.pk, phase)) is not None:
                batches -= 1
                done += worked
    return done


def _try_batch(order_id: int, phase: OrderRun.Phase) -> int | None:
    """Do one batch; if it breaks, nothing of it stands, the log names it, and other orders do not wait for it."""
    try:
        return _batch(order_id, phase)
    except Exception:
        log.exception("order_batch_broke", suspension=order_id, phase=phase.value)
        return None


def due_phases(order: Suspension, now: datetime) -> list[OrderRun.Phase]:
    """Return the phases of an order whose moment has come, in their order."""
    if now < order.effective_from or order.never_began:
        return []
    if order.undone_at is not None:
        return [P.UNDO]
    freezes = order.effect == Effect.FREEZE
    # Whom nobody has moved before the end need not be moved any more; clocks that stood still have to be moved on.
    phases = [P.MIDDLE] if freezes or order.covers(now) else []
    if order.effect == Effect.VOID:
        phases.append(P.VOIDING)
    if order.effect == Effect.FINISH and order.finish_until is not None and order.finish_until <= now:
        phases.append(P.FINISH_OVER)
    if freezes and order.end is not None and order.end <= now:
        phases += [P.THAW, P.RELEASE]
    return phases


@transaction.atomic
def _batch(order_id: int, phase: OrderRun.Phase) -> int | None:
    """Do one batch of a phase; return how many rows, or None when it is finished or somebody else is on it."""
    _open_run(order_id, phase)
    run = OrderRun.objects.select_for_update(skip_locked=True).filter(suspension=order_id, phase=phase).first()
    if run is None or run.finished_at is not None:
        return None
    order = Suspension.objects.get(pk=order_id)
    if phase not in due_phases(order, timezone.now()):  # taken back meanwhile
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
        return None
    run.suspension = order
    if not run.done:
        run.total = _COUNTS[phase](order) if phase in _COUNTS else 0
    worked = _STEPS[phase](run)
    run.done += worked
    run.finished_at = None if worked else timezone.now()
    run.save()
    if not worked:
        log.info("order_phase_finished", suspension=order_id, phase=phase.value, done=run.done)
    return worked or None


def _open_run(order_id: int, phase: OrderRun.Phase) -> None:
    fresh = OrderRun(suspension_id=order_id, phase=phase, started_at=timezone.now())
    OrderRun.objects.bulk_create([fresh], ignore_conflicts=True)


def _carry_middle(run: OrderRun) -> int:
    """Meet the next cases: lock them, ask the gate about results nobody has used, do what the order says."""
    order = run.suspension
    unmet = cases_in_the_middle(order).exclude(Exists(order.affected.filter(case=OuterRef("pk"))))
    keys = list(unmet.filter(pk__gt=int(run.cursor or 0)).values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    run.cursor = str(keys[-1])
    still = set(unmet.filter(pk__in=_locked(keys)).values_list("pk", flat=True))
    if not still_stands(order):
        return 0
    changes = Changes(Trail(SYSTEM))
    for middle in _middles(order, sorted(still)):
        apply_order(order, middle, changes)
    write(changes)
    return len(keys)


def _locked(keys: Sequence[int]) -> list[int]:
    locked = IdentificationCase.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def still_stands(order: Suspension) -> bool:
    """Under the gate's lock: has the order not been taken back since?"""
    hold([order.method_id])
    return not Suspension.objects.filter(pk=order.pk, undone_at__isnull=False).exists()


def _middles(order: Suspension, keys: Sequence[int]) -> list[Middle]:
    cases = IdentificationCase.objects.select_related("insurant", "insurant__account", "insurer").in_bulk(keys)
    middles = {key: Middle(cases[key], []) for key in keys}
    attempts = list(Attempt.objects.filter(case__in=keys).select_related("method").order_by("intended_at"))
    for attempt in attempts:
        attempt.case = cases[attempt.case_id]
        middles[attempt.case_id].attempts.append(attempt)
    for review in Review.objects.filter(case__in=keys, state__in=OPEN_REVIEW):
        review.case = cases[review.case_id]
        middles[review.case_id].reviews.append(review)
    mine = [each for middle in middles.values() for each in middle.mine(order)]
    results = unused_results(mine)
    questions = [
        question_about(each.case, Action.ACCEPT, each.method_used, identified_at=each.identified_at,
                       begun_at=each.attempt.intended_at)
        for each in results
    ]  # fmt: skip
    for result, ruling in zip(results, decide_all(questions) if questions else [], strict=True):
        middles[result.case_id].results.append((result, ruling))
    return list(middles.values())


def _carry_voiding(run: OrderRun) -> int:
    """Withdraw the next results from use and ask their people again."""
    order = run.suspension
    found = results_to_void(order).order_by("case_id")
    keys = list(found.filter(case__gt=int(run.cursor or 0)).values_list("case_id", flat=True)[:BATCH])
    if not keys:
        return 0
    run.cursor = str(keys[-1])
    _locked(keys)
    if not still_stands(order):
        return 0
    related = ("attempt", "attempt__method", "case", "case__insurant", "case__insurant__account", "case__insurer")
    results = list(found.filter(case__in=keys).select_related(*related))
    people = [result.case.insurant_id for result in results]
    newer = set(IdentificationCase.objects.filter(insurant__in=people, state__in=OPEN_CASE)
                .values_list("insurant_id", "purpose"))  # fmt: skip
    changes = Changes(Trail(SYSTEM))
    for result in results:
        result.attempt.case = result.case
        ask_again(order, result, changes, has_newer=(result.case.insurant_id, result.case.purpose) in newer)
    write(changes)
    ids = [result.case.public_id for result in results]
    transaction.on_commit(partial(identification_withdrawn.send, IdentificationCase, case_ids=ids))
    return len(keys)


def write(changes: Changes) -> None:
    """Write a batch, one statement a table; the trail last."""
    save_moved(changes.cases, changes.attempts)
    write_changed(changes.reviews, ["state"])
    write_changed(changes.results, JUDGED_FIELDS)
    copy_new(changes.affected)
    changes.trail.write()


_STEPS: dict[OrderRun.Phase, Step] = {
    P.MIDDLE: _carry_middle,
    P.VOIDING: _carry_voiding,
    P.FINISH_OVER: finish_over,
    P.THAW: thaw,
    P.RELEASE: release,
    P.UNDO: undo,
}
_COUNTS: dict[OrderRun.Phase, Callable[[Suspension], int]] = {
    P.MIDDLE: lambda order: cases_in_the_middle(order).count(),
    P.VOIDING: lambda order: results_to_void(order).count(),
    P.FINISH_OVER: lambda order: order.affected.filter(outcome=AffectedCase.Outcome.MAY_FINISH, closing="").count(),
    P.THAW: lambda order: order.affected.filter(outcome=AffectedCase.Outcome.FROZEN, closing="").count(),
    P.RELEASE: lambda order: Result.objects.filter(held_by=order, attempt__state="quarantined").count(),
    P.UNDO: lambda order: order.affected.filter(closing="").count(),
}
