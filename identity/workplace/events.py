"""The audit trail in sentences, for staff. An event that has none yet is shown by its name: nothing is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, OuterRef, QuerySet, Subquery, UUIDField, When
from django.db.models.functions import Cast
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from core.accounts.models import Account
from core.actors import ActorKind
from core.audit.models import AuditEvent
from identity.callbacks.services import ClosingReason
from identity.callbacks.states import EntryState
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Effect, Purpose, QuarantineEnd
from identity.methods.models import Method
from identity.workplace import words
from identity.workplace.differences import sentences

SENTENCES: Final[Mapping[str, Any]] = {
    "identity.case.opened": _("Case opened"),
    "identity.case.declared": _("Declaration previewed and sent"),
    "identity.case.method_changed": _("Method changed"),
    "identity.case.choosing": _("Case back at the choice of a method"),
    "identity.case.identifying": _("Identification under way"),
    "identity.case.in_review": _("Case waits for a clerk"),
    "identity.case.identified": _("Person identified"),
    "identity.case.refused": _("Application refused"),
    "identity.case.cancelled": _("Case cancelled"),
    "identity.case.expired": _("Case expired"),
    "identity.case.offered": _("Late result offered to the person"),
    "identity.case.met_by_order": _("Case met by a suspension"),
    "identity.case.thawed": _("Pause over: deadlines moved by its length"),
    "identity.case.order_undone": _("Suspension taken back: case as it was before"),
    "identity.case.viewed": _("Case looked at by staff"),
    "identity.attempt.intended": _("Attempt written down before the provider was called"),
    "identity.attempt.unreached": _("Provider not reached; this does not count as an attempt"),
    "identity.attempt.started": _("Attempt started at the provider"),
    "identity.attempt.resumed": _("Attempt gone on with"),
    "identity.attempt.progress": _("News from the provider"),
    "identity.attempt.succeeded": _("Attempt succeeded"),
    "identity.attempt.failed": _("Attempt not successful"),
    "identity.attempt.rejected": _("Result not accepted"),
    "identity.attempt.surplus": _("Result no longer needed"),
    "identity.attempt.withheld": _("Result withheld: it grants nothing"),
    "identity.attempt.expired": _("Attempt expired"),
    "identity.attempt.late": _("Result came after the end"),
    "identity.attempt.cancelled": _("Attempt cancelled"),
    "identity.attempt.withdrawn": _("Provider took the success back"),
    "identity.attempt.stopped": _("Attempt stopped by a suspension"),
    "identity.attempt.quarantined": _("Result kept in quarantine"),
    "identity.result.received": _("Result received and compared with the register"),
    "identity.review.proposed": _("Decision proposed"),
    "identity.review.contradicted": _("Proposal contradicted"),
    "identity.review.withdrawn": _("Review withdrawn by a suspension"),
    "identity.review.decided": _("Decision confirmed by a second person"),
    "identity.inbox.retried": _("Inbox entry to be tried again"),
    "identity.inbox.closed": _("Inbox entry settled by a person"),
    "identity.suspension.imposed": _("Method suspended"),
    "identity.suspension.ended": _("Suspension ended"),
    "identity.suspension.confirmed": _("Suspension confirmed by a second administrator"),
    "identity.suspension.undone": _("Suspension taken back within minutes"),
    "identity.suspension.lifting_proposed": _("Lifting proposed"),
    "identity.suspension.lifting_withdrawn": _("Proposal to lift withdrawn"),
    "identity.suspension.lifted": _("Lifted by two administrators"),
    "identity.suspension.readmission_stopped": _("Readmission stopped by itself"),
    "identity.suspension.campaign_started": _("Re-verification campaign started"),
    "identity.suspension.campaign_ended": _("Re-verification campaign ended"),
    "identity.suspension.exported": _("All about a suspension taken out as a file"),
    "identity.suspension.history_exported": _("History of methods taken out"),
    "identity.campaign.drafted": _("Re-verification campaign drafted"),
    "identity.campaign.started": _("Re-verification campaign started"),
    "identity.campaign.stopped": _("Re-verification campaign stopped"),
    "identity.campaign.ended": _("Re-verification campaign ended"),
    "identity.campaign.asked": _("Asked to be identified again"),
    "identity.campaign.done": _("Identified again, campaign settled"),
    "identity.campaign.restricted": _("Restricted: not identified again in time"),
    "identity.campaign.excepted": _("Excepted from a campaign"),
    "identity.feedback.viewed": _("What readers say looked at"),
    "identity.insurant.linked": _("Account connected with the insured person"),
    "identity.insurant.link_refused": _("Connecting an account refused"),
    "identity.insurant.register_changed": _("Register changed by an import"),
    "identity.register.imported": _("Register imported"),
    "identity.register.import_stopped": _("Import of the register stopped"),
}
PAGES: Final[Mapping[str, Any]] = {
    "review": _("page of the review"),
    "case": _("page of the case"),
    "compared": _("compared with another case"),
    "quarantine": _("list of results in quarantine"),
}
LABELS: Final[Mapping[str, Any]] = {
    "reason": _("Reason"),
    "outcome": _("For the person"),
    "suspension": _("Number of the suspension"),
    "pause_seconds": _("Length of the pause in seconds"),
    "source": _("Before"),
    "method": _("Method"),
    "method_used": _("Method used"),
    "progress": _("State at the provider"),
    "decision": _("Decision"),
    "differences": _("Differences"),
    "verdict": _("Comparison"),
    "kind": _("Kind"),
    "purpose": _("Purpose"),
    "refused_because": _("Not accepted because"),
    "problem": _("Problem"),
    "page": _("Where"),
    "level": _("Level"),
    "hints": _("Messages"),
    "identified_at": _("Identified at"),
    "effective_from": _("Effective from"),
    "ends_at": _("Until"),
    "order_reference": _("Order"),
    "evidence": _("Evidence"),
    "effect": _("People who have begun"),
    "finish_until": _("They may finish until"),
    "void_since": _("Withdrawn since"),
    "quarantine_end": _("Results in quarantine"),
    "percents": _("Admitted in steps (percent)"),
    "step_hours": _("Hours each step"),
    "form": _("Form of the file"),
    "stop": _("Number of the new suspension"),
    "failed": _("Failed attempts"),
    "decided": _("of"),
    "limit_percent": _("Limit in percent"),
    "provider": _("Provider"),
    "region": _("Region"),
    "channel": _("Channel"),
    "changed": _("Changed"),
    "new": _("New"),
    "unchanged": _("Unchanged"),
    "rejected": _("Rejected"),
}
UNTOLD = frozenset({"case_id", "insurer_id", "proposed_by"})
STATES = {state.value: state.label for states in (AttemptState, EntryState, CaseState) for state in states}
CLOSING = {each.value: each.label for each in ClosingReason}
PURPOSES = {each.value: each.label for each in Purpose}
EFFECTS = {each.value: each.label for each in Effect}
QUARANTINE_ENDS = {each.value: each.label for each in QuarantineEnd}
TABLES: Final[Mapping[str, Callable[[str], Any]]] = {
    "reason": lambda code: CLOSING.get(code) or words.reason(code),
    "refused_because": words.reason,
    "problem": words.problem,
    "outcome": lambda code: words.OUTCOMES.get(code, code),
    "source": lambda code: STATES.get(code, code),
    "progress": lambda code: words.PROGRESS.get(code, code),
    "decision": lambda code: words.DECISIONS.get(code, code),
    "verdict": lambda code: words.VERDICTS.get(code, code),
    "kind": lambda code: words.KINDS.get(code, code),
    "purpose": lambda code: PURPOSES.get(code, code),
    "page": lambda code: PAGES.get(code, code),
    "changed": lambda code: words.FIELDS.get(code, code),
    "differences": lambda code: sentences([code])[0].rstrip("."),
    "effect": lambda code: EFFECTS.get(code, code),
    "quarantine_end": lambda code: QUARANTINE_ENDS.get(code, code),
    **dict.fromkeys(
        ("identified_at", "effective_from", "ends_at", "finish_until", "void_since"), lambda text: moment(text)
    ),
}
PROBLEMS = frozenset(
    {"identity.attempt.failed", "identity.attempt.rejected", "identity.attempt.withheld", "identity.attempt.withdrawn"}
    | {"identity.attempt.unreached", "identity.case.refused", "identity.suspension.imposed"}
    | {"identity.suspension.readmission_stopped"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words, in the shape of components/timeline.html; with what only the audit page shows."""

    title: str
    at: datetime
    body: str
    by: str
    state: str
    seq: int
    name: str
    subject_type: str
    subject_id: str


def in_words(events: Iterable[AuditEvent], methods: Iterable[Method] | None = None) -> list[Entry]:
    """Return events, from a query `with_staff`, in words and in their order. Methods that are not given are read."""
    names = {method.code: method.name for method in (Method.objects.all() if methods is None else methods)}
    return [
        Entry(
            title=str(SENTENCES.get(event.name, event.name)),
            at=event.at,
            body=details(event.facts, names),
            by=_who(event),
            state="problem" if event.name in PROBLEMS else "done",
            seq=event.seq,
            name=event.name,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
        )
        for event in events
    ]


def details(facts: Mapping[str, Any], methods: Mapping[str, str]) -> str:
    """Return the facts of an event as one line of words."""
    told = [(key, value) for key, value in facts.items() if key not in UNTOLD and value not in ("", None, [])]
    told = [(key, value) for key, value in told if value or key != "step_hours"]  # no steps: nothing to tell
    return " · ".join(f"{LABELS.get(key, key)}: {_value(key, value, methods)}" for key, value in told)


def _value(key: str, value: Any, methods: Mapping[str, str]) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(key, each, methods) for each in value)
    if key in ("method", "method_used"):
        return methods.get(value, str(value))
    return str(TABLES[key](value)) if key in TABLES and isinstance(value, str) else str(value)


def moment(text: str) -> str:
    """Return a moment of the trail as people write it; what cannot be read stays as it is."""
    read = parse_datetime(text)
    return date_format(localtime(read), "SHORT_DATETIME_FORMAT") if read and read.tzinfo else text


STAFF = (ActorKind.CLERK, ActorKind.ADMINISTRATOR)
_PUBLIC_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def with_staff(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Have events bring `staff_email`, the address of the member of staff who acted: see `staff_named`."""
    by_staff = When(actor_kind__in=STAFF, actor_reference__regex=_PUBLIC_ID, then=Cast("actor_reference", UUIDField()))
    events = events.annotate(actor_id=Case(by_staff))
    staff = Account.objects.filter(public_id=OuterRef("actor_id"), is_staff=True)
    return events.annotate(staff_email=Subquery(staff.values("email")))


def staff_named(references: Iterable[str]) -> dict[str, str]:
    """Return the address of members of staff by their public id: colleagues have to know whom to ask."""
    wanted = {each for each in references if len(each) == 36}
    if not wanted:
        return {}
    found = Account.objects.filter(public_id__in=wanted, is_staff=True).values_list("public_id", "email")
    return {str(public_id): email for public_id, email in found}


def _who(event: AuditEvent) -> str:
    kind = str(ActorKind(event.actor_kind).label)
    if event.actor_kind in STAFF:
        return getattr(event, "staff_email", None) or kind
    return f"{kind} ({event.actor_reference})" if event.actor_kind == ActorKind.PROVIDER else kind
