"""One case as staff see it: how it stands, attempts, results, reviews by their codes, and the whole trail. No names."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.audit.models import AuditEvent
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.workplace import words
from identity.workplace.differences import sentences
from identity.workplace.events import Entry, in_words, with_staff

LONGEST_TRAIL = 300
_REFERENCE = re.compile(r"[A-Z0-9]{14}")


def find_case(text: str) -> uuid.UUID | None:
    """Return the public id of the case with this number: its own, or the reference number of one of its attempts."""
    try:
        return _first(Q(public_id=uuid.UUID(text.strip())))
    except ValueError:
        reference = re.sub(r"[\s-]", "", text).upper()
        return _first(Q(attempts__reference=reference)) if _REFERENCE.fullmatch(reference) else None


def _first(condition: Q) -> uuid.UUID | None:
    return IdentificationCase.objects.filter(condition).values_list("public_id", flat=True).first()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`trail` has the newest event first; `is_cut` when there are more than are shown."""

    case: IdentificationCase
    attempts: list[dict[str, Any]]
    results: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    trail: list[Entry]
    is_cut: bool


def case_or_404(case_id: uuid.UUID) -> IdentificationCase:
    cases = IdentificationCase.objects.select_related("insurant", "insurer", "method")
    return get_object_or_404(cases, public_id=case_id)


def file_of(case: IdentificationCase) -> CaseFile:
    """Return all there is about a case, with a fixed number of queries."""
    related = case.attempts.select_related("method", "result").defer("continue_url", "app_url", "result__person")
    attempts = list(related.order_by("-intended_at"))
    results = [each.result for each in attempts if hasattr(each, "result")]
    reviews = list(case.reviews.select_related("proposed_by", "decided_by").order_by("-raised_at"))
    events = list(_events(case, attempts, reviews)[: LONGEST_TRAIL + 1])
    return CaseFile(
        case,
        [_attempt(each) for each in attempts],
        [_result(each) for each in sorted(results, key=attrgetter("received_at"), reverse=True)],
        [_review(each) for each in reviews],
        _folded(in_words(events[:LONGEST_TRAIL], [each.method for each in attempts])),
        len(events) > LONGEST_TRAIL,
    )


def _events(case: IdentificationCase, attempts: list[Attempt], reviews: list[Review]) -> Any:
    of_case = Q(subject_type="identity.identificationcase", subject_id=str(case.public_id))
    of_attempts = Q(subject_type="identity.attempt", subject_id__in=[str(each.pk) for each in attempts])
    of_reviews = Q(subject_type="identity.review", subject_id__in=[str(each.pk) for each in reviews])
    return with_staff(AuditEvent.objects.filter(of_case | of_attempts | of_reviews).order_by("-seq"))


def _folded(entries: list[Entry]) -> list[Entry]:
    """Tell looks of one person at one page that follow each other as one entry with its count; nothing is left out."""
    told: list[Entry] = []
    for _unused, same in groupby(entries, key=_same_look):
        run = list(same)
        if len(run) > 1:
            since = {"count": len(run), "moment": date_format(localtime(run[-1].at), "SHORT_DATETIME_FORMAT")}
            body = " · ".join([run[0].body, _("%(count)s times since %(moment)s") % since])
            run = [replace(run[0], body=body)]
        told += run
    return told


def _same_look(entry: Entry) -> tuple[object, ...]:
    return (entry.by, entry.body) if entry.name == "identity.case.viewed" else (entry.seq,)


def case_badge(case: IdentificationCase) -> str:
    return words.CASE_BADGES.get(CaseState(case.state), "neutral")


def _attempt(attempt: Attempt) -> dict[str, Any]:
    state = AttemptState(attempt.state)
    return {
        "attempt": attempt,
        "state": state.label,
        "badge": words.ATTEMPT_BADGES.get(state, "neutral"),
        "progress": words.PROGRESS.get(attempt.progress, attempt.progress),
        "reason": words.reason(attempt.reason) if attempt.reason else "",
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "result": result,
        "document": words.document_type(result.document_type),
        "verdict": words.VERDICTS.get(result.verdict, result.verdict),
        "differences": sentences(result.differences),
    }


def _review(review: Review) -> dict[str, Any]:
    state = ReviewState(review.state)
    decisions = words.decisions_for(review.kind)
    return {
        "review": review,
        "kind": words.KINDS[review.kind],
        "state": state.label,
        "badge": words.REVIEW_BADGES[state],
        "proposal": decisions.get(review.proposal, ""),
        "decision": decisions.get(review.decision, ""),
    }
