"""The automatic stop of a readmission: a method that fails far more often than before is stopped again (M7).

The machine only ever stops. Its order waits for an administrator's confirmation like any other; lifting it takes two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM
from identity.methods.choices import Effect
from identity.methods.gate import hold
from identity.methods.models import Suspension
from identity.methods.records import MethodChange
from identity.methods.rules import readmitted_percent
from identity.methods.services.imposing import impose_suspension
from identity.methods.services.writing import write_down

log = structlog.get_logger(__name__)

BEFORE: Final = timedelta(days=30)
"""The time before an order that its method is compared with."""
REVIEW_DAYS: Final = 7
LAST_DOOR_REASON: Final = (
    "The method fails far more often than before the suspension. Whoever tries it meets a wall; other ways stay open."
)
REASON: Final = (
    "Stopped by itself: since its readmission {failed} of {decided} attempts have failed ({percent} %), and {limit} % "
    "would have been the limit."
)
TEXTS: Final = {
    "public_text_de": (
        "Dieses Verfahren war wieder geöffnet, hat aber ungewöhnlich oft nicht funktioniert. Wir haben es deshalb "
        "angehalten und prüfen, woran es liegt. Bestehende Zugänge zur ePA sind nicht betroffen."
    ),
    "public_text_en": (
        "This method was open again, but has failed unusually often. So we have paused it and look into the cause. "
        "Existing access to the ePA is not affected."
    ),
    "public_text_plain": (
        "Dieses Verfahren geht im Moment nicht. Es hat zu oft nicht geklappt. Wir prüfen das. Es gibt andere Wege. Wer "
        "schon einen Zugang zur ePA hat, behält ihn."
    ),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """How many attempts of a method were decided in a time, and how many of them failed."""

    failed: int
    decided: int

    @property
    def percent(self) -> float:
        return 100 * self.failed / self.decided if self.decided else 0.0


Count = Callable[[Suspension, datetime, datetime], Figures]
"""Figures of an order's scope, of the attempts that were begun from one moment until before another."""


def stop_failing_readmissions(count: Count) -> list[Suspension]:
    """Stop again what fails too often since its readmission; return the new orders. Safe to run twice at once."""
    now = timezone.now()
    ended = Suspension.objects.filter(undone_at=None, ends_at__lte=now).order_by("pk")
    return [stop for order in ended if is_watched(order, now) and (stop := _stop_if_failing(order, count))]


def is_watched(order: Suspension, now: datetime) -> bool:
    """Is its method being let in again step by step, or has it been open for all for a short while only?"""
    if order.end is None or now < order.end:
        return False
    fresh = now < order.end + timedelta(hours=settings.READMISSION_WATCH_HOURS)
    return fresh or 0 < readmitted_percent(order, now) < 100


def limit_percent(before: Figures) -> float:
    """Return the failure rate that must not be exceeded, from the figures of the time before the order."""
    enough = before.decided >= settings.READMISSION_LEAST_ATTEMPTS
    usual = before.percent if enough else float(settings.READMISSION_FAILURE_PERCENT)
    return float(settings.READMISSION_FACTOR * max(usual, settings.READMISSION_LEAST_PERCENT))


def first_order(order: Suspension) -> Suspension:
    """Return the order at the beginning of a chain of stops: only what was before it shows what is usual."""
    stops = MethodChange.objects.filter(kind=MethodChange.Kind.READMISSION_STOPPED).select_related("suspension")
    while (change := stops.filter(facts__stop=order.pk).first()) and change.suspension:
        order = change.suspension
    return order


def reference_of(order: Suspension) -> str:
    return f"readmission stop of {order.pk}"


@transaction.atomic
def _stop_if_failing(order: Suspension, count: Count) -> Suspension | None:
    now = timezone.now()
    since = count(order, order.end or now, now)
    if since.decided < settings.READMISSION_LEAST_ATTEMPTS:
        return None
    first = first_order(order)
    limit = limit_percent(count(first, first.effective_from - BEFORE, first.effective_from))
    if since.percent <= limit:
        return None
    hold([order.method_id], exclusive=True)
    # Once for each order: who has lifted the stop, or has taken it back, knows of it.
    if Suspension.objects.filter(method=order.method_id, order_reference=reference_of(order)).exists():
        return None
    stop = impose_suspension(_draft(order, since, limit), actor=SYSTEM)
    write_down(
        MethodChange.Kind.READMISSION_STOPPED, order, SYSTEM, stop=stop.pk, failed=since.failed, decided=since.decided,
        limit_percent=round(limit),
    )  # fmt: skip
    log.warning("readmission_stopped", method=order.method_id, suspension=order.pk, stop=stop.pk)
    return stop


def _draft(order: Suspension, since: Figures, limit: float) -> Suspension:
    return Suspension(
        method=order.method,
        provider=order.provider,
        purpose=order.purpose,
        insurer=order.insurer,
        region=order.region,
        authority="Vorweis",
        order_reference=reference_of(order),
        reason=REASON.format(
            failed=since.failed, decided=since.decided, percent=round(since.percent), limit=round(limit)
        ),
        last_door_reason=LAST_DOOR_REASON,
        review_on=timezone.localdate() + timedelta(days=REVIEW_DAYS),
        effect=Effect.FREEZE,
        **TEXTS,
    )
