"""How attempts stand: what their state, their coupon and the gate make of them together, for showing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services.moving import question_about
from identity.cases.states import AttemptState
from identity.methods.choices import Action, Effect, Reason
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Suspension

A = AttemptState


class Stand(StrEnum):
    """What a person may make of an attempt now."""

    GOES_ON = "goes_on"
    MAY_FINISH = "may_finish"  # the method is suspended, and this one may go on until a moment
    PAUSED = "paused"  # frozen: the place is kept
    SUSPENDED = "suspended"  # it runs, and the gate says no
    STOPPED = "stopped"  # an order has ended it
    NOT_YET = "not_yet"  # stopped; its method is open again, for others first
    OPEN_AGAIN = "open_again"  # stopped; its method is open again, and its coupon valid
    RESULT_KEPT = "result_kept"  # in quarantine


@dataclass(frozen=True, slots=True)
class Standing:
    """One attempt and what may be made of it. `order` is the one that stands in its way or lets it finish."""

    attempt: Attempt
    stand: Stand
    order: Suspension | None = None

    @property
    def finish_until(self) -> datetime | None:
        """The last moment that an order leaves, unless the coupon ends before."""
        if self.stand is not Stand.MAY_FINISH or self.order is None or self.order.finish_until is None:
            return None
        valid_until = self.attempt.valid_until
        return min(self.order.finish_until, valid_until) if valid_until else self.order.finish_until

    @property
    def last_day(self) -> date | None:
        return last_day_of(self.attempt.valid_until)

    @property
    def may_go_on(self) -> bool:
        return self.stand in (Stand.GOES_ON, Stand.MAY_FINISH)


def standings(case: IdentificationCase, attempts: Sequence[Attempt]) -> list[Standing]:
    """Return how those stand that still mean something to the person, newest first. The gate is asked once."""
    shown = [attempt for attempt in reversed(attempts) if _means_something(attempt)]
    if not shown:
        return []
    questions = [
        question_about(case, action, attempt.method_id, begun_at=attempt.intended_at)
        for attempt in shown
        for action in (Action.RESUME, Action.START)
    ]
    rulings = decide_all(questions, acting=False)
    return [
        _standing(attempt, resume, start)
        for attempt, resume, start in zip(shown, rulings[::2], rulings[1::2], strict=True)
    ]


def _means_something(attempt: Attempt) -> bool:
    return attempt.state == A.QUARANTINED or (attempt.state in (A.STARTED, A.STOPPED) and is_usable(attempt))


def is_usable(attempt: Attempt) -> bool:
    """In time, and with an address: an attempt whose start was lost on the way and found again has none."""
    over = attempt.valid_until is not None and attempt.valid_until <= timezone.now()
    return not over and bool(attempt.continue_url)


def _standing(attempt: Attempt, resume: Ruling, start: Ruling) -> Standing:
    match attempt.state:
        case A.QUARANTINED:
            return Standing(attempt, Stand.RESULT_KEPT, resume.suspension)
        case A.STOPPED:
            return _stopped(attempt, start)
    if not resume.allowed:
        order = resume.suspension
        frozen = order is not None and order.effect == Effect.FREEZE
        return Standing(attempt, Stand.PAUSED if frozen else Stand.SUSPENDED, order)
    if Reason.SUSPENDED in start.reasons and start.suspension and start.suspension.finish_until:
        return Standing(attempt, Stand.MAY_FINISH, start.suspension)
    return Standing(attempt, Stand.GOES_ON)


def _stopped(attempt: Attempt, start: Ruling) -> Standing:
    if start.allowed:
        return Standing(attempt, Stand.OPEN_AGAIN)
    if Reason.NOT_YET_READMITTED in start.reasons:
        return Standing(attempt, Stand.NOT_YET)
    return Standing(attempt, Stand.STOPPED, start.suspension)


def last_day_of(valid_until: datetime | None) -> date | None:
    """Return the last whole day: until midnight means the day before."""
    return timezone.localdate(valid_until - timedelta(seconds=1)) if valid_until else None


def may_result_count(case: IdentificationCase, attempts: Sequence[Attempt], action: Action) -> Ruling | None:
    """Ask the gate whether the result that a case builds on may be taken up (ACCEPT) or used (USE), for showing.

    The attempts come with their results. None when there is none.
    """
    results = [each.result for each in attempts if hasattr(each, "result")]
    if action is Action.ACCEPT:
        results = [each for each in results if each.granted_at is None and each.attempt.state == A.LATE]
    else:
        results = [each for each in results if each.granted_at is not None]
    result = max(results, key=lambda each: (each.voided_by_id is None, each.received_at), default=None)
    if result is None:
        return None
    question = question_about(
        case, action, result.method_used, identified_at=result.identified_at, begun_at=result.attempt.intended_at
    )
    return decide_all([question], acting=False)[0]
