"""Ends of a case that no provider brings: cancelled, expired, and the late result that a person takes up."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import SYSTEM, Actor
from core.errors import DomainError
from identity.cases.effects.finding import freezing_orders
from identity.cases.models import Attempt, IdentificationCase, Review
from identity.cases.services.moving import Trail, locked_case, move_attempt, move_case, question_about
from identity.cases.services.settling import Settlement, announce_end, grant_or_review, known_persons
from identity.cases.states import LIVE_ATTEMPT, OPEN_CASE, OPEN_REVIEW, AttemptState, CaseState, ReviewState
from identity.methods.choices import Action
from identity.methods.gate import MethodNotOffered, decide


class OfferOver(DomainError):
    code = "offer_over"
    message = _("This result can no longer be taken up. Please start again; it takes only a few minutes.")


@transaction.atomic
def cancel_case(case_id: uuid.UUID, *, actor: Actor) -> IdentificationCase:
    """End an open case at the person's wish. Twice changes nothing. Raises MoveNotAllowed once it is decided."""
    case = locked_case(case_id)
    if case.state != CaseState.CANCELLED:
        trail = Trail(actor)
        _cancel(case, trail)
        trail.tell(case, "cancelled")
        trail.write()
    return case


def _cancel(case: IdentificationCase, trail: Trail, reason: str = "") -> None:
    move_case(case, CaseState.CANCELLED, trail=trail, reason=reason)
    for attempt in _own_attempts(case, LIVE_ATTEMPT):
        if attempt.state == AttemptState.STARTED:
            move_attempt(attempt, AttemptState.CANCELLED, trail=trail)
            attempt.save()
    for review in case.reviews.select_for_update().filter(state__in=OPEN_REVIEW):
        review.state, review.decision, review.decided_at = ReviewState.DECIDED, Review.Decision.REPEAT, timezone.now()
        review.decided_by = None
        review.save()
    case.save()
    announce_end(case)


def expire_overdue(now: datetime | None = None, *, limit: int = 500) -> int:
    """End what is past its time, each in a transaction of its own; return how many. Safe to run twice at once."""
    now = now or timezone.now()
    spent = [AttemptState.STARTED, AttemptState.FAILED, AttemptState.STOPPED]
    coupons = Attempt.objects.filter(state__in=spent, valid_until__lte=now, case__frozen_since=None)
    case_ids = list(coupons.values_list("case__public_id", flat=True).distinct()[:limit])
    case_ids += IdentificationCase.objects.overdue(now).values_list("public_id", flat=True)[:limit]
    return sum(_expire(case_id, now) for case_id in dict.fromkeys(case_ids))


@transaction.atomic
def _expire(case_id: uuid.UUID, now: datetime) -> bool:
    """Expire the coupons and, when its own time is over, the case. Somebody may have been faster: look again."""
    case = locked_case(case_id)
    trail = Trail(SYSTEM)
    changed = False
    if case.frozen_since is not None or case.pk in freezing_orders([case]):
        return False
    over = IdentificationCase.objects.overdue(now).filter(pk=case.pk).exists()
    for attempt in _own_attempts(case, (AttemptState.STARTED, AttemptState.FAILED, AttemptState.STOPPED)):
        if over or (attempt.valid_until and attempt.valid_until <= now):
            changed = True
            move_attempt(attempt, AttemptState.EXPIRED, trail=trail, reason=attempt.reason or "expired")
            attempt.save()
    if over:
        changed = True
        move_case(case, CaseState.EXPIRED, trail=trail, reason="expired")
        trail.tell(case, "expired", once=case.closed_at.isoformat() if case.closed_at else "")
        announce_end(case)
    elif changed and case.state == CaseState.IDENTIFYING and not case.attempts.live().exists():
        move_case(case, CaseState.CHOOSING, trail=trail, reason="coupon_expired")
        trail.tell(case, "coupon_expired", once=str(case.attempts.count()))
    if changed:
        case.save()
        trail.write()
    return changed


@transaction.atomic
def accept_late_result(case_id: uuid.UUID, *, actor: Actor) -> IdentificationCase:
    """Take up a success that arrived after the case's end. A newer open case for the same purpose gives way to it.

    Raises OfferOver, and MethodNotOffered when the method has been suspended since.
    """
    case = locked_case(case_id)
    if case.state == CaseState.IDENTIFIED:
        return case
    if case.state != CaseState.OFFERED or not case.offered_until:
        raise OfferOver
    if case.offered_until <= timezone.now() and case.frozen_since is None:
        raise OfferOver
    attempt = _own_attempts(case, (AttemptState.LATE,))[0]
    result = attempt.result
    result.case = case
    question = question_about(
        case, Action.ACCEPT, result.method_used, identified_at=result.identified_at, begun_at=attempt.intended_at
    )
    ruling = decide(question)
    if not ruling.allowed:
        raise MethodNotOffered(ruling)
    settlement = Settlement(Trail(actor), {}, known_persons([bytes(result.person_hash)] if result.person_hash else []))
    _give_way(case, settlement.trail)
    move_attempt(attempt, AttemptState.SUCCEEDED, trail=settlement.trail)
    settlement.changed(attempt)
    grant_or_review(case, attempt, result, settlement)
    result.save()
    settlement.write()
    return case


def _give_way(case: IdentificationCase, trail: Trail) -> None:
    newer = IdentificationCase.objects.filter(insurant=case.insurant_id, purpose=case.purpose, state__in=OPEN_CASE)
    for public_id in newer.values_list("public_id", flat=True):
        _cancel(locked_case(public_id), trail, reason="earlier_result_taken_up")


def _own_attempts(case: IdentificationCase, states: tuple[AttemptState, ...]) -> list[Attempt]:
    """The attempts of a locked case, bound to that very object."""
    attempts = list(case.attempts.filter(state__in=states).select_related("method").order_by("intended_at"))
    for attempt in attempts:
        attempt.case = case
    return attempts
