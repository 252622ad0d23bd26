"""Orders in words for administrators: how one stands, what it covers, and which ones somebody has to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.methods.choices import Effect, Purpose
from identity.methods.doors import LastDoors
from identity.methods.models import Suspension
from identity.methods.rules import readmitted_percent

SYSTEM = "system"


class OrderState(StrEnum):
    PLANNED = "planned"
    IN_FORCE = "in_force"
    READMISSION = "readmission"  # ended, admitted again for some people first
    ENDED = "ended"
    TAKEN_BACK = "taken_back"


WORDS: dict[OrderState, tuple[Any, str]] = {
    OrderState.PLANNED: (gettext_lazy("Planned"), "info"),
    OrderState.IN_FORCE: (gettext_lazy("In force"), "warning"),
    OrderState.READMISSION: (gettext_lazy("Being admitted again"), "info"),
    OrderState.ENDED: (gettext_lazy("Ended"), "neutral"),
    OrderState.TAKEN_BACK: (gettext_lazy("Taken back"), "neutral"),
}


def state_of(order: Suspension, now: datetime) -> OrderState:
    """Return how an order stands. For showing only: whether a method may be used is asked of the gate."""
    if order.undone_at is not None:
        return OrderState.TAKEN_BACK
    if order.covers(now):
        return OrderState.IN_FORCE
    if order.never_began:
        return OrderState.ENDED
    if now < order.effective_from:
        return OrderState.PLANNED
    if readmitted_percent(order, now) < 100 or (order.readmission_percents and order.over_at and now < order.over_at):
        return OrderState.READMISSION
    return OrderState.ENDED


def needs_second_person(order: Suspension) -> bool:
    """It was imposed by one, an administrator or the automatic stop, and nobody has confirmed it (M7)."""
    return not (order.confirmed_by or order.evidence or order.undone_at or came_with_the_installation(order))


def came_with_the_installation(order: Suspension) -> bool:
    """It is older than its record: nobody has imposed it here. What is imposed here never begins before that."""
    return order.imposed_by == SYSTEM and order.effective_from < order.imposed_at


def can_be_lifted(order: Suspension, now: datetime) -> bool:
    return not (order.undone_at or order.evidence) and (order.end is None or order.end > now)


def is_due_for_review(order: Suspension, now: datetime) -> bool:
    """The day has come on which somebody wanted to look at it again, and it still stands."""
    return order.covers(now) and order.review_on <= timezone.localdate(now)


def described(order: Suspension, now: datetime | None = None) -> dict[str, Any]:
    """Return an order with its title, scope and state in words, and what can still be done about it."""
    now = now or timezone.now()
    state = state_of(order, now)
    return {
        "order": order,
        "title": title_of(order),
        "scope": scope_of(order),
        "state": WORDS[state][0],
        "badge": WORDS[state][1],
        "is_planned": order.effective_from > now,
        "percent": readmitted_percent(order, now) if state is OrderState.READMISSION else None,
        "can_end": can_be_lifted(order, now),
        "needs_second_person": needs_second_person(order),
        "is_due": is_due_for_review(order, now),
        "effect": Effect(order.effect).label if order.effect in Effect.values else order.effect,
    }


def title_of(order: Suspension) -> str:
    """Return authority and reference; the authority once, where the reference names it."""
    named = order.authority in order.order_reference
    return order.order_reference if named else f"{order.authority}, {order.order_reference}"


def scope_of(order: Suspension) -> str:
    scope = [
        str(Purpose(order.purpose).label) if order.purpose else "",
        _("provider %(name)s") % {"name": order.provider} if order.provider else "",
        order.insurer.name if order.insurer else "",
        _("region %(name)s") % {"name": order.region} if order.region else "",
    ]
    return ", ".join(part for part in scope if part) or _("everywhere")


def door_warnings(doors: LastDoors) -> list[str]:
    """Return in words which doors an order would close; for red."""
    found = [
        _("Then there is no online method left for: %(purpose)s.") % {"purpose": purpose.label}
        for purpose in doors.purposes
    ]
    if doors.closes_online_id:
        found.append(
            _("This is the online ID function. The law demands that it is offered (SGB V § 291 (3) no. 2).")
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Attention:
    """Orders that somebody has to look at, the longest waiting first; in the shape of workplace/attention.html."""

    unconfirmed: list[dict[str, Any]]
    due: list[dict[str, Any]]

    @property
    def since(self) -> datetime | None:
        """Since when the first of them waits for a second person."""
        return min((each["order"].imposed_at for each in self.unconfirmed), default=None)


def attention(orders: Iterable[Suspension], now: datetime) -> Attention:
    """Return which of these orders nobody has confirmed, and which are to be looked at again. No query."""
    listed = [described(order, now) for order in orders]
    unconfirmed = [each for each in listed if each["needs_second_person"]]
    due = [each for each in listed if each["is_due"]]
    return Attention(
        sorted(unconfirmed, key=lambda each: each["order"].imposed_at),
        sorted(due, key=lambda each: each["order"].review_on),
    )


def orders_that_matter(now: datetime) -> list[Suspension]:
    """Return the orders that are not plainly over, with what words need. One query."""
    return list(Suspension.objects.mattering(now).select_related("method", "insurer").order_by("effective_from", "pk"))
