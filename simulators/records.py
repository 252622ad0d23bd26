"""The record system's memory: state and e-mail address per KVNR, and its faults.

KVNRs stand in headers and bodies only, never in an address of the simulator.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from threading import RLock

from simulators.clock import Clock, text
from simulators.faults import Fault, FaultBook, catalogue
from simulators.json_types import Json
from simulators.mail_store import MailStore
from simulators.store import Store

STATES = ("UNKNOWN", "INITIALIZED", "ACTIVATED", "SUSPENDED", "INACCESSIBLE")
CALLS = ["status", "email"]
_KVNR = re.compile(r"[A-Z][0-9]{9}")
_GROUP = "Antworten"

CATALOGUE = catalogue(
    Fault("http_404", _GROUP, "404 keine Akte", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault(
        "http_409",
        _GROUP,
        "409 falscher Zustand (in etwa 24 Stunden wieder fragen)",
        {"on": CALLS},
        {"on": tuple(CALLS)},
    ),
    Fault(
        "http_500",
        _GROUP,
        "500 interner Fehler (in etwa 10 Minuten wieder fragen)",
        {"on": CALLS},
        {"on": tuple(CALLS)},
    ),
    Fault("http_403", _GROUP, "403 nicht erlaubt", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault("slow", _GROUP, "langsame Antwort", {"seconds": 10, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("down", _GROUP, "nicht erreichbar (503)", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault("malformed", _GROUP, "kaputtes JSON mit 200", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault("html_error", _GROUP, "HTML-Seite mit 502", {"on": CALLS}, {"on": tuple(CALLS)}),
)


@dataclass
class Record:
    """What the record system knows of one insurant. Without a `state` of its own the default state counts."""

    kvnr: str
    state: str | None = None
    email: str | None = None
    email_set_at: str | None = None
    email_actor: str = ""
    email_set_count: int = 0
    status_calls: int = 0

    @property
    def key(self) -> str:
        """A short name of the record that gives the KVNR away to nobody, for addresses of pages."""
        return hashlib.sha256(self.kvnr.encode()).hexdigest()[:16]


class RecordBook:
    """All records. A KVNR nobody told us of has the default state."""

    def __init__(self, store: Store, mails: MailStore, clock: Clock, default_state: str) -> None:
        """Read what an earlier run left."""
        self._store, self._mails, self._clock = store, mails, clock
        self._lock = RLock()
        self._records = {key: Record(**document) for key, document in store.all("record")}
        self._first_default = default_state
        self.default_state = default_state
        for _, document in store.all("record-default"):
            self.default_state = document["state"]
        self.faults = FaultBook(CATALOGUE, store.all("record-fault"), self._save_faults)

    def _save_faults(self, subject: str, faults: Json) -> None:
        if faults:
            self._store.put("record-fault", subject, faults)
        else:
            self._store.delete("record-fault", subject)

    def get(self, kvnr: str) -> Record:
        """Return the record of a KVNR; a fresh one if there is none."""
        with self._lock:
            return self._records.get(kvnr) or Record(kvnr=kvnr)

    def state_of(self, record: Record) -> str:
        """Return the state that counts for a record."""
        return record.state or self.default_state

    def by_key(self, key: str) -> Record | None:
        """Return the record with this `key`."""
        return next((record for record in self if record.key == key), None)

    def __iter__(self) -> Iterator[Record]:
        """Give every record that something is known of, newest first."""
        with self._lock:
            return iter(list(reversed(self._records.values())))

    def set_state(self, kvnr: str, state: str) -> Record:
        """Put a record into a state; raise ValueError for an unknown one."""
        check_state(state)
        with self._lock:
            record = self.get(kvnr)
            record.state = state
            return self._save(record)

    def set_default_state(self, state: str) -> None:
        """Choose the state of records nobody told us of; raise ValueError for an unknown one."""
        check_state(state)
        self.default_state = state
        self._store.put("record-default", "state", {"state": state})

    def count_call(self, kvnr: str) -> Record:
        """Note a status call and return the record."""
        with self._lock:
            record = self.get(kvnr)
            record.status_calls += 1
            return self._save(record)

    def set_email(self, kvnr: str, email: str, actor: str) -> Record:
        """Set or replace the e-mail address; the old and the new address are told, if it is a change."""
        with self._lock:
            record = self.get(kvnr)
            old = record.email
            if old == email:
                return record
            record.email, record.email_actor = email, actor
            record.email_set_at = text(self._clock.now())
            record.email_set_count += 1
            self._save(record)
        for address in filter(None, dict.fromkeys([old, email])):
            self._tell(address, is_change=old is not None)
        return record

    def force_email(self, kvnr: str, email: str | None) -> Record:
        """Set or remove the address without telling anybody."""
        with self._lock:
            record = self.get(kvnr)
            record.email, record.email_actor = email, "Simulator"
            record.email_set_at = text(self._clock.now()) if email else None
            return self._save(record)

    def _tell(self, address: str, *, is_change: bool) -> None:
        verb = "geändert" if is_change else "hinterlegt"
        self._mails.write(
            "aktensystem@simulator.invalid",
            address,
            f"ePA: E-Mail-Adresse {verb}",
            f"Die E-Mail-Adresse Ihrer elektronischen Patientenakte wurde {verb}.\n\n(Aktensystem-Simulator)",
            text(self._clock.now()),
        )

    def _save(self, record: Record) -> Record:
        self._records[record.kvnr] = record
        self._store.put("record", record.kvnr, asdict(record))
        return record

    def clear(self) -> None:
        """Forget all records and faults, and go back to the first default state."""
        with self._lock:
            self._records.clear()
            self._store.clear("record")
            self._store.clear("record-default")
            self.default_state = self._first_default
        self.faults.clear()


def check_state(state: str) -> None:
    """Raise ValueError unless the record system knows the state."""
    if state not in STATES:
        raise ValueError(f"state must be one of {', '.join(STATES)}")


def is_kvnr(text: str) -> bool:
    """Whether a text has the shape and the check digit of a KVNR (SGB V § 290; the sum itself is the digit)."""
    if not _KVNR.fullmatch(text):
        return False
    digits = f"{ord(text[0]) - ord('A') + 1:02d}{text[1:9]}"
    products = [int(digit) * (1 + place % 2) for place, digit in enumerate(digits)]
    return sum(product // 10 + product % 10 for product in products) % 10 == int(text[9])
