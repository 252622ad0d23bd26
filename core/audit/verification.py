"""Proving that the trail is whole, or naming the first row where it is not."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core.audit.anchors import Anchor
from core.audit.chain import GENESIS, Row, audit_key, hash_of

# Head and events in one statement, so in one snapshot: what is written meanwhile is not half seen.
READ = """
SELECT head.seq, head.hash, event.seq, event.at, event.name, event.subject_type, event.subject_id, event.actor_kind,
       event.actor_reference, event.facts, event.request_id, event.previous_hash, event.hash
FROM (SELECT (SELECT seq FROM core_audithead) AS seq, (SELECT hash FROM core_audithead) AS hash) AS head
LEFT JOIN core_auditevent AS event ON true
ORDER BY event.seq
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong. `kind`: changed, missing, out_of_order, cut, rewritten."""

    seq: int
    kind: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    rows: int
    anchors: int
    fault: Fault | None


class _Fault(Exception):
    def __init__(self, seq: int, kind: str, explanation: str) -> None:
        super().__init__(explanation)
        self.fault = Fault(seq, kind, explanation)


def verify(anchors: Iterable[Anchor] = (), *, tell: Callable[[int], object] = lambda _: None) -> Verdict:
    """Check each row, the order, the head, and every anchor. Streams; `tell` hears how many rows each step took."""
    waiting = sorted(anchors, key=lambda anchor: anchor.seq)
    check = _Chain(waiting)
    try:
        with transaction.atomic():
            for batch in _read():
                check.take(batch)
                tell(len(batch))
        check.end()
    except _Fault as error:
        return Verdict(check.rows, len(waiting), error.fault)
    return Verdict(check.rows, len(waiting), None)


def count_rows() -> int:
    """Return how many rows the head promises."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM core_audithead")
        count: int = cursor.fetchone()[0]
    return count


def _read() -> Iterator[list[tuple[Any, ...]]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(READ)
        while batch := cursor.fetchmany(2000):
            yield batch


class _Chain:
    """Walks along the rows in order of `seq`."""

    def __init__(self, anchors: list[Anchor]) -> None:
        self.key, self.anchors = audit_key(), iter(anchors)
        self.anchor = next(self.anchors, None)
        self.rows, self.last_seq, self.last_hash = 0, 0, GENESIS
        self.head_seq, self.head_hash = 0, GENESIS

    def take(self, batch: list[tuple[Any, ...]]) -> None:
        self.head_seq, self.head_hash = batch[0][0] or 0, bytes(batch[0][1] or GENESIS)
        for _head_seq, _head_hash, seq, *values, found in batch:
            if seq is not None:
                self._step(seq, values, bytes(found))

    def _step(self, seq: int, values: list[Any], found: bytes) -> None:
        if seq != self.last_seq + 1:
            raise _Fault(self.last_seq + 1, "missing", f"row {self.last_seq + 1} is missing; the next one is {seq}")
        facts = values[6] if isinstance(values[6], dict) else json.loads(values[6])
        previous = bytes(values[8])
        row = Row._make([seq, *values[:6], facts, values[7], previous])
        if hash_of(row, self.key) != found:
            raise _Fault(seq, "changed", f"row {seq} was changed: its hash is not the one of its content")
        if previous != self.last_hash:
            raise _Fault(seq, "out_of_order", f"row {seq} does not follow on row {self.last_seq}")
        self._compare_anchors(seq, found)
        self.rows, self.last_seq, self.last_hash = self.rows + 1, seq, found

    def _compare_anchors(self, seq: int, found: bytes) -> None:
        while self.anchor is not None and self.anchor.seq <= seq:
            if self.anchor.hash != found.hex():
                text = f"row {seq} is not the one that was anchored at {self.anchor.at}: the chain was rewritten"
                raise _Fault(seq, "rewritten", text)
            self.anchor = next(self.anchors, None)

    def end(self) -> None:
        first_lost = self.last_seq + 1
        if self.last_seq < self.head_seq:
            raise _Fault(
                first_lost, "cut", f"the rows from {first_lost} on are missing; the head stands at {self.head_seq}"
            )
        if self.last_seq > self.head_seq or self.last_hash != self.head_hash:
            raise _Fault(
                self.last_seq,
                "rewritten",
                f"the head stands at row {self.head_seq} and does not fit row {self.last_seq}",
            )
        if self.anchor is not None:
            text = f"the rows from {first_lost} on are missing; row {self.anchor.seq} was anchored at {self.anchor.at}"
            raise _Fault(first_lost, "cut", text)
