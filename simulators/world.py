"""Everything one running set of simulators knows, and how a request gets hold of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from flask import current_app, request

from simulators.clock import Clock
from simulators.faults import Fault, FaultBook
from simulators.json_types import Json
from simulators.mail_store import MailStore
from simulators.postident import faults as postident_faults
from simulators.postident.cases import Attempt, Case, CaseFile
from simulators.postident.desk import Desk, Finish
from simulators.postident.webhooks import Courier, Options
from simulators.records import RecordBook
from simulators.settings import Settings
from simulators.store import Store

EXTENSION = "simulators"


class Statistics:
    """Answers of the POSTIDENT API, counted by call and status code."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._lock = Lock()
        self._counts: dict[str, Counter[str]] = {}

    def count(self, call: str, status: int) -> None:
        """Count one answer."""
        with self._lock:
            self._counts.setdefault(call, Counter())[str(status)] += 1

    def as_json(self) -> Json:
        """Return the counts so far."""
        with self._lock:
            return {call: dict(counts) for call, counts in self._counts.items()}

    def clear(self) -> None:
        """Start again at nothing."""
        with self._lock:
            self._counts.clear()


@dataclass
class World:
    """The parts that belong together. `close` ends threads and files."""

    settings: Settings
    store: Store
    clock: Clock
    cases: CaseFile
    faults: FaultBook
    desk: Desk
    courier: Courier
    mails: MailStore
    records: RecordBook
    statistics: Statistics

    @classmethod
    def open(cls, settings: Settings) -> "World":
        """Read the state that an earlier run left and put the parts together. No thread runs yet."""
        store, clock = Store(settings.state), Clock()
        for _, document in store.all("clock"):
            clock.offset_seconds = document["offset_seconds"]
        cases = CaseFile(store)
        faults = fault_book(store, "fault", postident_faults.CATALOGUE)
        mails = MailStore(store)
        return cls(
            settings=settings,
            store=store,
            clock=clock,
            cases=cases,
            faults=faults,
            desk=Desk(cases, faults, clock),
            courier=Courier(settings, store, cases, faults),
            mails=mails,
            records=RecordBook(store, mails, clock, settings.record_state),
            statistics=Statistics(),
        )

    def shift_clock(self, offset_seconds: float) -> None:
        """Let the simulators' now run ahead (or behind, if negative)."""
        self.clock.offset_seconds = offset_seconds
        self.store.put("clock", "clock", {"offset_seconds": offset_seconds})

    def close(self) -> None:
        """End the sending threads and close the file."""
        self.courier.stop()
        self.store.close()

    def choose(self, case: Case, method: str) -> Attempt:
        """Begin an attempt and tell the client of a coupon; raise CaseClosed."""
        before = case.latest(method)
        attempt = self.desk.choose(case, method)
        if attempt is not before and attempt.status == "coupon requested":
            self.courier.notify(case)
        return attempt

    def finish(self, case: Case, finish: Finish, options: Options | None = None) -> tuple[Case, list[int]]:
        """End an attempt and notify the client; return the case of the result and the ids of the notifications.

        The fault `webhook_early` hides the result for a while.
        """
        early = self.faults.take("webhook_early", case.case_id)
        if early is not None:
            finish.early_seconds = float(early["seconds"])
        target = self.desk.finish(case, finish)
        return target, self.courier.notify(target, options)

    def valid_until(self, case: Case) -> str:
        """Return until when a case may be started."""
        return self.desk.valid_until(case)

    def client_name(self, case: Case) -> str:
        """Return the name of the client that ordered a case."""
        client = self.settings.clients.get(case.client_id)
        return client.name if client else case.client_id

    def methods(self, case: Case) -> tuple[str, ...]:
        """Return the methods of the contract under which a case was ordered."""
        client = self.settings.clients.get(case.client_id)
        return client.methods if client else ()

    def base_url(self) -> str:
        """Return the address of the simulators as the outside knows it, without a slash at the end."""
        return self.settings.public_url or request.host_url.rstrip("/")


def fault_book(store: Store, kind: str, known: Mapping[str, Fault]) -> FaultBook:
    """Open the book of faults kept under one kind of document."""

    def save(subject: str, faults: Json) -> None:
        if faults:
            store.put(kind, subject, faults)
        else:
            store.delete(kind, subject)

    return FaultBook(known, store.all(kind), save)


def world() -> World:
    """Return the world of the application that answers the present request."""
    found: World = current_app.extensions[EXTENSION]
    return found
