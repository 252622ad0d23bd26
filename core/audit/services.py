"""Writing to the trail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.utils import timezone

from core.actors import Actor
from core.audit.chain import GENESIS, Row, audit_key, hash_of
from core.audit.facts import checked
from core.requests import current_request_id

Subject = models.Model | tuple[str, str]

LOCK_HEAD = "SELECT seq, hash FROM core_audithead WHERE id = 1 FOR UPDATE"
MAKE_HEAD = "INSERT INTO core_audithead (id, seq, hash, at) VALUES (1, 0, %s, NULL) ON CONFLICT DO NOTHING"
# One JSON value for all events: half the cost of an array for each column.
APPEND = """
WITH head AS (UPDATE core_audithead SET seq = %s, hash = %s, at = %s WHERE id = 1)
INSERT INTO core_auditevent (
    at, request_id, seq, name, subject_type, subject_id, actor_kind, actor_reference, facts, previous_hash, hash
)
SELECT %s, %s, seq, name, subject_type, subject_id, actor_kind, actor_reference, facts,
       decode(previous_hash, 'hex'), decode(hash, 'hex')
FROM json_to_recordset(%s::json) AS event (
    seq bigint, name text, subject_type text, subject_id text, actor_kind text, actor_reference text, facts jsonb,
    previous_hash text, hash text
)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to record. `subject` is a model instance, or a pair (type, opaque id)."""

    name: str
    subject: Subject
    actor: Actor
    facts: Mapping[str, Any] = field(default_factory=dict)


def record(name: str, subject: Subject, *, actor: Actor, **facts: Any) -> None:
    """Append one event in the transaction of the change. See `record_many`."""
    record_many([Event(name, subject, actor, facts)])


def record_many(events: Sequence[Event]) -> None:
    """Append events, in this order, in the caller's transaction: they stand there if and only if the change does.

    The head's row lock is held until the end of the transaction, so that the chain cannot fork. Hence: take your own
    row locks first, record last, commit soon.

    Raises RuntimeError outside a transaction, ValueError for facts that are no codes or ids, KeyMissing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of the change that it tells of")
    if not events:
        return
    key, request_id = audit_key(), current_request_id()[:64]
    told = [
        (event.name, *_identify(event.subject), event.actor.kind.value, event.actor.reference, checked(event.facts))
        for event in events
    ]
    with connection.cursor() as cursor:
        seq, last_hash = _lock_head(cursor)
        now, rows, hashes = timezone.now(), [], []
        for number, values in enumerate(told, start=seq + 1):
            rows.append(Row(number, now, *values, request_id, last_hash))
            last_hash = hash_of(rows[-1], key)
            hashes.append(last_hash)
        _append(cursor, rows, hashes)


def _identify(subject: Subject) -> tuple[str, str]:
    if isinstance(subject, tuple):
        return subject
    if subject.pk is None:
        raise ValueError("the subject of an audit event must be saved first")
    return subject._meta.label_lower, str(getattr(subject, "public_id", subject.pk))


def _lock_head(cursor: Any) -> tuple[int, bytes]:
    cursor.execute(LOCK_HEAD)
    found = cursor.fetchone()
    if found is None:
        cursor.execute(MAKE_HEAD, [GENESIS])
        cursor.execute(LOCK_HEAD)
        found = cursor.fetchone()
    return found[0], bytes(found[1])


def _append(cursor: Any, rows: Sequence[Row], hashes: Sequence[bytes]) -> None:
    last = rows[-1]
    events = [
        row._asdict() | {"at": None, "previous_hash": row.previous_hash.hex(), "hash": own.hex()}
        for row, own in zip(rows, hashes, strict=True)
    ]
    written = json.dumps(events, ensure_ascii=False)
    cursor.execute(APPEND, [last.seq, hashes[-1], last.at, last.at, last.request_id, written])
