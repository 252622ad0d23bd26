"""What waits for staff, as counts: the first page of the workplace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.accounts.models import Account
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import UNREAD, EntryState
from identity.cases.models import Result, Review
from identity.cases.states import OPEN_REVIEW, AttemptState, ReviewState
from identity.methods.models import Suspension
from identity.workplace.orders import OrderState, state_of

SLOW = timedelta(minutes=5)  # news of a provider that nobody has read for so long: is a worker running?


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the overview, in the shape of components/link_card.html. `name` is the page's address by name."""

    name: str
    title: str
    body: str
    badge: str
    badge_kind: str


def reviews_card(account: Account) -> Card:
    """How many reviews wait, for whom, and how long the oldest has waited."""
    open_ones, proposed = Q(state=ReviewState.OPEN), Q(state=ReviewState.PROPOSED)
    mine = Q(proposed_by=account)
    counted: dict[str, Any] = Review.objects.filter(state__in=OPEN_REVIEW).aggregate(
        waiting=Count("pk", filter=open_ones),
        second=Count("pk", filter=proposed & ~mine),
        own=Count("pk", filter=proposed & mine),
        oldest=Min("raised_at"),
    )
    to_do = counted["waiting"] + counted["second"]
    lines = [
        _("%(count)s for a first clerk, %(second)s for a second one.")
        % {"count": counted["waiting"], "second": counted["second"]},
        _("You proposed %(count)s of them that a colleague has to confirm.") % {"count": counted["own"]}
        if counted["own"]
        else "",
        _oldest(counted["oldest"]),
    ]
    return _card("reviews", _("Reviews"), lines, to_do, "warning")


def inbox_card() -> Card:
    """What the inbox could not settle by itself, and whether anybody reads it at all."""
    dead, person = Q(state=EntryState.DEAD), Q(state=EntryState.FOR_PERSON)
    now = timezone.now()
    counted: dict[str, Any] = InboxEntry.objects.exclude(state=EntryState.DONE).aggregate(
        dead=Count("pk", filter=dead),
        person=Count("pk", filter=person),
        unread=Count("pk", filter=Q(state__in=UNREAD)),
        slow=Count("pk", filter=Q(state__in=UNREAD, next_try_at__lte=now - SLOW)),
        oldest=Min("last_received_at", filter=dead | person),
    )
    lines = [
        _("%(dead)s given up, %(person)s belong to no attempt. %(unread)s are being worked on.") % counted,
        _("Nobody reads the inbox: is a worker running?") if counted["slow"] else "",
        _oldest(counted["oldest"]),
    ]
    kind = "danger" if counted["dead"] or counted["slow"] else "warning"
    return _card("inbox", _("Inbox"), lines, counted["dead"] + counted["person"], kind)


def methods_card(orders: Iterable[Suspension], now: datetime) -> Card:
    """How many methods are suspended now, and what is planned. `orders` are all that are not plainly over."""
    listed = list(orders)
    suspended = len({order.method_id for order in listed if order.covers(now)})
    planned = sum(state_of(order, now) is OrderState.PLANNED for order in listed)
    line = ngettext("%(planned)s suspension is planned.", "%(planned)s suspensions are planned.", planned)
    badge = ngettext("%(count)s method suspended", "%(count)s methods suspended", suspended) % {"count": suspended}
    return Card("methods", _("Methods"), line % {"planned": planned}, badge, "warning" if suspended else "success")


def quarantine_card() -> Card:
    """How many results wait in quarantine until an order is lifted, and how long the oldest has waited."""
    held = Result.objects.filter(held_by__isnull=False, attempt__state=AttemptState.QUARANTINED)
    counted: dict[str, Any] = held.aggregate(count=Count("pk"), oldest=Min("received_at"))
    count = counted["count"]
    badge = ngettext("%(count)s result", "%(count)s results", count) % {"count": count} if count else _("Empty")
    lines = [_("They wait until the suspension is lifted."), _oldest(counted["oldest"])] if count else []
    return Card("quarantine", _("Quarantine"), " ".join(lines), badge, "info" if count else "success")


def _card(name: str, title: str, lines: list[str], to_do: int, kind: str) -> Card:
    badge = ngettext("%(count)s to do", "%(count)s to do", to_do) % {"count": to_do} if to_do else _("Nothing to do")
    return Card(name, title, " ".join(line for line in lines if line), badge, kind if to_do else "success")


def _oldest(moment: datetime | None) -> str:
    return _("The oldest: %(age)s.") % {"age": age(moment)} if moment else ""


def age(moment: datetime) -> str:
    """Return how long ago a moment was, in the largest unit and the next one."""
    return timesince(moment)
