"""The tables of moves of a case and its attempts. What is not drawn here cannot happen; the database holds the same."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CaseState(models.TextChoices):
    CHOOSING = "choosing", _("Choose a way")
    IDENTIFYING = "identifying", _("Under way")
    IN_REVIEW = "in_review", _("Being checked")
    IDENTIFIED = "identified", _("Identified")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    OFFERED = "offered", _("Late result waiting for you")


class AttemptState(models.TextChoices):
    INTENDED = "intended", _("Being prepared")
    UNREACHED = "unreached", _("Provider not reached")
    STARTED = "started", _("Under way")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Not successful")
    REJECTED = "rejected", _("Result not accepted")
    SURPLUS = "surplus", _("No longer needed")
    WITHHELD = "withheld", _("Received after suspension")
    EXPIRED = "expired", _("Expired")
    LATE = "late", _("Result after expiry")
    CANCELLED = "cancelled", _("Cancelled")


class ReviewState(models.TextChoices):
    OPEN = "open", _("Waiting for a clerk")
    PROPOSED = "proposed", _("Waiting for a second clerk")
    DECIDED = "decided", _("Decided")


C, A, R = CaseState, AttemptState, ReviewState

CASE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    # A result can come while a person is choosing: the coupon of an earlier choice stays valid.
    C.CHOOSING: frozenset({C.IDENTIFYING, C.IN_REVIEW, C.IDENTIFIED, C.CANCELLED, C.EXPIRED}),
    C.IDENTIFYING: frozenset({C.CHOOSING, C.IN_REVIEW, C.IDENTIFIED, C.CANCELLED, C.EXPIRED}),
    C.IN_REVIEW: frozenset({C.CHOOSING, C.IDENTIFIED, C.REFUSED, C.CANCELLED}),
    C.EXPIRED: frozenset({C.OFFERED}),
    C.OFFERED: frozenset({C.IN_REVIEW, C.IDENTIFIED, C.EXPIRED}),
    C.IDENTIFIED: frozenset(),
    C.REFUSED: frozenset(),
    C.CANCELLED: frozenset(),
}

ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    # CANCELLED straight away: the method was suspended while the provider was being called.
    A.INTENDED: frozenset({A.STARTED, A.UNREACHED, A.CANCELLED}),
    # The answer was lost, the order was not; CANCELLED: and the method has been suspended since.
    A.UNREACHED: frozenset({A.STARTED, A.CANCELLED}),
    A.STARTED: frozenset({A.SUCCEEDED, A.FAILED, A.REJECTED, A.SURPLUS, A.WITHHELD, A.EXPIRED, A.CANCELLED}),
    # At the provider one case holds several identifications: a success may follow a failure.
    A.FAILED: frozenset({A.SUCCEEDED, A.REJECTED, A.SURPLUS, A.WITHHELD, A.EXPIRED, A.LATE}),
    A.EXPIRED: frozenset({A.LATE, A.SURPLUS, A.WITHHELD, A.REJECTED}),
    A.CANCELLED: frozenset({A.SURPLUS, A.WITHHELD}),
    A.LATE: frozenset({A.SUCCEEDED, A.SURPLUS, A.WITHHELD}),
    A.SUCCEEDED: frozenset({A.REJECTED}),
    A.REJECTED: frozenset(),
    A.SURPLUS: frozenset(),
    A.WITHHELD: frozenset(),
}

REVIEW_MOVES: Mapping[ReviewState, frozenset[ReviewState]] = {
    # DECIDED without a proposal: the case was cancelled by the person meanwhile.
    R.OPEN: frozenset({R.PROPOSED, R.DECIDED}),
    R.PROPOSED: frozenset({R.OPEN, R.DECIDED}),
    R.DECIDED: frozenset(),
}

OPEN_CASE = (C.CHOOSING, C.IDENTIFYING, C.IN_REVIEW)
LIVE_ATTEMPT = (A.INTENDED, A.UNREACHED, A.STARTED)
COUNTED_ATTEMPT = tuple(state for state in AttemptState if state != A.UNREACHED)
"""Attempts that count towards the limit (C2), those being started included. The provider being away never counts."""


class MoveNotAllowed(DomainError):
    """A case or attempt was asked to make a move that its table does not have."""

    code = "move_not_allowed"
    message = _("This step is no longer possible. The page shows how things stand now.")


def check_case_move(source: CaseState, target: CaseState) -> None:
    """Raise MoveNotAllowed unless CASE_MOVES has an arrow from `source` to `target`."""
    if target not in CASE_MOVES[source]:
        raise MoveNotAllowed(f"case {source.value} -> {target.value}")


def check_attempt_move(source: AttemptState, target: AttemptState) -> None:
    """Raise MoveNotAllowed unless ATTEMPT_MOVES has an arrow from `source` to `target`."""
    if target not in ATTEMPT_MOVES[source]:
        raise MoveNotAllowed(f"attempt {source.value} -> {target.value}")
