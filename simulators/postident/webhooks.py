"""Notifications to the clients: sent by threads of their own, tried again, and lost, doubled or forged on demand."""

import heapq
import itertools
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from threading import Condition, Thread

import httpx

from simulators.faults import FaultBook
from simulators.json_types import Json
from simulators.postident.cases import Case, CaseFile
from simulators.settings import Settings
from simulators.store import Store

OPEN = frozenset({"waiting", "held"})
KEPT = 50_000
HEADERS = {"Content-Type": "application/json", "User-Agent": "POSTIDENT-Simulator"}


@dataclass
class Delivery:
    """One notification to one address. `due` and `created` are seconds since 1970; status: see `Courier.summary`."""

    id: int
    case_id: str
    reference_id: str | None
    url: str
    body: str
    due: float
    created: float
    status: str = "waiting"
    attempts: int = 0
    last_status: int | None = None
    last_error: str = ""
    forged: str = ""
    after: int = 0  # sent only once that one has been tried


@dataclass
class Options:
    """How one notification is sent; seconds. `spread_seconds` draws a random moment for each of `times` sendings."""

    send: bool = True
    times: int = 1
    delay_seconds: float = 0
    spread_seconds: float = 0
    shuffle: bool = False
    early_seconds: float = 0


class Courier:
    """Sends notifications in background threads and keeps a log of them."""

    def __init__(self, settings: Settings, store: Store, cases: CaseFile, faults: FaultBook) -> None:
        """Read the log of an earlier run; what was waiting is due again. Nothing is sent before `start`."""
        self.settings, self.store, self.cases, self.faults = settings, store, cases, faults
        self.chance = random.Random()
        self._log: dict[int, Delivery] = {}
        self._queue: list[tuple[float, int]] = []
        self._changed = Condition()
        self._threads: list[Thread] = []
        self._stopping = False
        for _, document in store.all("webhook"):
            delivery = Delivery(**document)
            self._log[delivery.id] = delivery
            if delivery.status in OPEN:
                heapq.heappush(self._queue, (delivery.due, delivery.id))
        self._ids = itertools.count(max(self._log, default=0) + 1)

    def start(self) -> None:
        """Start the sending threads."""
        self._threads = [
            Thread(target=self._work, name=f"webhook-{number}", daemon=True)
            for number in range(self.settings.webhook_threads)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads after what they are sending right now."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=10)

    def notify(self, case: Case, options: Options | None = None) -> list[int]:
        """Queue the notification of one case as options and faults want it; return the ids in the log."""
        return self.notify_all([case], options or Options())

    def notify_all(self, cases: Iterable[Case], options: Options) -> list[int]:
        """Queue notifications of many cases; with `shuffle` in random order over all of them."""
        if not options.send:
            return []
        queued: list[Delivery] = []
        for case in cases:
            if case.webhook_url:
                queued += self._deliveries(case, case.webhook_url, options)
        if options.shuffle:
            self.chance.shuffle(queued)
            moments = sorted(delivery.due for delivery in queued if delivery.status == "waiting")
            for delivery, due in zip((each for each in queued if each.status == "waiting"), moments, strict=True):
                delivery.due = due
        with self._changed:
            for delivery in queued:
                self._push(delivery)
            self._forget_old()
            self._changed.notify_all()
        return [delivery.id for delivery in queued]

    def _deliveries(self, case: Case, url: str, options: Options) -> list[Delivery]:
        """Return what a notification of one case becomes, forged ones included."""
        subject, now = case.case_id, time.time()
        forgery = self.faults.take("webhook_forged", subject)
        found = self._forged(case, url, forgery) if forgery else []
        twice = self.faults.take("webhook_duplicate", subject)
        times = max(options.times, int(twice["count"]) if twice else 1)
        delayed = self.faults.take("webhook_delayed", subject)
        delay = options.delay_seconds + (float(delayed["seconds"]) if delayed else 0)
        for _ in range(times):
            status = "lost" if self.faults.take("webhook_lost", subject) else "waiting"
            due = now + delay + self.chance.uniform(0, options.spread_seconds)
            found.append(self._delivery(case, url, _body(case.case_id, case.reference_id), due, status))
        held = self.faults.take("webhook_reordered", subject)
        return self._held(found, float(held["window_seconds"])) if held else found

    def _delivery(
        self, case: Case, url: str, body: str, due: float, status: str = "waiting", forged: str = ""
    ) -> Delivery:
        return Delivery(
            id=next(self._ids),
            case_id=case.case_id,
            reference_id=case.reference_id,
            url=url,
            body=body,
            due=due,
            created=time.time(),
            status=status,
            forged=forged,
        )

    def _held(self, fresh: list[Delivery], window: float) -> list[Delivery]:
        """Hold notifications back; once others are held, let all go, newest first, one after the other."""
        with self._changed:
            earlier = [delivery for delivery in self._log.values() if delivery.status == "held"]
            if not earlier:
                for delivery in fresh:
                    if delivery.status == "waiting":
                        delivery.status, delivery.due = "held", delivery.due + window
                return fresh
            previous, now = fresh[-1].id if fresh else 0, time.time()
            for place, delivery in enumerate(sorted(earlier, key=lambda each: each.id, reverse=True), start=1):
                delivery.status, delivery.due, delivery.after = "waiting", now + place / 5, previous
                previous = delivery.id
                self._push(delivery)
        return fresh

    def _forged(self, case: Case, url: str, parameters: Json) -> list[Delivery]:
        kind = str(parameters["kind"])
        return [
            self._delivery(case, url, self._forged_body(case, kind), time.time(), forged=kind)
            for _ in range(int(parameters["count"]))
        ]

    def _forged_body(self, case: Case, kind: str) -> str:
        """Return the body of a notification that never came from a real event."""
        match kind:
            case "wrong_reference":
                return _body(case.case_id, secrets.token_hex(7))
            case "other_case":
                other = next((each for each in self.cases.newest_first() if each is not case), case)
                return _body(other.case_id, case.reference_id)
            case "malformed":
                return '{"caseId": "' + case.case_id + '", "referenceId": '
            case "oversized":
                return json.dumps({"caseId": case.case_id, "referenceId": "x" * 200_000})
            case "extra_keys":
                return json.dumps({"caseId": case.case_id, "referenceId": case.reference_id, "status": "success"})
            case _:
                return _body(secrets.token_hex(6).upper(), case.reference_id)

    def _push(self, delivery: Delivery) -> None:
        """Log a delivery and queue it if it is to be sent. The caller holds the lock and wakes the threads."""
        self._log[delivery.id] = delivery
        self._save(delivery)
        if delivery.status in OPEN:
            heapq.heappush(self._queue, (delivery.due, delivery.id))

    def _save(self, delivery: Delivery) -> None:
        self.store.put("webhook", str(delivery.id), asdict(delivery))

    def _forget_old(self) -> None:
        """Drop the oldest finished entries of a long log."""
        if len(self._log) <= KEPT:
            return
        for delivery in list(self._log.values())[: len(self._log) - KEPT]:
            if delivery.status not in OPEN:
                del self._log[delivery.id]
                self.store.delete("webhook", str(delivery.id))

    def _work(self) -> None:
        with httpx.Client(timeout=self.settings.webhook_timeout_seconds, follow_redirects=False) as http:
            while (delivery := self._next()) is not None:
                self._send(http, delivery)

    def _next(self) -> Delivery | None:
        """Wait for the next delivery that is due and take it; None when the courier stops."""
        with self._changed:
            while not self._stopping:
                pause = self._queue[0][0] - time.time() if self._queue else None
                if pause is not None and pause <= 0:
                    due, number = heapq.heappop(self._queue)
                    delivery = self._log.get(number)
                    if delivery is None or delivery.status not in OPEN or delivery.due != due:
                        continue
                    if self._waits_for_another(delivery):
                        delivery.due = time.time() + 0.05
                        heapq.heappush(self._queue, (delivery.due, number))
                        continue
                    delivery.status = "sending"
                    return delivery
                self._changed.wait(pause)
        return None

    def _waits_for_another(self, delivery: Delivery) -> bool:
        other = self._log.get(delivery.after)
        return other is not None and (other.status == "sending" or (other.status == "waiting" and not other.attempts))

    def _send(self, http: httpx.Client, delivery: Delivery) -> None:
        """Post one notification; what fails is tried again later, twice as late each time."""
        delivery.attempts += 1
        delivery.last_status, delivery.last_error = None, ""
        try:
            delivery.last_status = http.post(delivery.url, content=delivery.body, headers=HEADERS).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivery.last_error = type(error).__name__
        answered = delivery.last_status is not None
        accepted = delivery.last_status is not None and 200 <= delivery.last_status < 300
        with self._changed:
            if delivery.status != "sending":
                pass  # somebody asked for it once more in the meantime, and it stands in the queue
            elif accepted or (answered and delivery.forged):
                delivery.status = "delivered"
            elif delivery.forged or delivery.attempts >= self.settings.webhook_attempts:
                delivery.status = "failed"
            else:
                delivery.status = "waiting"
                delivery.due = time.time() + self.settings.webhook_backoff_seconds * 2 ** (delivery.attempts - 1)
                heapq.heappush(self._queue, (delivery.due, delivery.id))
                self._changed.notify()
            if delivery.id in self._log:
                self._save(delivery)

    def log(self, *, case_id: str = "", status: str = "", limit: int = 100) -> list[Delivery]:
        """Return log entries, newest first."""
        with self._changed:
            entries = list(self._log.values())
        fitting = (
            entry for entry in reversed(entries) if case_id in {"", entry.case_id} and status in {"", entry.status}
        )
        return list(itertools.islice(fitting, limit))

    def summary(self) -> dict[str, int]:
        """Count the log entries by status."""
        with self._changed:
            counts = Counter(entry.status for entry in self._log.values())
        counts["waiting"] += counts["sending"]
        return {status: counts[status] for status in ("waiting", "held", "delivered", "failed", "lost")}

    def flush(self) -> int:
        """Let everything that waits be due now, in the order of the log; return how many."""
        return self._again(lambda entry: entry.status in OPEN)

    def redeliver(self, *, ids: Iterable[int] = (), status: str = "") -> int:
        """Send finished entries once more, by id or by status; return how many."""
        wanted = set(ids)
        return self._again(lambda entry: entry.id in wanted or bool(status and entry.status == status))

    def _again(self, chosen: Callable[[Delivery], bool]) -> int:
        with self._changed:
            entries = [entry for entry in self._log.values() if chosen(entry)]
            now = time.time()
            for place, entry in enumerate(entries):
                entry.attempts = 0 if entry.status not in OPEN else entry.attempts
                entry.status, entry.due = "waiting", now + place * 1e-6
                self._push(entry)
            self._changed.notify_all()
        return len(entries)

    def clear(self) -> None:
        """Forget the whole log and everything that waits."""
        with self._changed:
            self._log.clear()
            self._queue.clear()
            self.store.clear("webhook")


def _body(case_id: str, reference_id: str | None) -> str:
    return json.dumps({"caseId": case_id, "referenceId": reference_id})
