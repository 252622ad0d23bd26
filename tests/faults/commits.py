"""The order of commits, as PostgreSQL kept it (track_commit_timestamp is on in a stack)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

# A row of the audit trail is never updated: the transaction that wrote it is the one that made the change.
EVENTS = """
SELECT count(*) FILTER (WHERE pg_xact_commit_timestamp(event.xmin) <= stop.at AND event.seq < stop.seq),
       count(*) FILTER (WHERE pg_xact_commit_timestamp(event.xmin) > stop.at OR event.seq > stop.seq)
FROM core_auditevent AS event,
     (SELECT seq, pg_xact_commit_timestamp(xmin) AS at FROM core_auditevent WHERE name = 'identity.suspension.imposed')
         AS stop
WHERE event.name = ANY(%s) AND event.facts->>'method' = %s
"""
GRANTS = """
SELECT count(*) FILTER (WHERE pg_xact_commit_timestamp(result.xmin) <= pg_xact_commit_timestamp(suspension.xmin)),
       count(*) FILTER (WHERE pg_xact_commit_timestamp(result.xmin) > pg_xact_commit_timestamp(suspension.xmin))
FROM identity_result AS result
JOIN identity_suspension AS suspension ON suspension.method_id = result.method_used
WHERE result.granted_at IS NOT NULL AND suspension.ends_at IS NULL
"""
STARTS = ["identity.attempt.intended", "identity.attempt.started"]
IDENTIFIED = ["identity.case.identified"]


@dataclass(frozen=True, slots=True)
class Around:
    """How many were committed before a suspension, and after it."""

    before: int
    after: int


def starts_around(method: str) -> Around:
    """Intents and starts of a method around the one suspension that was imposed."""
    return _around(EVENTS, STARTS, method)


def identified_around(method: str) -> Around:
    """Cases that a result of this method identified."""
    return _around(EVENTS, IDENTIFIED, method)


def grants_around() -> Around:
    """Results that count, by the rows themselves."""
    return _around(GRANTS)


def _around(question: str, *values: Any) -> Around:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        before, after = cursor.fetchone() or (0, 0)
    return Around(before, after)
