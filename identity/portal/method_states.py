"""The state of every method for everybody (M8): since when, why, and for which purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.methods.choices import Action, Purpose, Reason
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Method, MethodAdmission, Suspension
from identity.methods.rules import Question


class State(StrEnum):
    AVAILABLE = "available"
    RESTRICTED = "restricted"  # suspended for one purpose, insurer or region
    SUSPENDED = "suspended"
    NOT_OFFERED = "not_offered"  # admitted, but nobody has set it up here
    PLANNED = "planned"  # not admitted (yet)
    UNREADABLE = "unreadable"


WORDS: dict[State, tuple[Any, str]] = {
    State.AVAILABLE: (_("Available"), "success"),
    State.RESTRICTED: (_("Available with restrictions"), "warning"),
    State.SUSPENDED: (_("Suspended"), "warning"),
    State.NOT_OFFERED: (_("Not offered here"), "neutral"),
    State.PLANNED: (_("Planned"), "neutral"),
    State.UNREADABLE: (_("Not known at the moment"), "danger"),
}


@dataclass(frozen=True, slots=True)
class PurposeState:
    purpose: Purpose
    allowed: bool
    suspended: bool
    admitted_from: date | None


@dataclass(frozen=True, slots=True)
class MethodState:
    """`orders` are in force now, `planned_orders` will be, `past_orders` were."""

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


def method_states() -> list[MethodState]:
    """Return every method with its state for somebody of full age, of no particular insurer."""
    orders = Suspension.objects.select_related("insurer").order_by("effective_from", "pk")
    methods = list(
        Method.objects.prefetch_related(
            Prefetch("admissions", MethodAdmission.objects.order_by("valid_from")), Prefetch("suspensions", orders)
        )
    )
    pairs = [(method, purpose) for method in methods for purpose in Purpose]
    rulings = decide_all([_question(method, purpose) for method, purpose in pairs], acting=False)
    answers = {(method.code, purpose): ruling for (method, purpose), ruling in zip(pairs, rulings, strict=True)}
    return [_state_of(method, {purpose: answers[method.code, purpose] for purpose in Purpose}) for method in methods]


def _question(method: Method, purpose: Purpose) -> Question:
    return Question(
        action=Action.START, method=method.code, purpose=purpose, insurer_id=0, region="", age=99, by_staff=True
    )


def _state_of(method: Method, rulings: dict[Purpose, Ruling]) -> MethodState:
    now = timezone.now()
    orders = list(method.suspensions.all())
    in_force = [order for order in orders if order.covers(now)]
    planned = [order for order in orders if order not in in_force and order.effective_from > now]
    purposes = [_purpose_state(method, purpose, ruling) for purpose, ruling in rulings.items()]
    state = _overall(list(rulings.values()), in_force)
    since: datetime | date | None = None
    if state is State.SUSPENDED:
        since = min(order.effective_from for order in in_force)
    elif state in (State.AVAILABLE, State.RESTRICTED):
        since = min(each.admitted_from for each in purposes if each.allowed and each.admitted_from)
    past = [order for order in orders if order not in in_force and order not in planned]
    return MethodState(method, state, since, purposes, in_force, planned, past)


def _overall(rulings: list[Ruling], in_force: list[Suspension]) -> State:
    reasons = {reason for ruling in rulings for reason in ruling.reasons}
    if Reason.UNREADABLE in reasons:
        return State.UNREADABLE
    if any(ruling.allowed for ruling in rulings):
        return State.RESTRICTED if in_force else State.AVAILABLE
    if any(ruling.suspension for ruling in rulings):
        return State.SUSPENDED
    if all(Reason.NOT_ADMITTED in ruling.reasons for ruling in rulings):
        return State.PLANNED
    return State.NOT_OFFERED


def _purpose_state(method: Method, purpose: Purpose, ruling: Ruling) -> PurposeState:
    starts = [each.valid_from for each in method.admissions.all() if each.purpose == purpose]
    return PurposeState(purpose, ruling.allowed, ruling.suspension is not None, min(starts, default=None))


def feed(states: list[MethodState]) -> dict[str, Any]:
    """Return the states as JSON values: the public feed and the API."""
    return {"as_of": timezone.now().isoformat(), "methods": [_feed_entry(state) for state in states]}


def _feed_entry(state: MethodState) -> dict[str, Any]:
    method = state.method
    return {
        "code": method.code,
        "name": {"de": method.name_de, "en": method.name_en},
        "setting": method.setting,
        "assurance_level": method.assurance_level.name.lower(),
        "minimum_age": method.minimum_age,
        "recorded_by_staff_only": method.staff_only,
        "state": state.state.value,
        "since": state.since.isoformat() if state.since else None,
        "purposes": {
            each.purpose.value: {
                "open": each.allowed,
                "suspended": each.suspended,
                "admitted_from": each.admitted_from.isoformat() if each.admitted_from else None,
            }
            for each in state.purposes
        },
        "suspensions": [_feed_order(order) for order in [*state.past_orders, *state.orders, *state.planned_orders]],
    }


def _feed_order(order: Suspension) -> dict[str, Any]:
    return {
        "effective_from": order.effective_from.isoformat(),
        "ends_at": order.ends_at.isoformat() if order.ends_at else None,
        "authority": order.authority,
        "order_reference": order.order_reference,
        "text": {"de": order.public_text_de, "en": order.public_text_en},
        "purpose": order.purpose or None,
        "provider": order.provider or None,
        "insurer_ik": order.insurer.ik if order.insurer else None,
        "region": order.region or None,
    }
