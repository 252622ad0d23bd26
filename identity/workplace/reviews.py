"""Reviews for a clerk: the list, one review with all that a decision needs, and what this clerk may do about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.accounts.models import Account
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.states import OPEN_REVIEW, ReviewState
from identity.workplace import words
from identity.workplace.access import refuse_own
from identity.workplace.comparison import address_line, codes_today, expired_before, unchecked_words
from identity.workplace.differences import KNOWN_FOR_ANOTHER

DECIDED_LATELY = timedelta(days=30)
OTHERS_SHOWN = 5
EARLIER_SHOWN = 20


class Queue(StrEnum):
    """What the list can be narrowed to; `TODO` is what it shows at first."""

    TODO = "todo"
    FIRST = "first"
    SECOND = "second"
    DECIDED = "decided"


class Part(StrEnum):
    """What a clerk can do on the page of a review."""

    PROPOSE = "propose"
    ANSWER = "answer"
    WAIT = "wait"  # they proposed it: a colleague has to confirm
    NOTHING = "nothing"  # it has been decided


def listed(queue: str, kind: str) -> QuerySet[Review]:
    """Return the reviews of a queue: what waits longest first, what was decided latest first."""
    reviews = (
        Review.objects.select_related("case__insurer", "attempt")
        .defer("proposal_reason", "decision_reason", "attempt__continue_url", "attempt__app_url")
        .annotate(owner=F("case__insurant__account"))
    )
    if kind:
        reviews = reviews.filter(kind=kind)
    match queue:
        case Queue.FIRST:
            reviews = reviews.filter(state=ReviewState.OPEN)
        case Queue.SECOND:
            reviews = reviews.filter(state=ReviewState.PROPOSED)
        case Queue.DECIDED:
            lately = timezone.now() - DECIDED_LATELY
            return reviews.filter(state=ReviewState.DECIDED, decided_at__gte=lately).order_by("-decided_at", "pk")
        case _:
            reviews = reviews.filter(state__in=OPEN_REVIEW)
    return reviews.order_by("raised_at", "pk")


def list_row(review: Review, account: Account) -> dict[str, Any]:
    """Return one row of the list. It names nobody: who wants to see the person opens the review, which is recorded."""
    state = ReviewState(review.state)
    return {
        "review": review,
        "reference": review.attempt.reference,
        "kind": words.KINDS[review.kind],
        "state": state.label,
        "badge": words.REVIEW_BADGES[state],
        "decision": words.decisions_for(review.kind).get(review.decision, ""),
        "is_own": getattr(review, "owner", None) == account.pk,
        "is_mine": state is ReviewState.PROPOSED and review.proposed_by_id == account.pk,
    }


@dataclass(frozen=True, slots=True)
class Material:
    """All that a decision needs. `others` are the people whom the same document has identified."""

    review: Review
    result: Result | None
    attempts: list[Attempt]
    earlier: list[Result]
    others: list[IdentificationCase]

    @property
    def codes_then(self) -> list[str]:
        """Return what differed when the result came."""
        return list(self.result.differences) if self.result else []

    @property
    def codes(self) -> list[str]:
        """Return what differs today, and what no comparison with the register can find."""
        if self.result is None:
            return list(self.review.differences)
        age = self.review.attempt.method.minimum_age
        known = [KNOWN_FOR_ANOTHER] if KNOWN_FOR_ANOTHER in self.review.differences else []
        return known + codes_today(self.review.case.insurant, self.result, minimum_age=age)


def material_for(account: Account, review_id: uuid.UUID) -> Material:
    """Return a review with its material. Raises Http404, and OwnCase when it is about the one who asks."""
    related = ("case__insurant__insurer", "case__insurer", "attempt__method", "attempt__result", "proposed_by",
               "decided_by")  # fmt: skip
    review = get_object_or_404(Review.objects.select_related(*related), pk=review_id)
    result: Result | None = getattr(review.attempt, "result", None)
    attempts = review.case.attempts.select_related("method").defer("continue_url", "app_url").order_by("intended_at")
    of_person = Result.objects.filter(case__insurant=review.case.insurant_id).select_related("attempt__method", "case")
    earlier = of_person.exclude(attempt=review.attempt_id).defer("person").order_by("-received_at")
    others = _others(review, result)
    refuse_own(account, review.case, *others)
    return Material(review, result, list(attempts), list(earlier[:EARLIER_SHOWN]), others)


def _others(review: Review, result: Result | None) -> list[IdentificationCase]:
    """Return a case of each other insured person whom the same document has identified."""
    if KNOWN_FOR_ANOTHER not in review.differences or result is None or not result.person_hash:
        return []
    granted = Result.objects.filter(person_hash=result.person_hash, granted_at__isnull=False)
    others = granted.exclude(case__insurant=review.case.insurant_id)
    cases = IdentificationCase.objects.filter(results__in=others).select_related("insurant__insurer").order_by("pk")
    by_person = {case.insurant_id: case for case in cases}
    return list(by_person.values())[:OTHERS_SHOWN]


def part_of(account: Account, review: Review) -> Part:
    """Return what this clerk can do about the review. The service decides in the end; this is for showing."""
    match ReviewState(review.state):
        case ReviewState.OPEN:
            return Part.PROPOSE
        case ReviewState.PROPOSED:
            return Part.WAIT if review.proposed_by_id == account.pk else Part.ANSWER
    return Part.NOTHING


def document_rows(result: Result, register_address: str) -> list[tuple[str, str]]:
    """Return what is known of the document and the way it came, for components/summary.html."""
    person = result.person or {}
    day = timezone.localdate(result.identified_at or result.received_at)
    expires = date_format(result.document_expires_on, "SHORT_DATE_FORMAT") if result.document_expires_on else ""
    if expired_before(result, day):
        expires = _("%(day)s: expired before the identification") % {"day": expires}
    return [
        (_("Kind of document"), words.document_type(result.document_type)),
        (_("Country of the document"), result.document_country),
        (_("Last day of validity"), expires),
        (_("Method used"), result.attempt.method.name if result.method_used == result.attempt.method_id
         else result.method_used),
        (_("Identified at"), _moment(result.identified_at)),
        (_("Received at"), _moment(result.received_at)),
        (_("Place of birth"), str(person.get("birth_place") or "")),
        (_("Nationality"), str(person.get("nationality") or "")),
        (_("Address on the document"), address_line(person.get("address"))),
        (_("Address in the register"), register_address),
        (_("Not checked by the provider"), unchecked_words(person) or _("nothing: everything was checked")),
    ]  # fmt: skip


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
