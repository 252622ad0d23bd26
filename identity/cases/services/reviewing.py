"""What a clerk decides: one proposes with a reason, another one confirms or contradicts (C6)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import Actor, ActorKind
from core.errors import DomainError
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import Trail, locked_case, move_attempt, move_case, question_about
from identity.cases.services.settling import announce, announce_end, identify
from identity.cases.states import REVIEW_MOVES, AttemptState, CaseState, MoveNotAllowed, ReviewState
from identity.methods.choices import Action
from identity.methods.gate import MethodNotOffered, decide
from identity.methods.models import Method

if TYPE_CHECKING:
    from core.accounts.models import Account


class NotYourReview(DomainError):
    code = "not_your_review"
    http_status = 403
    message = _("Somebody else has to decide this: nobody decides about themselves or confirms their own proposal.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason for the decision.")


class ProposalChanged(DomainError):
    """Somebody has put another proposal in the place of the one that this clerk saw."""

    code = "proposal_changed"
    message = _("The proposal is another one by now. Please look at it again.")


@transaction.atomic
def propose_decision(review_id: uuid.UUID, decision: Review.Decision, reason: str, *, clerk: Account) -> Review:
    """Propose how to decide. Raises NotYourReview, ReasonMissing, MoveNotAllowed."""
    review = _locked_review(review_id, clerk)
    if not reason.strip():
        raise ReasonMissing
    _move_review(review, ReviewState.PROPOSED)
    review.proposal, review.proposal_reason, review.proposed_by = decision, reason.strip(), clerk
    review.save()
    trail = Trail(Actor(ActorKind.CLERK, str(clerk.public_id)))
    trail.note("identity.review.proposed", review, case_id=str(review.case.public_id), decision=decision.value)
    trail.write()
    return review


@transaction.atomic
def contradict_decision(review_id: uuid.UUID, reason: str, *, seen: str, clerk: Account) -> Review:
    """Send the proposal with the mark `seen` back to the desk with a reason.

    Raises NotYourReview, ReasonMissing, MoveNotAllowed, ProposalChanged.
    """
    if not reason.strip():
        raise ReasonMissing
    review = _answered_review(review_id, ReviewState.OPEN, seen=seen, clerk=clerk)
    contradicted = review.proposal
    review.proposal, review.proposal_reason, review.proposed_by = "", "", None
    review.decision_reason = reason.strip()  # the next clerk reads why
    review.save()
    trail = Trail(Actor(ActorKind.CLERK, str(clerk.public_id)))
    trail.note("identity.review.contradicted", review, case_id=str(review.case.public_id), decision=contradicted)
    trail.write()
    return review


@transaction.atomic
def confirm_decision(review_id: uuid.UUID, reason: str, *, seen: str, clerk: Account) -> Review:
    """Confirm another clerk's proposal, the one with the mark `seen`, and carry it out.

    Raises NotYourReview, MoveNotAllowed, ProposalChanged, and MethodNotOffered when the method has been suspended
    meanwhile.
    """
    review = _answered_review(review_id, ReviewState.DECIDED, seen=seen, clerk=clerk)
    decision = Review.Decision(review.proposal)
    review.decision, review.decision_reason = decision, reason.strip()
    review.decided_by, review.decided_at = clerk, timezone.now()
    trail = Trail(Actor(ActorKind.CLERK, str(clerk.public_id)))
    trail.note("identity.review.decided", review, case_id=str(review.case.public_id), decision=decision.value)
    if review.kind != Review.Kind.WITHDRAWN:
        _carry_out(review, decision, trail)
    review.save()
    trail.write()
    return review


def _carry_out(review: Review, decision: Review.Decision, trail: Trail) -> None:
    case, attempt = review.case, review.attempt
    if decision is Review.Decision.APPROVE:
        _grant(case, attempt, trail)
        announce([case])
    else:
        move_attempt(attempt, AttemptState.REJECTED, trail=trail, reason="not_accepted_by_clerk")
        attempt.save()
        if decision is Review.Decision.REFUSE:
            move_case(case, CaseState.REFUSED, trail=trail, reason="refused_by_clerk")
            trail.tell(case, "refused")
            announce_end(case)
        else:
            move_case(case, CaseState.CHOOSING, trail=trail, reason="not_accepted_by_clerk")
            trail.tell(case, "not_successful", once=f"{attempt.reference}.review", reason="not_accepted_by_clerk",
                       method=attempt.method_id)  # fmt: skip
    case.save()


def _grant(case: IdentificationCase, attempt: Attempt, trail: Trail) -> None:
    result = Result.objects.get(attempt=attempt)
    ruling = decide(
        question_about(
            case, Action.ACCEPT, result.method_used, identified_at=result.identified_at, begun_at=attempt.intended_at
        )
    )
    if not ruling.allowed:
        raise MethodNotOffered(ruling)
    result.rules_version = ruling.version
    result.level_reached = Method.objects.get(pk=result.method_used).assurance_level
    identify(case, attempt, result, trail=trail)
    result.save()


def _locked_review(review_id: uuid.UUID, clerk: Account) -> Review:
    """Return the review with its case locked. Nobody decides about themselves."""
    if not clerk.has_perm("identity.decide_reviews"):
        raise NotYourReview
    case_id = IdentificationCase.objects.values_list("public_id", flat=True).get(reviews=review_id)
    case = locked_case(case_id)
    review = Review.objects.select_related("attempt", "attempt__method").get(pk=review_id)
    review.case = review.attempt.case = case
    if case.insurant.account_id == clerk.pk:
        raise NotYourReview
    return review


def _answered_review(review_id: uuid.UUID, target: ReviewState, *, seen: str, clerk: Account) -> Review:
    """Return the locked review, moved, for a clerk who answers what another one has proposed and they have seen."""
    review = _locked_review(review_id, clerk)
    if review.proposed_by_id == clerk.pk:
        raise NotYourReview
    _move_review(review, target)
    if review.proposal_mark != seen:
        raise ProposalChanged
    return review


def _move_review(review: Review, target: ReviewState) -> None:
    if target not in REVIEW_MOVES[ReviewState(review.state)]:
        raise MoveNotAllowed(f"review {review.state} -> {target.value}")
    if target is ReviewState.DECIDED and not review.proposal:
        raise MoveNotAllowed("review has no proposal")
    review.state = target
