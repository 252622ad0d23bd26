"""Codes as words and as colours of badges, for staff: reasons, problems of the inbox, documents, decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.callbacks.states import EntryState
from identity.cases.effects.models import AffectedCase
from identity.cases.models import Review
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.methods.choices import Reason

KINDS: Final[Mapping[str, Any]] = {
    Review.Kind.DIFFERENCE: gettext_lazy("Register and document differ"),
    Review.Kind.SECOND_PERSON: gettext_lazy("Document known for another person"),
    Review.Kind.WITHDRAWN: gettext_lazy("Provider took a success back"),
}
DECISIONS: Final[Mapping[str, Any]] = {
    Review.Decision.APPROVE: gettext_lazy("Accept: it is the insured person"),
    Review.Decision.REPEAT: gettext_lazy("Identify again, with another document"),
    Review.Decision.REFUSE: gettext_lazy("Refuse the application"),
}
DECISIONS_ON_WITHDRAWAL: Final[Mapping[str, Any]] = {
    Review.Decision.APPROVE: gettext_lazy("The identification stands"),
    Review.Decision.REPEAT: gettext_lazy("The person has to identify again; we tell them ourselves"),
    Review.Decision.REFUSE: gettext_lazy("The identification must not stand; we take it further ourselves"),
}
VERDICTS: Final[Mapping[str, Any]] = {
    "match": gettext_lazy("matches"),
    "review": gettext_lazy("has to be looked at"),
    "mismatch": gettext_lazy("does not match"),
}
DOCUMENTS: Final[Mapping[str, Any]] = {
    "id_card": gettext_lazy("ID card"),
    "passport": gettext_lazy("Passport"),
    "residence_title": gettext_lazy("Residence title"),
    "temporary_id_card": gettext_lazy("Temporary ID card"),
    "temporary_passport": gettext_lazy("Temporary passport"),
}
FIELDS: Final[Mapping[str, Any]] = {
    "given_names": gettext_lazy("Given names"),
    "family_name": gettext_lazy("Family name"),
    "birth_name": gettext_lazy("Birth name"),
    "birth_date": gettext_lazy("Date of birth"),
    "birth_place": gettext_lazy("Place of birth"),
    "nationality": gettext_lazy("Nationality"),
    "address": gettext_lazy("Address"),
    "document_type": gettext_lazy("Kind of document"),
    "country": gettext_lazy("Country of the document"),
    "expires_on": gettext_lazy("Last day of validity"),
    "title": gettext_lazy("Academic title"),
}
PROGRESS: Final[Mapping[str, Any]] = {
    "started": gettext_lazy("begun"),
    "coupon_requested": gettext_lazy("coupon made"),
    "incomplete": gettext_lazy("not finished"),
    "review_pending": gettext_lazy("the provider is checking"),
    "declined": gettext_lazy("declined by the provider"),
    "success": gettext_lazy("success"),
    "unknown": gettext_lazy("a state that we do not know"),
}
REASONS: Final[Mapping[str, Any]] = {
    "suspected_fraud": gettext_lazy("Suspected fraud (the person is not told)"),
    "declined": gettext_lazy("Declined by the provider"),
    "stopped_meanwhile": gettext_lazy("Method suspended or case closed while the provider was being called"),
    "no_answer": gettext_lazy("The start never got an answer"),
    "expired": gettext_lazy("Time over"),
    "coupon_expired": gettext_lazy("Coupon expired"),
    "pin_blocked": gettext_lazy("PIN of the ID card blocked"),
    "eid_disabled": gettext_lazy("Online function of the ID card switched off"),
    "card_expired": gettext_lazy("ID card expired"),
    "document_expired": gettext_lazy("Document expired"),
    "not_supported": gettext_lazy("Phone or card not supported"),
    "cancelled": gettext_lazy("Cancelled by the person or the app"),
    "connection_lost": gettext_lazy("Connection lost"),
    "process_incomplete": gettext_lazy("Not finished at the provider"),
    "document_mismatch": gettext_lazy("Document and order did not match at the provider"),
    "review": gettext_lazy("The provider's own review ended without success"),
    "not_the_insured_person": gettext_lazy("Document of somebody else than the insured person"),
    "not_accepted_by_clerk": gettext_lazy("Not accepted by two clerks; the person may try again"),
    "refused_by_clerk": gettext_lazy("Refused by two clerks"),
    "earlier_result_taken_up": gettext_lazy("The person took up an earlier result"),
    "method_suspended": gettext_lazy("Stopped or withdrawn by a suspension"),
    "frozen": gettext_lazy("Kept in quarantine while the method is frozen"),
    "expired_during_pause": gettext_lazy("Coupon ran out during the pause (does not count as an attempt)"),
    "identification_withdrawn": gettext_lazy("Identification withdrawn from use by a suspension; asked again"),
    "order_undone": gettext_lazy("The suspension was taken back; the result is judged again"),
    Reason.SUSPENDED: gettext_lazy("Method suspended"),
    Reason.NOT_YET_READMITTED: gettext_lazy("Method admitted again for other people first"),
    Reason.UNREADABLE: gettext_lazy("The suspensions could not be read"),
    Reason.NOT_CONFIGURED: gettext_lazy("Method without a contract"),
    Reason.STAFF_ONLY: gettext_lazy("Method for staff only"),
    Reason.NOT_ADMITTED: gettext_lazy("Method not admitted for this purpose"),
    Reason.LEVEL_TOO_LOW: gettext_lazy("Level too low"),
    Reason.TOO_YOUNG: gettext_lazy("Person too young"),
    Reason.AGE_UNKNOWN: gettext_lazy("Age not known"),
    Reason.UNKNOWN_METHOD: gettext_lazy("Method not known"),
}
PROBLEMS: Final[Mapping[str, Any]] = {
    "timeout": gettext_lazy("The provider did not answer in time."),
    "unreachable": gettext_lazy("The provider could not be reached."),
    "unknown_case": gettext_lazy("The provider does not know this case any more: deleted, or a wrong number."),
    "unknown_at_provider": gettext_lazy("The provider does not know this case, and neither do we."),
    "matches_no_attempt": gettext_lazy("The result belongs to no attempt that we know. Nothing is bound by name."),
    "start_not_written_yet": gettext_lazy("Our own start of this attempt was never written down."),
    "our_own_error": gettext_lazy("Our own program failed on this result. Please tell the people who run it."),
    "adapter_broke": gettext_lazy("Our connection to the provider failed. Please tell the people who run it."),
    "other_encryption": gettext_lazy("The result came in an encryption that was not agreed on."),
    "unreadable_result": gettext_lazy("The encrypted result could not be opened: damaged, or for another key."),
    "plain_result": gettext_lazy("The result came without encryption. It is not taken."),
    "unreadable_answer": gettext_lazy("The provider's answer could not be read."),
    "unreadable_method": gettext_lazy(
        "The provider names the way of identification in characters that cannot be read. Nothing was taken from the "
        "answer, and nothing is lost: call the provider, then try again."
    ),
    "not_a_case": gettext_lazy("What the provider sent is no case."),
    "other_case": gettext_lazy("The provider answered with another case than the one asked for."),
    "not_configured": gettext_lazy("There is no contract set up for this method."),
    "bad_order": gettext_lazy("Our own order was not in the form that the provider takes."),
    "too_large": gettext_lazy("The provider's answer was too large."),
    "compressed": gettext_lazy("The provider's answer was compressed, which was not asked for."),
    "not_json": gettext_lazy("The provider's answer was not in the agreed form."),
    "bad_address": gettext_lazy("The provider's address in our settings is wrong."),
    "bad_request": gettext_lazy("Our own request was not valid."),
    "http_401": gettext_lazy("The provider did not accept our credentials."),
    "http_403": gettext_lazy("The provider did not accept our credentials."),
    "http_404": gettext_lazy("The provider does not know this case any more: deleted, or a wrong number."),
    "http_409": gettext_lazy("The provider says that our number has been used before."),
    "http_429": gettext_lazy("The provider said that we ask too often."),
    "http_503": gettext_lazy("The provider was overloaded or under maintenance."),
}
CASE_BADGES: Final[Mapping[str, str]] = {
    CaseState.CHOOSING: "neutral",
    CaseState.IDENTIFYING: "info",
    CaseState.IN_REVIEW: "warning",
    CaseState.IDENTIFIED: "success",
    CaseState.REFUSED: "danger",
    CaseState.OFFERED: "warning",
}
ATTEMPT_BADGES: Final[Mapping[str, str]] = {
    AttemptState.STARTED: "info",
    AttemptState.SUCCEEDED: "success",
    AttemptState.FAILED: "danger",
    AttemptState.REJECTED: "danger",
    AttemptState.WITHHELD: "warning",
    AttemptState.LATE: "warning",
    AttemptState.STOPPED: "warning",
    AttemptState.QUARANTINED: "warning",
}
REVIEW_BADGES: Final[Mapping[str, str]] = {
    ReviewState.OPEN: "warning",
    ReviewState.PROPOSED: "info",
    ReviewState.DECIDED: "neutral",
    ReviewState.WITHDRAWN: "neutral",
}
OUTCOMES: Final[Mapping[str, Any]] = {each.value: each.label for each in AffectedCase.Outcome}
ENTRY_BADGES: Final[Mapping[str, str]] = {
    EntryState.RECEIVED: "info",
    EntryState.WAITING: "info",
    EntryState.DONE: "success",
    EntryState.DEAD: "danger",
    EntryState.FOR_PERSON: "warning",
}


def document_type(code: str) -> str:
    """Return the kind of a document in words; travel and service documents keep the provider's number."""
    if match := re.fullmatch(r"travel_document_([0-9]+)", code):
        return _("Travel or service document (kind %(number)s)") % {"number": match[1]}
    return str(DOCUMENTS.get(code, code or _("not given")))


def problem(code: str) -> str:
    """Return why an entry of the inbox is stuck; an unknown code as it is."""
    if code in PROBLEMS:
        return str(PROBLEMS[code])
    if match := re.fullmatch(r"http_([0-9]{3})", code):
        return _("The provider answered with an error (HTTP %(status)s).") % {"status": match[1]}
    return code


def reason(code: str) -> str:
    """Return why an attempt or case stands as it does, as staff may know it; an unknown code as it is."""
    return str(REASONS[code]) if code in REASONS else problem(code)


def decisions_for(kind: str) -> Mapping[str, Any]:
    """Return what may be decided about a kind of review, in words."""
    return DECISIONS_ON_WITHDRAWAL if kind == Review.Kind.WITHDRAWN else DECISIONS
