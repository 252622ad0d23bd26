"""The state of every method for everybody (M8): since when, why, and for which purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Min, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.members.models import Insurer
from identity.methods.choices import Action, Purpose, Reason
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Method, Suspension
from identity.methods.rules import Question, readmitted_percent

EVERYBODY = 100  # per cent


class State(StrEnum):
    AVAILABLE = "available"
    RESTRICTED = "restricted"  # suspended for one purpose, insurer or region
    SUSPENDED = "suspended"
    READMITTING = "readmitting"  # admitted again, for some people first
    NOT_OFFERED = "not_offered"  # admitted, but nobody has set it up here
    PLANNED = "planned"  # not admitted (yet)
    UNREADABLE = "unreadable"


WORDS: dict[State, tuple[Any, str]] = {
    State.AVAILABLE: (_("Available"), "success"),
    State.RESTRICTED: (_("Available with restrictions"), "warning"),
    State.SUSPENDED: (_("Suspended"), "warning"),
    State.READMITTING: (_("Open again for some people first"), "warning"),
    State.NOT_OFFERED: (_("Not offered here"), "neutral"),
    State.PLANNED: (_("Planned"), "neutral"),
    State.UNREADABLE: (_("Not known at the moment"), "danger"),
}


@dataclass(frozen=True, slots=True)
class PurposeState:
    """`allowed`: for everybody. `gradually`: admitted again, but not yet for all. `known`: the gate could read."""

    purpose: Purpose
    allowed: bool
    suspended: bool
    admitted_from: date | None
    gradually: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class MethodState:
    """`orders` are in force now, `planned_orders` will be, `past_orders` were: ended, or taken back within minutes."""

    method: Method
    state: State
    since: datetime | date | None
    purposes: list[PurposeState]
    orders: list[Suspension]
    planned_orders: list[Suspension]
    past_orders: list[Suspension]

    @property
    def word(self) -> str:
        return str(WORDS[self.state][0])

    @property
    def kind(self) -> str:
        return WORDS[self.state][1]

    @property
    def open_purposes(self) -> list[str]:
        return [str(each.purpose.label) for each in self.purposes if each.allowed]


def method_states(insurer: Insurer | None = None) -> list[MethodState]:
    """Return every method with its state for somebody of full age, of one insurer or of none in particular.

    Six queries. What the gate cannot read is UNREADABLE. Raises DatabaseError when not even the methods can be read.
    """
    orders = Suspension.objects.select_related("insurer").order_by("effective_from", "pk")
    days = {_first_day(each): Min("admissions__valid_from", filter=Q(admissions__purpose=each)) for each in Purpose}
    found = Method.objects.annotate(**days).order_by("position", "code")  # counting takes the model's own order away
    methods = list(found.prefetch_related(Prefetch("suspensions", orders)))
    pairs = [(method, purpose) for method in methods for purpose in Purpose]
    rulings = decide_all([_question(method, purpose, insurer) for method, purpose in pairs], acting=False)
    answers = {(method.code, purpose): ruling for (method, purpose), ruling in zip(pairs, rulings, strict=True)}
    return [_state_of(method, {purpose: answers[method.code, purpose] for purpose in Purpose}) for method in methods]


def _first_day(purpose: Purpose) -> str:
    return f"first_day_for_{purpose.value}"


def _question(method: Method, purpose: Purpose, insurer: Insurer | None) -> Question:
    return Question(
        action=Action.START, method=method.code, purpose=purpose, insurer_id=insurer.pk if insurer else 0,
        region=insurer.region if insurer else "", age=99, by_staff=True,
    )  # fmt: skip


def _state_of(method: Method, rulings: dict[Purpose, Ruling]) -> MethodState:
    now = timezone.now()
    orders = list(method.suspensions.all())
    in_force = [order for order in orders if order.covers(now)]
    planned = [order for order in orders if order not in in_force and is_planned(order, now)]
    past = [order for order in orders if order not in in_force and order not in planned]
    purposes = [_purpose_state(method, purpose, ruling, past, now) for purpose, ruling in rulings.items()]
    state = _overall(rulings.values(), purposes, in_force)
    return MethodState(method, state, _since(state, purposes, in_force, past), purposes, in_force, planned, past)


def is_planned(order: Suspension, now: datetime) -> bool:
    """Will it begin? Not when it was taken back, or lifted before its beginning."""
    return order.effective_from > now and order.covers(order.effective_from)


def _overall(rulings: Any, purposes: list[PurposeState], in_force: list[Suspension]) -> State:
    if not all(each.known for each in purposes):
        return State.UNREADABLE
    if any(each.allowed for each in purposes):
        return State.RESTRICTED if in_force or any(each.gradually for each in purposes) else State.AVAILABLE
    if any(each.gradually for each in purposes):
        return State.READMITTING
    if any(each.suspended for each in purposes):
        return State.SUSPENDED
    if all(Reason.NOT_ADMITTED in ruling.reasons for ruling in rulings):
        return State.PLANNED
    return State.NOT_OFFERED


def _since(
    state: State, purposes: list[PurposeState], in_force: list[Suspension], past: list[Suspension]
) -> datetime | date | None:
    """Open since the last order for everybody ended, or since it was admitted; suspended since the first order."""
    match state:
        case State.SUSPENDED:
            return min((order.effective_from for order in in_force), default=None)
        case State.AVAILABLE | State.RESTRICTED | State.READMITTING:
            general = [order for order in past if order.undone_at is None and not order.insurer_id and not order.region]
            last_end = max((order.end for order in general if order.end), default=None)
            admitted = (each.admitted_from for each in purposes if each.allowed and each.admitted_from)
            return last_end or min(admitted, default=None)
    return None


def _purpose_state(
    method: Method, purpose: Purpose, ruling: Ruling, past: list[Suspension], now: datetime
) -> PurposeState:
    suitable = not set(ruling.reasons) - {Reason.NOT_YET_READMITTED}
    gradually = suitable and any(_readmits(order, method, purpose, now) for order in past)
    return PurposeState(
        purpose,
        allowed=ruling.allowed and not gradually,
        suspended=ruling.suspension is not None,
        admitted_from=getattr(method, _first_day(purpose)),
        gradually=gradually,
        known=Reason.UNREADABLE not in ruling.reasons,
    )


def _readmits(order: Suspension, method: Method, purpose: Purpose, now: datetime) -> bool:
    """Did the order end for some people first, for no insurer in particular? Whoever is asked for then may differ."""
    concerned = order.purpose in ("", purpose) and order.provider in ("", method.provider)
    general = not order.insurer_id and not order.region and order.undone_at is None
    ended = order.end is not None and order.end <= now
    return concerned and general and ended and readmitted_percent(order, now) < EVERYBODY
