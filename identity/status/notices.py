"""The orders that are news for people: in force, or planned for the next days, of ways that were open here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from identity.members.models import Insurer
from identity.methods.models import Method, Suspension
from identity.providers.registry import provider_named
from identity.status.method_states import MethodState, is_planned

ANNOUNCED: Final = timedelta(days=7)
"""How long before its beginning an order is announced on the pages."""
BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    order: Suspension
    is_planned: bool

    @property
    def method(self) -> Method:
        return self.order.method


def notices(insurer: Insurer | None = None, purpose: str = "") -> list[Notice]:
    """Return what concerns an insurer and a purpose, the longest standing first. One query; raises DatabaseError."""
    now = timezone.now()
    orders = Suspension.objects.mattering(now).filter(effective_from__lte=now + ANNOUNCED)
    found = _news(orders.select_related("method", "insurer").order_by("effective_from", "pk"), now)
    return [each for each in found if _concerns(each.order, insurer, purpose)]


def notices_of(states: Iterable[MethodState]) -> list[Notice]:
    """The same for everybody, from states that were read before."""
    now = timezone.now()
    orders = [order for state in states for order in (*state.orders, *state.planned_orders)]
    return _news(sorted(orders, key=lambda order: (order.effective_from, order.pk)), now)


def _news(orders: Iterable[Suspension], now: datetime) -> list[Notice]:
    return [
        Notice(order, is_planned=not order.covers(now))
        for order in orders
        if _was_open_here(order) and (order.covers(now) or _is_near(order, now))
    ]


def _is_near(order: Suspension, now: datetime) -> bool:
    return is_planned(order, now) and order.effective_from <= now + ANNOUNCED


def _was_open_here(order: Suspension) -> bool:
    """Not what stood before this installation began, nor a way that nobody has set up here: neither is news."""
    if order.effective_from < order.imposed_at - BACKDATED:
        return False
    method = order.method
    if method.staff_only or not method.provider:
        return True
    try:
        return provider_named(method.provider).offers(method.code)
    except KeyError:
        return False


def _concerns(order: Suspension, insurer: Insurer | None, purpose: str) -> bool:
    if purpose and order.purpose not in ("", purpose):
        return False
    if insurer is None:
        return True
    return order.insurer_id in (None, insurer.pk) and order.region in ("", insurer.region)
