"""What happens to a case: it is ordered, a method is chosen, an attempt ends. Pages, API and control call only this."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from simulators.clock import Clock, moment, text
from simulators.faults import FaultBook
from simulators.json_types import Json
from simulators.postident.cases import Attempt, Case, CaseFile, end_of_day
from simulators.postident.people import altered, document_for, with_differences
from simulators.settings import Client

STATUS_WORDS: Mapping[str, str] = {
    "success": "success",
    "declined": "declined",
    "declined_fraud": "declined",
    "incomplete": "incomplete",
    "review_pending": "review pending",
    "coupon_requested": "coupon requested",
    "started": "started",
    "pin_blocked": "declined",
    "eid_disabled": "declined",
    "card_expired": "declined",
    "not_supported": "declined",
    "cancelled": "incomplete",
    "connection_lost": "incomplete",
}
SUB_STATUS: Mapping[str, tuple[str, str]] = {
    "declined": ("DOCUMENT_MISMATCH", "The document does not belong to the person or cannot be accepted"),
    "declined_fraud": ("FRAUD", "The identification was stopped"),
    "incomplete": ("PROCESS_INCOMPLETE", "The identification was not finished"),
    "review_pending": ("REVIEW", "The identification is being reviewed"),
    "pin_blocked": ("PIN_BLOCKED", "The PIN of the card is blocked"),
    "eid_disabled": ("EID_DISABLED", "The online function is off or the card is blocked"),
    "card_expired": ("CARD_EXPIRED", "The card has expired"),
    "not_supported": ("NOT_SUPPORTED", "The card or the phone is not supported"),
    "cancelled": ("CANCELLED", "The person cancelled"),
    "connection_lost": ("CONNECTION_LOST", "The connection to the card was lost"),
}
EID_FAILURES = ("pin_blocked", "eid_disabled", "card_expired", "not_supported", "cancelled", "connection_lost")
SHOWS_DOCUMENT = frozenset({"success", "declined", "declined_fraud", "review_pending"})
UNFINISHED = frozenset({"started", "coupon requested", "review pending"})


class CaseClosed(ValueError):
    """The case is finished or past its validity, so that nothing can be started in it."""

    def __str__(self) -> str:
        """Say so."""
        return "the case is closed, archived or expired"


@dataclass
class Finish:
    """How an attempt ends. `identification_time` "" means now and None leaves it out; `document` holds overrides."""

    method: str
    outcome: str
    document: Json = field(default_factory=dict)
    identification_time: str | None = ""
    sub_status: Json | None = None
    sub_status_reason: str | None = None
    new_attempt: bool = False
    under_new_case_id: bool = False
    early_seconds: float = 0


class Desk:
    """Orders, choices and results; it changes cases and tells nobody (the webhooks are the caller's)."""

    def __init__(self, cases: CaseFile, faults: FaultBook, clock: Clock) -> None:
        """Work on these cases, with these faults, by this clock."""
        self.cases, self.faults, self.clock = cases, faults, clock

    def order(self, client: Client, order: Json) -> Case:
        """Open a case for a checked create call; raise ReferenceUsed."""
        process = order.get("processData") or {}
        reused = self.faults.take("reused_case_id")
        case_id = (reused or {}).get("case_id") or self.cases.new_id(client.client_id)
        reference = process.get("referenceId") or case_id
        case = self._blank(case_id, client, reference, process.get("webHookUrl"))
        case.order = order
        self.cases.add(case)
        return case

    def unknown_case(self, client: Client, reference: str | None, webhook_url: str | None, order: Json) -> Case:
        """File a case that the client never ordered."""
        case = self._blank(self.cases.new_id(client.client_id), client, reference, webhook_url)
        case.order = order
        self.cases.add(case, claim_reference=False)
        return case

    def _blank(self, case_id: str, client: Client, reference: str | None, webhook_url: str | None) -> Case:
        now = self.clock.now()
        return Case(
            case_id=case_id,
            client_id=client.client_id,
            reference_id=reference,
            webhook_url=webhook_url,
            created=text(now),
            modified=text(now),
            valid_until=text(end_of_day(now, client.valid_days)),
        )

    def valid_until(self, case: Case) -> str:
        """Return until when the case may be started, as the fault `expired_case` would have it."""
        expired = self.faults.peek("expired_case", case.case_id)
        if expired is None:
            return case.valid_until
        return text(self.clock.now() - timedelta(days=float(expired["days"])))

    def is_expired(self, case: Case) -> bool:
        """Whether the case can no longer be started or restarted."""
        return self.clock.now() > moment(self.valid_until(case))

    def choose(self, case: Case, method: str) -> Attempt:
        """Begin an attempt, or go on with an open one of the method; raise CaseClosed."""
        with self.cases.lock:
            if case.status == "closed" or case.archived or self.is_expired(case):
                raise CaseClosed
            attempt = case.latest(method)
            if attempt is not None and attempt.status in UNFINISHED:
                return attempt
            attempt = self._begin(case, method)
            attempt.status = "coupon requested" if method == "basic" else "started"
            self.cases.save(case)
            return attempt

    def finish(self, case: Case, wanted: Finish) -> Case:
        """End an attempt and return the case under which the result is filed (another one for `under_new_case_id`).

        Expiry is no hindrance: clerks do not look at the date on the coupon.
        """
        outcome = self._outcome(case, wanted)
        apart = self.faults.take("new_case_id", case.case_id) is not None or wanted.under_new_case_id
        with self.cases.lock:
            target = self._copy_under_new_id(case) if apart else case
            if wanted.early_seconds:
                self._hide(target, wanted.early_seconds)
            attempt = target.latest(wanted.method)
            if attempt is None or wanted.new_attempt or attempt.status not in UNFINISHED:
                attempt = self._begin(target, wanted.method)
            self._write_result(case, target, attempt, outcome, wanted)
            self.cases.save(target)
        return target

    def _outcome(self, case: Case, wanted: Finish) -> str:
        """Return the wanted outcome, unless a fault decides otherwise."""
        if wanted.method == "eid" and wanted.outcome in STATUS_WORDS:
            failure = self.faults.take("eid_outcome", case.case_id)
            if failure is not None:
                return str(failure["failure"])
        if wanted.outcome in EID_FAILURES or wanted.outcome in {"started", "coupon_requested"}:
            return wanted.outcome
        forced = self.faults.take("forced_outcome", case.case_id)
        return wanted.outcome if forced is None else str(forced["outcome"])

    def _copy_under_new_id(self, case: Case) -> Case:
        """File a case anew that carries no more of the first one than its reference and custom data."""
        twin = deepcopy(case)
        twin.case_id = self.cases.new_id(case.client_id)
        twin.created = twin.modified = text(self.clock.now())
        twin.status, twin.attempts = "new", []
        twin.order = {
            "processData": {"referenceId": case.reference_id},
            "contactDataProvided": None,
            "identificationDocumentProvided": None,
            "customData": case.order.get("customData"),
        }
        self.cases.add(twin, claim_reference=False)
        return twin

    def _hide(self, case: Case, seconds: float) -> None:
        """Keep the present state for show; what comes now can be read only later."""
        now = self.clock.now()
        case.earlier = {"status": case.status, "attempts": [asdict(attempt) for attempt in case.attempts]}
        case.shown_from = text(now + timedelta(seconds=seconds))

    def _begin(self, case: Case, method: str) -> Attempt:
        now = text(self.clock.now())
        attempt = Attempt(method=method, status="started", created=now, modified=now)
        case.attempts.append(attempt)
        case.status = "in progress"
        case.modified = now
        return attempt

    def _write_result(self, case: Case, target: Case, attempt: Attempt, outcome: str, wanted: Finish) -> None:
        """Fill in status, document and times, and close the case where nothing more can come."""
        now = self.clock.now()
        attempt.status = STATUS_WORDS.get(outcome, outcome)
        attempt.modified = target.modified = text(now)
        attempt.identification_time = text(now) if wanted.identification_time == "" else wanted.identification_time
        attempt.verified = outcome == "success"
        code = SUB_STATUS.get(outcome)
        default = {"code": code[0], "description": code[1]} if code else None
        attempt.sub_status = wanted.sub_status if wanted.sub_status is not None else default
        fraud = "suspected fraud" if outcome == "declined_fraud" else None
        attempt.sub_status_reason = wanted.sub_status_reason or fraud
        shows = outcome in SHOWS_DOCUMENT or outcome not in STATUS_WORDS
        attempt.document = self._document_with_faults(case, wanted.document) if shows else None
        target.status = "closed" if closes(wanted.method, outcome) else "in progress"

    def document(self, case: Case, overrides: Json) -> Json:
        """Return what stands on the document that the person shows: what was ordered, with values laid over it."""
        today = self.clock.now().date()
        return altered(document_for(case.order, case.case_id, today), overrides, today)

    def _document_with_faults(self, case: Case, overrides: Json) -> Json:
        changed = self.faults.take("changed_names", case.case_id)
        document = self.document(case, overrides)
        return with_differences(document, changed["difference"]) if changed else document


def closes(method: str, outcome: str) -> bool:
    """Whether an outcome ends the whole case: success does, and a decline of everything but eID."""
    return outcome == "success" or (outcome in {"declined", "declined_fraud"} and method != "eid")
