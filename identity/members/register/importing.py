"""The import itself: one at a time, batch by batch, each row whole or not at all. Twice changes nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from core import audit
from core.actors import Actor
from identity.members.models import Insurer
from identity.members.register.changing import change_known
from identity.members.register.files import Line
from identity.members.register.reasons import RowRejected
from identity.members.register.rows import RegisterRow, read_row
from identity.members.register.writing import Batch, add_new, drop_note_table, make_note_table, sort_out

BATCH_SIZE = 2000
LOCK = 0x7265_6769  # "regi": the advisory lock of all imports


class ImportRunning(Exception):
    """Another import holds the lock."""


@dataclass(slots=True)
class Tally:
    """What has become of the rows so far."""

    run: UUID
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rejected(self) -> int:
        return self.reasons.total()

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged + self.rejected


Reject = Callable[[int, RowRejected], object]
Rows = list[tuple[int, RegisterRow]]


@dataclass(slots=True)
class Import:
    """One run. `on_reject` is told the line and why; `tell` is told the tally after each batch.

    patient  wait for another import to end (as long as the database's lock_timeout) instead of giving up at once
    """

    actor: Actor
    on_reject: Reject = lambda line, why: None
    tell: Callable[[Tally], object] = lambda tally: None
    only_ik: str = ""
    patient: bool = False
    batch_size: int = BATCH_SIZE
    tally: Tally = field(default_factory=lambda: Tally(uuid4()))
    _insurers: dict[str, int] = field(default_factory=dict)

    def run(self, lines: Iterable[Line], *, facts: Callable[[], dict[str, str]] = dict) -> Tally:
        """Read, judge and write all lines; return the tally. Memory does not grow with their number.

        facts  what the closing audit event tells of the source, asked for at the end
        Raises ImportRunning. What else goes wrong ends the run; the batches written until then stay, and a new run
        goes on from there.
        """
        began, complete = time.monotonic(), False
        with _only_one(patient=self.patient), _note_table():
            self._insurers = dict(Insurer.objects.values_list("ik", "pk"))
            try:
                for batch in self._batches(lines):
                    self._write(batch)
                    self.tally.seconds = time.monotonic() - began
                    self.tell(self.tally)
                complete = True
            finally:
                self.tally.seconds = time.monotonic() - began
                if not connection.needs_rollback:
                    self._record(complete, facts())
        return self.tally

    @transaction.atomic
    def _record(self, complete: bool, facts: dict[str, str]) -> None:
        counts = {name: getattr(self.tally, name) for name in ("new", "changed", "unchanged", "rejected")}
        name = "identity.register.imported" if complete else "identity.register.import_stopped"
        audit.record(name, ("identity.register", str(self.tally.run)), actor=self.actor, **counts, **facts)

    def _batches(self, lines: Iterable[Line]) -> Iterator[Rows]:
        today, batch = timezone.localdate(), Rows()
        for number, record in lines:
            try:
                if isinstance(record, RowRejected):
                    raise record
                row = read_row(record, today=today, only_ik=self.only_ik)
                if row.ik not in self._insurers:
                    raise RowRejected("insurer_unknown", "ik")
            except RowRejected as why:
                self._reject(number, why)
                continue
            batch.append((number, row))
            if len(batch) >= self.batch_size:
                yield batch
                batch = Rows()
        yield batch

    def _reject(self, number: int, why: RowRejected) -> None:
        self.tally.reasons[why.code] += 1
        self.on_reject(number, why)

    def _write(self, rows: Rows) -> None:
        """Write a batch; when the database refuses it, its halves, so that one bad row takes no other with it."""
        if not rows:
            return
        batch = Batch(self._insurers, timezone.now())
        try:
            changed = self._write_down(rows, batch)
        except (IntegrityError, DataError):
            if len(rows) == 1:
                self._reject(rows[0][0], RowRejected("refused_by_database"))
                return
            middle = len(rows) // 2
            self._write(rows[:middle])
            self._write(rows[middle:])
            return
        self.tally.new += len(batch.new)
        self.tally.changed += changed
        self.tally.unchanged += batch.unchanged + len(batch.different) - changed
        for number, code, field_name in batch.rejected:
            self._reject(number, RowRejected(code, field_name))

    @transaction.atomic
    def _write_down(self, rows: Rows, batch: Batch) -> int:
        """Write a batch in one transaction; return how many people changed."""
        sort_out(rows, batch)
        add_new(batch.new, batch)
        events = change_known(batch.different, batch, actor=self.actor)
        audit.record_many(events)
        return len(events)


@contextmanager
def _only_one(*, patient: bool) -> Iterator[None]:
    if not (_wait_for_lock() if patient else _take_lock()):
        raise ImportRunning("Another import is running. Wait until it is done, then start this one again.")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _take_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _wait_for_lock() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


@contextmanager
def _note_table() -> Iterator[None]:
    make_note_table()
    try:
        yield
    finally:
        if not connection.needs_rollback:
            drop_note_table()
