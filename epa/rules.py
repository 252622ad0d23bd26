"""When an access may be opened: the one decision, from facts alone (E2, C3, C5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from identity.cases.states import OPEN_CASE, CaseState
from identity.methods.choices import AssuranceLevel


class Standing(StrEnum):
    """How things stand with the identification behind an access. Stable codes: pages and audit use them."""

    CLEAR = "clear"
    CASE_RUNS = "case_runs"
    CASE_ENDED = "case_ended"
    REVIEW_OPEN = "review_open"
    LEVEL_TOO_LOW = "level_too_low"
    IDENTIFICATION_WITHDRAWN = "identification_withdrawn"  # by the provider, confirmed by a clerk
    IDENTIFICATION_VOID = "identification_void"  # by an order: until the person is identified again
    METHOD_SUSPENDED = "method_suspended"  # by an order that has not been carried out yet
    MEMBERSHIP_ENDED = "membership_ended"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a case when its access is to be opened."""

    case_state: CaseState
    level_demanded: AssuranceLevel
    level_reached: AssuranceLevel | None  # of the result that identifies the person; None: there is none
    review_open: bool  # of any kind, also of a success that the provider wants to take back
    withdrawn: bool  # a clerk has confirmed that the success was taken back
    void: bool  # an order has withdrawn from use what identified the person, and nothing else does
    holds: bool  # the gate lets the identification be used
    is_member: bool


def standing(facts: Facts) -> Standing:
    """Return CLEAR when an access may be opened, else what stands in the way."""
    if facts.void:
        return Standing.IDENTIFICATION_VOID
    if facts.case_state in OPEN_CASE:
        return Standing.CASE_RUNS
    if facts.case_state is not CaseState.IDENTIFIED:
        return Standing.CASE_ENDED
    if facts.withdrawn:
        return Standing.IDENTIFICATION_WITHDRAWN
    if not facts.is_member:
        return Standing.MEMBERSHIP_ENDED
    if facts.review_open:
        return Standing.REVIEW_OPEN
    if facts.level_reached is None or facts.level_reached < facts.level_demanded:
        return Standing.LEVEL_TOO_LOW
    return Standing.CLEAR if facts.holds else Standing.METHOD_SUSPENDED
