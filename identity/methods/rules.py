"""What an order means for one question: pure, from the record, the question and the clock (M2, M3).

A result is judged by the time of identification as the provider states it, not by its arrival.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from identity.methods.choices import Action, AssuranceLevel, Effect, Purpose, QuarantineEnd, Reason

if TYPE_CHECKING:
    from identity.methods.models import Suspension

STRICTEST = (Effect.VOID, Effect.MOVE, Effect.FINISH, Effect.FREEZE)
"""Where several orders stand in the way, the one that leaves least hope is named."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `age` is in full years, None when the birth date is too incomplete to say.

    `person` is a public id: it makes a gradual readmission stable. `begun_at` is when the attempt was begun,
    `identified_at` when the provider says the identification happened (ACCEPT, USE).
    """

    action: Action
    method: str
    purpose: Purpose
    insurer_id: int
    region: str
    age: int | None
    represented: bool = False
    by_staff: bool = False
    level_demanded: AssuranceLevel = AssuranceLevel.HIGH
    person: str = ""
    begun_at: datetime | None = None
    identified_at: datetime | None = None


def stopped_by(
    orders: Iterable[Suspension], provider: str, question: Question, now: datetime
) -> tuple[Reason, Suspension] | None:
    """Return the strictest of the orders that stand in the way of a question, and how it does; None if none does."""
    found = [
        (why, each) for each in orders if _concerns(each, provider, question) and (why := _stops(each, question, now))
    ]
    return min(found, key=lambda pair: (pair[0] is not Reason.SUSPENDED, _rank(pair[1])), default=None)


def _rank(order: Suspension) -> int:
    return STRICTEST.index(Effect(order.effect)) if order.effect in Effect.values else -1


def _concerns(order: Suspension, provider: str, question: Question) -> bool:
    return (
        order.method_id == question.method
        and order.provider in ("", provider)
        and order.purpose in ("", question.purpose)
        and order.insurer_id in (None, question.insurer_id)
        and order.region in ("", question.region)
    )


def _stops(order: Suspension, question: Question, now: datetime) -> Reason | None:
    if order.undone_at is not None or order.never_began:
        return None
    if order.contradicts_itself:
        return Reason.SUSPENDED
    if now < order.effective_from:
        return None
    match question.action:
        case Action.START:
            return Reason.SUSPENDED if order.covers(now) else _not_yet_readmitted(order, question.person, now)
        case Action.RESUME:
            stops = order.covers(now) and not _may_finish(order, question.begun_at, now)
        case Action.ACCEPT:
            stops = _forbids(order, question, now)
        case Action.USE:
            stops = _makes_void(order, question.identified_at or now)
    return Reason.SUSPENDED if stops else None


def _may_finish(order: Suspension, begun_at: datetime | None, moment: datetime) -> bool:
    """Effect finish: begun before the order (who got in at its very moment was first), and not out of time."""
    in_time = order.finish_until is not None and moment < order.finish_until
    return in_time and begun_at is not None and begun_at <= order.effective_from


def _forbids(order: Suspension, question: Question, now: datetime) -> bool:
    """May the result of an identification at that time not count? Whether it has ended since does not matter."""
    identified_at = question.identified_at or now
    if _may_finish(order, question.begun_at, identified_at):
        return False
    if _makes_void(order, identified_at):
        return True
    if order.covers(identified_at):
        return not (order.end is not None and order.end <= now and order.quarantine_end == QuarantineEnd.RELEASE)
    if identified_at >= order.effective_from:
        return False  # after its end
    return order.covers(now) and not order.earlier_results_count


def _makes_void(order: Suspension, identified_at: datetime) -> bool:
    """Effect void: identified between a moment in the past and the end of the order, whenever that was accepted."""
    if order.void_since is None:
        return False
    return order.void_since <= identified_at and (order.end is None or identified_at < order.end)


def _not_yet_readmitted(order: Suspension, person: str, now: datetime) -> Reason | None:
    percent = readmitted_percent(order, now)
    return None if place_of(person, order.pk) < percent else Reason.NOT_YET_READMITTED


def readmitted_percent(order: Suspension, now: datetime) -> int:
    """Return for how many of a hundred people the method is open again after an order: 0 while it is in force."""
    if order.end is None or now < order.end:
        return 0
    if not order.readmission_percents:
        return 100
    step = int((now - order.end) / timedelta(hours=order.readmission_step_hours))
    return order.readmission_percents[step] if step < len(order.readmission_percents) else 100


def place_of(person: str, order_id: int) -> int:
    """Return a person's place from 0 to 99 in a gradual readmission: the same at every door, another for each order."""
    digest = hashlib.sha256(f"{order_id}:{person}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100
