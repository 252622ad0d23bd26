"""POSTIDENT as a rehearsal needs it: what it knows stands in a book beside the database, and it answers at once.

Callbacks come in at the real door, with the real address and form; starting and fetching do not go over HTTP and are
not sealed (the adapter's own tests and the fault tests do that with the simulator). So 300,000 cases can be laid.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from core.errors import Never
from identity.providers.ports import DocumentFacts, Progress, ProviderCase, ProviderIdentification, Started, StartOrder
from identity.providers.postident.adapter import Postident
from identity.providers.postident.configuration import configured

VALID_DAYS = 14
OTHER_NAME = "other_name"
SCHEMA = """
CREATE TABLE IF NOT EXISTS known (
    number TEXT PRIMARY KEY, reference TEXT NOT NULL, method TEXT NOT NULL, valid_until TEXT NOT NULL,
    person TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', ended_at TEXT NOT NULL DEFAULT ''
)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person's document says."""

    given_names: str
    family_name: str
    birth_name: str
    birth_date: str
    birth_place: str


@dataclass(frozen=True, slots=True)
class Known:
    """One case at the provider."""

    number: str
    reference: str
    method: str
    valid_until: datetime
    shown: Shown


class Book:
    """What the provider knows, for all processes. A connection for each call: fetches come from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as book:
            book.execute("PRAGMA journal_mode = WAL")
            book.execute(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=30)) as book, book:
            yield book

    def write(self, cases: Iterable[Known]) -> None:
        rows = [
            (each.number, each.reference, each.method, each.valid_until.isoformat(), json.dumps(asdict(each.shown)))
            for each in cases
        ]
        statement = "INSERT INTO known (number, reference, method, valid_until, person) VALUES (?, ?, ?, ?, ?)"
        with self._open() as book:
            book.executemany(statement, rows)

    def end(self, number: str, how: str, at: datetime) -> None:
        """The person was at the counter, or has held the card to the telephone."""
        with self._open() as book:
            book.execute("UPDATE known SET ended = ?, ended_at = ? WHERE number = ?", [how, at.isoformat(), number])

    def number_of(self, reference: str) -> str:
        """Return the provider's number for a reference of ours; empty when it knows none."""
        with self._open() as book:
            found = book.execute("SELECT number FROM known WHERE reference = ?", [reference]).fetchone()
        return str(found[0]) if found else ""

    def read(self, number: str) -> ProviderCase:
        """Return a case as fetched. Raises Never (unknown_case)."""
        with self._open() as book:
            names = "reference, method, valid_until, person, ended, ended_at"
            found = book.execute(f"SELECT {names} FROM known WHERE number = ?", [number]).fetchone()  # noqa: S608
        if found is None:
            raise Never("unknown_case")
        reference, method, valid_until, person, ended, ended_at = found
        said = (_identification(method, Shown(**json.loads(person)), ended, ended_at),) if ended else ()
        return ProviderCase(number, reference, datetime.fromisoformat(valid_until), said)


def _identification(method: str, shown: Shown, ended: str, ended_at: str) -> ProviderIdentification:
    at = datetime.fromisoformat(ended_at)
    if ended == Progress.DECLINED.value:
        return ProviderIdentification(method, Progress.DECLINED, None, at, "document_mismatch")
    family_name = f"{shown.family_name} Anders" if ended == OTHER_NAME else shown.family_name
    document = DocumentFacts(
        "id_card", "DEU", date(2031, 1, 1), shown.given_names, family_name, shown.birth_name, shown.birth_date,
        shown.birth_place, "DEU", None,
    )  # fmt: skip
    return ProviderIdentification(method, Progress.SUCCESS, at, at, document=document)


class Rehearsed(Postident):
    """The adapter with the book in the place of HTTP."""

    def __init__(self, book: Book) -> None:
        super().__init__(configured())
        self.book = book

    def start(self, order: StartOrder) -> Started:
        number = f"R{order.reference[:11]}"
        until = timezone.now() + timedelta(days=VALID_DAYS)
        place = f"Ort {order.reference}"
        shown = Shown(order.given_names, order.family_name, order.birth_name, order.birth_date, place)
        self.book.write([Known(number, order.reference, order.method, until, shown)])
        return Started(number, f"https://provider.example/{number}", until)

    def fetch(self, contract: str, provider_case_id: str) -> ProviderCase:
        return self.book.read(provider_case_id)


def the_book() -> Book:
    """Return the book of this rehearsal, which the command names to all its processes."""
    return Book(Path(os.environ["VORWEIS_REHEARSAL_BOOK"]))


def from_settings() -> Rehearsed:
    return Rehearsed(the_book())
