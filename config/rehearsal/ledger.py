"""The ledger of a rehearsal: what must be nought, counted with SQL over the tables and with nothing of the code that
was rehearsed. The rows of the morning (`rehearsal_laid`) say who had to be met and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

# A result of the method that counts although the order forbids it (M2, M3; by the time of identification).
ACCEPTED: Final = """
SELECT count(*) FROM identity_result r JOIN identity_attempt a ON a.id = r.attempt_id JOIN identity_suspension o
    ON o.id = %(order)s AND r.method_used = o.method_id
WHERE r.granted_at IS NOT NULL AND r.voided_by_id IS NULL AND (
    r.identified_at >= o.effective_from AND r.identified_at < coalesce(o.ends_at, 'infinity')
        AND NOT (o.effect = 'finish' AND a.intended_at <= o.effective_from AND r.identified_at < o.finish_until)
        AND NOT (o.effect = 'freeze' AND o.quarantine_end = 'release' AND r.granted_at >= o.ends_at)
    OR r.identified_at < o.effective_from AND r.granted_at >= o.effective_from
        AND r.granted_at < coalesce(o.ends_at, 'infinity') AND o.effect <> 'finish'
    OR o.effect = 'void' AND r.identified_at >= o.void_since AND r.identified_at < coalesce(o.ends_at, 'infinity')
)
"""
# An attempt that was begun, or gone on with, while the method stood still.
STARTED: Final = """
SELECT count(*) FROM identity_attempt a JOIN identity_suspension o ON o.id = %(order)s AND a.method_id = o.method_id
WHERE a.intended_at > o.effective_from AND a.intended_at < coalesce(o.ends_at, 'infinity')
"""
GONE_ON: Final = """
SELECT count(*) FROM core_auditevent e JOIN identity_suspension o ON o.id = %(order)s
JOIN identity_attempt a ON a.id::text = e.subject_id AND a.method_id = o.method_id
WHERE e.name IN ('identity.attempt.resumed', 'identity.attempt.started')
    AND e.at > o.effective_from AND e.at < coalesce(o.ends_at, 'infinity')
    AND NOT (o.effect = 'finish' AND e.at < o.finish_until AND a.intended_at <= o.effective_from)
"""
# Nobody stands before a wall: each case has something to do, somebody who does it, or an end that says what next.
NO_NEXT_STEP: Final = """
SELECT count(*) FROM rehearsal_laid l JOIN identity_identificationcase c ON c.id = l.case_id
JOIN (SELECT *, now() < coalesce(ends_at, 'infinity') AS stands FROM identity_suspension) o ON o.id = %(order)s
WHERE l.round = %(round)s AND (
    c.state = 'identifying' AND c.frozen_since IS NULL AND NOT EXISTS (
        SELECT FROM identity_attempt a WHERE a.case_id = c.id AND a.state = 'started' AND a.valid_until > now() AND (
            a.method_id <> o.method_id OR NOT o.stands
            OR o.effect = 'finish' AND now() < o.finish_until AND a.intended_at <= o.effective_from)
    )
    OR c.frozen_since IS NOT NULL AND NOT (o.effect = 'freeze' AND o.stands)
    OR c.state = 'choosing' AND (c.declared_at IS NULL OR c.expires_at <= now())
    OR c.state = 'in_review' AND NOT EXISTS (
        SELECT FROM identity_review v WHERE v.case_id = c.id AND v.state IN ('open', 'proposed'))
    OR c.state = 'offered' AND NOT EXISTS (
        SELECT FROM identity_attempt a WHERE a.case_id = c.id AND a.state = 'late')
    OR c.state = 'identified' AND NOT EXISTS (
        SELECT FROM identity_result r WHERE r.case_id = c.id AND r.granted_at IS NOT NULL AND r.voided_by_id IS NULL)
    OR c.state IN ('expired', 'refused') AND c.end_reason = ''
)
"""
MIDDLE: Final = ("started", "failed", "in_review", "offered", "both", "unreached")
BEGUN: Final = ("started", "failed", "both", "unreached")
TOLD: Final = {  # effect → (message, the people of the morning who must get it when they do nothing)
    "move": (("suspended_moved", MIDDLE),),
    "freeze": (("suspended_frozen", MIDDLE), ("resumed", MIDDLE)),
    "finish": (("suspended_may_finish", BEGUN), ("finish_over", ("started", "both"))),
    "void": (("suspended_moved", MIDDLE), ("suspended_asked_again", ("identified",))),
}
EXPECTED: Final = """
WITH expected AS (
    SELECT l.case_id, 'identity.case.' || c.public_id || '.' || e.template || '.' || %(order)s AS key, e.template,
        a.email
    FROM unnest(%(templates)s::text[], %(kinds)s::text[]) AS e (template, kind)
    JOIN rehearsal_laid l ON l.kind = e.kind AND l.round = %(round)s AND NOT l.touched
    JOIN identity_identificationcase c ON c.id = l.case_id
    JOIN identity_insurant i ON i.id = c.insurant_id JOIN core_account a ON a.id = i.account_id
)
"""
MUST_BE_TOLD: Final = EXPECTED + "SELECT count(*) FROM expected"  # noqa: S608 (constants)
UNTOLD: Final = (
    EXPECTED
    + """
SELECT count(*) FROM expected LEFT JOIN core_outgoingmessage m ON m.key = expected.key
    AND m.template = 'identity/' || expected.template
WHERE m.state IS DISTINCT FROM 'sent'
"""
)
# Those who did something themselves: an order has stopped, withheld or withdrawn something of theirs. Were they told?
MET_UNTOLD: Final = """
SELECT count(*) FROM rehearsal_laid l JOIN identity_identificationcase c ON c.id = l.case_id
JOIN identity_suspension o ON o.id = %(order)s
WHERE l.round = %(round)s AND (
    EXISTS (SELECT FROM identity_attempt a WHERE a.case_id = c.id AND a.method_id = o.method_id
            AND (a.state = 'stopped' OR a.state = 'withheld'))
    OR EXISTS (SELECT FROM identity_result r WHERE r.case_id = c.id AND (r.held_by_id = o.id OR r.voided_by_id = o.id))
) AND NOT EXISTS (
    SELECT FROM core_outgoingmessage m WHERE split_part(m.key, '.', 3) = c.public_id::text AND m.state = 'sent'
        AND m.created_at >= o.effective_from
)
"""
# Untouched people who got a message of the order that is not theirs.
TOLD_FOR_NOTHING: Final = (
    EXPECTED
    + """
SELECT count(*) FROM core_outgoingmessage m
JOIN identity_identificationcase c ON c.public_id::text = split_part(m.key, '.', 3)
JOIN rehearsal_laid l ON l.case_id = c.id AND l.round = %(round)s AND NOT l.touched
WHERE m.key LIKE 'identity.case.%%.' || %(order)s AND m.template LIKE 'identity/%%'
    AND NOT EXISTS (SELECT FROM expected WHERE expected.key = m.key)
"""
)
LAST_MESSAGE: Final = """
SELECT extract(epoch FROM max(m.sent_at) - min(o.imposed_at)) FROM core_outgoingmessage m
JOIN identity_suspension o ON o.id = %(order)s
WHERE m.template LIKE 'identity/suspended%%' AND m.key LIKE '%%.' || %(order)s AND m.state = 'sent'
"""
# A pause moves a deadline by exactly its length; no other effect moves one, and none ever comes sooner.
CLOCKS: Final = """
SELECT count(*) FROM rehearsal_laid l JOIN identity_identificationcase c ON c.id = l.case_id
JOIN identity_suspension o ON o.id = %(order)s
WHERE l.round = %(round)s AND (
    c.expires_at < l.expires_at OR c.offered_until < l.offered_until
    OR NOT l.touched AND (
        o.effect = 'freeze' AND l.kind = ANY(%(middle)s) AND (
            c.expires_at - l.expires_at <> o.ends_at - o.effective_from
            OR c.offered_until - l.offered_until IS DISTINCT FROM
                CASE WHEN l.offered_until IS NOT NULL THEN o.ends_at - o.effective_from END)
        OR NOT (o.effect = 'freeze' AND l.kind = ANY(%(middle)s)) AND NOT (o.effect = 'void' AND l.kind = 'identified')
            AND (c.expires_at <> l.expires_at OR c.offered_until IS DISTINCT FROM l.offered_until)
    )
)
"""
MESSAGES: Final = "SELECT count(*) FROM core_outgoingmessage WHERE key LIKE '%%.' || %(order)s"
QUARANTINE: Final = "SELECT count(*) FROM identity_attempt WHERE state = 'quarantined'"
UNREAD: Final = "SELECT count(*) FROM identity_inboxentry WHERE state <> 'done'"
UNSENT: Final = "SELECT count(*) FROM core_outgoingmessage WHERE state <> 'sent'"
SILENT: Final = "SELECT count(*) FROM identity_attempt WHERE state = 'started' AND asked_at < now() - interval '1 hour'"
MOVEMENT: Final = (
    "SELECT max(seq) FROM core_auditevent",
    "SELECT sum(done) FROM identity_orderrun",
    "SELECT count(*) FROM identity_orderrun WHERE finished_at IS NOT NULL",
)
SNAPSHOT: Final = """
SELECT 'case' AS what, id::text AS id, md5(to_jsonb(c)::text) AS row FROM identity_identificationcase c
UNION ALL SELECT 'attempt', id::text, md5((to_jsonb(a) - 'asked_at')::text) FROM identity_attempt a
UNION ALL SELECT 'result', id::text, md5(to_jsonb(r)::text) FROM identity_result r
UNION ALL SELECT 'review', id::text, md5(to_jsonb(v)::text) FROM identity_review v
"""
DIFFERENT: Final = """
SELECT count(DISTINCT (what, id)) FROM (
    (SELECT * FROM rehearsal_before EXCEPT SELECT * FROM ({now}) a)
    UNION ALL (SELECT * FROM ({now}) b EXCEPT SELECT * FROM rehearsal_before)
) AS different
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was found and, where only one number will do, which."""

    what: str
    found: str
    good: bool = True

    def __str__(self) -> str:
        return f"  {'ok ' if self.good else 'BAD'}  {self.what:<58} {self.found}"


@dataclass
class Ledger:
    """All lines about one order."""

    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return all(line.good for line in self.lines)

    def nought(self, what: str, found: int) -> None:
        self.lines.append(Line(what, f"{found:,}", found == 0))

    def least(self, what: str, found: int, least: int) -> None:
        self.lines.append(Line(what, f"{found:,}", found >= least))

    def say(self, what: str, found: str, *, good: bool = True) -> None:
        self.lines.append(Line(what, found, good))

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.lines)])


def ask(question: str, **values: Any) -> Any:
    """Return the one value that a statement answers with."""
    with connection.cursor() as cursor:
        cursor.execute(question, values or None)
        return (cursor.fetchone() or (None,))[0]


def count_against(order: int) -> dict[str, int]:
    """Return what happened against an order, by kind."""
    asked = {"results accepted": ACCEPTED, "attempts begun": STARTED, "attempts gone on with": GONE_ON}
    return {what: int(ask(question, order=order)) for what, question in asked.items()}


def expected_messages(effect: str) -> dict[str, list[str]]:
    """Return pairs of message and kind of people, as two lists."""
    pairs = [(template, kind) for template, kinds in TOLD[effect] for kind in kinds]
    return {"templates": [template for template, _ in pairs], "kinds": [kind for _, kind in pairs]}


def take_snapshot() -> None:
    """Keep how every row stands."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS rehearsal_before")
        cursor.execute(f"CREATE TABLE rehearsal_before AS {SNAPSHOT}")


def rows_that_differ() -> int:
    """Return how many rows are not as the snapshot has them, gone and new ones included."""
    return int(ask(DIFFERENT.format(now=SNAPSHOT)))
