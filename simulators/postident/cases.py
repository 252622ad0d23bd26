"""Cases of POSTIDENT and the attempts (identifications) inside them: what they are and how they are found."""

import secrets
import string
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from threading import RLock

from simulators.clock import moment
from simulators.json_types import Json
from simulators.store import Store

_ALPHABET = string.ascii_uppercase + string.digits


@dataclass
class Attempt:
    """One identification with one method. Status words are POSTIDENT's own; times are ISO texts."""

    method: str
    status: str
    created: str
    modified: str
    identification_time: str | None = None
    sub_status: Json | None = None
    sub_status_reason: str | None = None
    document: Json | None = None
    verified: bool = False


@dataclass
class Case:
    """One order. `order` is the body of the create call as it came; `client_id` says whose it is.

    `shown_from` hides the present state behind the `earlier` one until that moment (a webhook that comes too early).
    """

    case_id: str
    client_id: str
    reference_id: str | None
    webhook_url: str | None
    created: str
    modified: str
    valid_until: str
    status: str = "new"
    archived: bool = False
    order: Json = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    shown_from: str | None = None
    earlier: Json | None = None

    @classmethod
    def from_document(cls, document: Json) -> "Case":
        """Rebuild a case from what `to_document` wrote."""
        return cls(**{**document, "attempts": [Attempt(**attempt) for attempt in document["attempts"]]})

    def to_document(self) -> Json:
        """Return everything as JSON."""
        return asdict(self)

    def latest(self, method: str | None = None) -> Attempt | None:
        """Return the last attempt, or the last with one method."""
        fitting = [attempt for attempt in self.attempts if method in {None, attempt.method}]
        return fitting[-1] if fitting else None

    def callback_url(self, name: str) -> str | None:
        """Return the web address of one of the person's way-back buttons, for example `Success`."""
        urls = (self.order.get("processData") or {}).get(f"callbackUrl{name}") or {}
        url: str | None = urls.get("webUrl")
        return url

    def is_readable(self, now: datetime) -> bool:
        """Whether the present state may be shown, or still the earlier one."""
        return self.shown_from is None or now >= moment(self.shown_from)


class ReferenceUsed(ValueError):
    """The referenceId was given before to a case of the same client."""


class CaseFile:
    """Every case, in memory and in the store. `lock` guards changes; hold it while you change a case and save it."""

    def __init__(self, store: Store) -> None:
        """Read the cases that an earlier run left."""
        self.lock = RLock()
        self._store = store
        self._cases = {key: Case.from_document(document) for key, document in store.all("case")}
        self._references = {key: document["case_id"] for key, document in store.all("reference")}
        self._free_ids: dict[str, list[str]] = {}

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self._cases)

    def get(self, case_id: str) -> Case | None:
        """Return a case by its id."""
        return self._cases.get(case_id)

    def find(self, text: str) -> Case | None:
        """Return the newest case whose id or reference is the text."""
        direct = self._cases.get(text)
        if direct is not None:
            return direct
        return next((case for case in self.newest_first() if case.reference_id == text), None)

    def newest_first(self) -> Iterator[Case]:
        """Give all cases."""
        with self.lock:
            cases = list(self._cases.values())
        yield from reversed(cases)

    def new_id(self, client_id: str) -> str:
        """Return a caseId: one set free for reuse by this client if there is one, else a fresh one."""
        waiting = self._free_ids.get(client_id)
        if waiting:
            return waiting.pop(0)
        while True:
            case_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
            if case_id not in self._cases:
                return case_id

    def set_free(self, client_id: str, case_id: str) -> None:
        """Let the client's next case have this id."""
        self._free_ids.setdefault(client_id, []).append(case_id)

    def add(self, case: Case, *, claim_reference: bool = True) -> None:
        """Keep a new case, in the place of an older one of the same id; raise ReferenceUsed."""
        key = f"{case.client_id}/{case.reference_id}"
        with self.lock:
            if claim_reference and key in self._references:
                raise ReferenceUsed
            if claim_reference:
                self._references[key] = case.case_id
                self._store.put("reference", key, {"case_id": case.case_id})
            self.remove(case.case_id)
            self._cases[case.case_id] = case
            self.save(case)

    def save(self, case: Case) -> None:
        """Write a changed case through."""
        self._store.put("case", case.case_id, case.to_document())

    def remove(self, case_id: str) -> None:
        """Delete a case for good; its reference stays used."""
        with self.lock:
            if self._cases.pop(case_id, None) is not None:
                self._store.delete("case", case_id)

    def clear(self) -> None:
        """Forget every case, and with them which references were used."""
        with self.lock:
            self._cases.clear()
            self._references.clear()
            self._free_ids.clear()
            self._store.clear("case")
            self._store.clear("reference")


def end_of_day(start: datetime, days: int) -> datetime:
    """Return the last second of the day that many days on."""
    return (start + timedelta(days=days)).replace(hour=23, minute=59, second=59, microsecond=0)
