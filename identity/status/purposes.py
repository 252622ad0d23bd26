"""Whether a purpose has an open way at present: online, only in person, or none. Asked of the gate alone.

The PIN service withdraws and restores itself by `purpose_states`: nobody switches it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import DatabaseError

from identity.members.models import Insurer
from identity.methods.choices import Purpose, Setting
from identity.methods.models import Method
from identity.status.method_states import MethodState, method_states


class Openness(StrEnum):
    ONLINE = "online"  # at least one way online
    IN_PERSON = "in_person"  # only in person or on paper
    NONE = "none"
    UNKNOWN = "unknown"  # cannot be read: nothing may be offered


@dataclass(frozen=True, slots=True)
class PurposeOpening:
    """The ways that are open to every adult, in the order of the page; none that is readmitted for some only."""

    purpose: Purpose
    openness: Openness
    online: tuple[Method, ...] = ()
    in_person: tuple[Method, ...] = ()

    @property
    def ways(self) -> tuple[Method, ...]:
        return self.online + self.in_person


def purpose_states(insurer: Insurer | None = None) -> dict[Purpose, PurposeOpening]:
    """Return for each purpose what is open at an insurer, or at none in particular. Never raises DatabaseError."""
    try:
        return openings_of(method_states(insurer))
    except DatabaseError:
        return openings_of([])


def openings_of(states: Iterable[MethodState]) -> dict[Purpose, PurposeOpening]:
    """The same from states that were read before; none at all means unknown."""
    known = list(states)
    return {purpose: _opening(purpose, known) for purpose in Purpose}


def _opening(purpose: Purpose, states: list[MethodState]) -> PurposeOpening:
    answers = [(state.method, each) for state in states for each in state.purposes if each.purpose == purpose]
    if not answers or not all(each.known for _method, each in answers):
        return PurposeOpening(purpose, Openness.UNKNOWN)
    ways = [method for method, each in answers if each.allowed]
    online = tuple(method for method in ways if method.setting == Setting.ONLINE)
    in_person = tuple(method for method in ways if method.setting != Setting.ONLINE)
    openness = Openness.ONLINE if online else Openness.IN_PERSON if in_person else Openness.NONE
    return PurposeOpening(purpose, openness, online, in_person)
