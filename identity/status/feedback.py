"""What readers say about the status page: taken from everybody, shown to administrators, forgotten after a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone

from core.limits import Limit, hit_all
from core.scrub import scrub_text
from identity.status.models import LONGEST, StatusFeedback

WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Week:
    """The answers of a week that begins on a Monday."""

    monday: date
    helpful: int
    not_helpful: int
    texts: int


def give_feedback(page: str, *, helpful: bool, text: str, language: str, address: str) -> StatusFeedback:
    """Keep one answer. Numbers and addresses are blanked out of the text; the sender's address is only counted.

    Must be called outside transactions. Raises LimitReached.
    """
    limits = settings.STATUS_FEEDBACK_LIMITS
    keys = {"address": address, "global": "all"}
    hit_all([Limit(f"status_feedback.{name}", keys[name], *limits[name]) for name in keys])
    cleaned = scrub_text(text.strip())[:LONGEST]
    return StatusFeedback.objects.create(
        page=page, helpful=helpful, text=cleaned, has_text=bool(cleaned), language=language
    )


def feedback_by_week() -> list[Week]:
    """Return the last weeks in which somebody answered, newest first. One query."""
    since = timezone.now() - timedelta(weeks=WEEKS_SHOWN)
    rows = (
        StatusFeedback.objects.filter(given_at__gte=since)
        .annotate(week=TruncWeek("given_at"))
        .values("week")
        .annotate(
            yes=Count("pk", filter=Q(helpful=True)),
            no=Count("pk", filter=Q(helpful=False)),
            texts=Count("pk", filter=Q(has_text=True)),
        )
        .order_by("-week")
    )
    return [Week(row["week"].date(), row["yes"], row["no"], row["texts"]) for row in rows]


def forget_feedback() -> int:
    """Delete answers that are older than STATUS_FEEDBACK_DAYS; return how many."""
    until = timezone.now() - timedelta(days=settings.STATUS_FEEDBACK_DAYS)
    deleted, _by_model = StatusFeedback.objects.filter(given_at__lt=until).delete()
    return deleted
