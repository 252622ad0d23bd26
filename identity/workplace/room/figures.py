"""The figures of the room: one statement, so all of them are of the same moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from identity.cases.states import CLOSED_CASE, OPEN_CASE, AttemptState, CaseState

DAYS: Final = 30
LAST_SUCCESSES: Final = 1_000
"""Times are of so many successes a method, the latest: all of a month would have to be sorted each minute."""

_UNDECIDED: Final = (AttemptState.INTENDED, AttemptState.UNREACHED, AttemptState.STARTED, AttemptState.QUARANTINED,
                     AttemptState.CANCELLED, AttemptState.SURPLUS, AttemptState.STOPPED)  # fmt: skip

STATEMENT: Final = """
SELECT 'open', state, NULL::int, count(*)::float, 0::float, 0::float
FROM identity_identificationcase WHERE state = ANY(%(open)s) GROUP BY state
UNION ALL
SELECT 'closed', state, NULL, count(*), 0, 0
FROM identity_identificationcase WHERE closed_at >= %(since)s AND state = ANY(%(closed)s) GROUP BY state
UNION ALL
SELECT 'started', method_id, width_bucket(intended_at, %(days)s) AS day, count(*),
       count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state <> ALL(%(undecided)s))
FROM identity_attempt WHERE intended_at >= %(since)s GROUP BY method_id, day
UNION ALL
SELECT 'succeeded', method_used, width_bucket(identified_at, %(days)s) AS day, count(*), 0, 0
FROM identity_result WHERE granted_at IS NOT NULL AND identified_at >= %(since)s GROUP BY method_used, day
UNION ALL
SELECT 'took', m.code, NULL, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.identified_at - c.opened_at)),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM r.identified_at - c.opened_at))
FROM identity_method m
CROSS JOIN LATERAL (
    SELECT identified_at, case_id FROM identity_result
    WHERE method_used = m.code AND granted_at IS NOT NULL AND identified_at >= %(since)s
    ORDER BY identified_at DESC LIMIT %(latest)s
) r JOIN identity_identificationcase c ON c.id = r.case_id
GROUP BY m.code
UNION ALL
SELECT 'inbox', state, NULL, count(*), coalesce(extract(epoch FROM now() - min(next_try_at)), 0), 0
FROM identity_inboxentry WHERE state <> 'done' GROUP BY state
UNION ALL
SELECT 'messages', state, NULL, count(*), coalesce(extract(epoch FROM now() - min(next_try_at)), 0), 0
FROM core_outgoingmessage WHERE state <> 'sent' GROUP BY state
"""


@dataclass(slots=True)
class MethodFigures:
    """One method over the last weeks, by day. `decided` and `succeeded` are of the attempts begun in that time."""

    starts: dict[date, int] = field(default_factory=dict)
    successes: dict[date, int] = field(default_factory=dict)
    succeeded: int = 0
    decided: int = 0
    median_seconds: float | None = None
    ninetieth_seconds: float | None = None

    @property
    def started(self) -> int:
        return sum(self.starts.values())

    @property
    def identified(self) -> int:
        return sum(self.successes.values())

    @property
    def success_percent(self) -> int | None:
        return round(100 * self.succeeded / self.decided) if self.decided else None


@dataclass(slots=True)
class Figures:
    """`open_cases` are as they stand now, `closed_cases` those that ended in the last weeks; all by state."""

    as_of: datetime
    first_day: date
    open_cases: dict[str, int] = field(default_factory=dict)
    closed_cases: dict[str, int] = field(default_factory=dict)
    methods: dict[str, MethodFigures] = field(default_factory=lambda: defaultdict(MethodFigures))
    inbox: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    oldest_unread_seconds: float = 0.0

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=number) for number in range(DAYS)]

    @property
    def unread(self) -> int:
        return self.inbox.get("received", 0) + self.inbox.get("waiting", 0)

    @property
    def dead_letters(self) -> int:
        """What was given up: news of providers, and messages to people."""
        return self.inbox.get("dead", 0) + self.messages.get("dead", 0)


def read_figures() -> Figures:
    """Read all figures with one query. The planner is told not to compile it: that would take longer than the query."""
    figures = Figures(timezone.now(), timezone.localdate() - timedelta(days=DAYS - 1))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '16MB'; SET LOCAL jit = off")
        cursor.execute(STATEMENT, _values(figures.days))
        for kind, name, day, *values in cursor.fetchall():
            _TAKE[kind](figures, name, figures.days[day - 1] if day else None, *values)
    return figures


def _values(days: list[date]) -> dict[str, Any]:
    starts = [timezone.make_aware(datetime.combine(day, time())) for day in days]
    return {
        "open": [*(state.value for state in OPEN_CASE), CaseState.OFFERED.value],
        "closed": [state.value for state in CLOSED_CASE if state is not CaseState.OFFERED],
        "undecided": [state.value for state in _UNDECIDED],
        "since": starts[0],
        "days": starts,
        "latest": LAST_SUCCESSES,
    }


def _open(figures: Figures, state: str, _day: Any, count: float, *_: float) -> None:
    figures.open_cases[state] = int(count)


def _closed(figures: Figures, state: str, _day: Any, count: float, *_: float) -> None:
    figures.closed_cases[state] = int(count)


def _started(figures: Figures, code: str, day: date, count: float, succeeded: float, decided: float) -> None:
    method = figures.methods[code]
    method.starts[day] = int(count)
    method.succeeded += int(succeeded)
    method.decided += int(decided)


def _succeeded(figures: Figures, code: str, day: date, count: float, *_: float) -> None:
    figures.methods[code].successes[day] = int(count)


def _took(figures: Figures, code: str, _day: Any, _count: float, median: float, ninetieth: float) -> None:
    figures.methods[code].median_seconds, figures.methods[code].ninetieth_seconds = median, ninetieth


def _inbox(figures: Figures, state: str, _day: Any, count: float, seconds: float, *_: float) -> None:
    figures.inbox[state] = int(count)
    if state in ("received", "waiting"):
        figures.oldest_unread_seconds = max(figures.oldest_unread_seconds, seconds)


def _messages(figures: Figures, state: str, _day: Any, count: float, *_: float) -> None:
    figures.messages[state] = int(count)


_TAKE: Final[dict[str, Any]] = {
    "open": _open, "closed": _closed, "started": _started, "succeeded": _succeeded, "took": _took, "inbox": _inbox,
    "messages": _messages,
}  # fmt: skip


def cost_per_case(code: str, figures: MethodFigures) -> Decimal | None:
    """Return what a success with a method has cost, in euros, its attempts without one included; None without any.

    METHOD_FEES_CENTS: what a provider takes for a start and for a success.
    """
    fees = settings.METHOD_FEES_CENTS.get(code)
    if not fees or not figures.identified:
        return None
    started, succeeded = fees
    cents = started * figures.started + succeeded * figures.identified
    return Decimal(cents) / figures.identified / 100
