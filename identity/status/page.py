"""What the status page shows, read once for all its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from identity.methods.choices import Purpose
from identity.methods.models import Suspension
from identity.status.changes import Change, public_changes
from identity.status.method_states import MethodState, State, method_states
from identity.status.notices import Notice, notices_of
from identity.status.purposes import Openness, PurposeOpening, openings_of
from identity.status.words import (
    OPENNESS_WORDS,
    alternatives,
    consequence,
    people_in_the_middle,
    scope_of,
    title_of,
    until_of,
)

CHANGES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PurposeLine:
    """A purpose with its openness in words, and the ways."""

    opening: PurposeOpening
    purpose: str
    word: str
    kind: str
    ways: str


@dataclass(frozen=True, slots=True)
class News:
    """An order with what it means, in words. `consequences` are pairs of purpose and sentence."""

    order: Suspension
    is_planned: bool
    title: str
    scope: str
    until: str
    in_the_middle: str
    consequences: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StatusPage:
    """`known` is False when something could not be read: then nothing is called available."""

    known: bool
    as_of: datetime
    purposes: list[PurposeLine]
    news: list[News] = field(default_factory=list)
    states: list[MethodState] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def updated_at(self) -> datetime | None:
        """When the last change was made."""
        return self.changes[0].at if self.changes else None

    @property
    def told(self) -> list[Suspension]:
        """The orders that are told of at length."""
        return [each.order for each in self.news]

    @property
    def suspended(self) -> list[MethodState]:
        return [state for state in self.states if state.state is State.SUSPENDED]


def status_page() -> StatusPage:
    """Read everything: eight queries. Never raises DatabaseError."""
    now = timezone.now()
    try:
        states, changes = method_states(), public_changes(CHANGES_SHOWN)
    except DatabaseError:
        return StatusPage(False, now, _purpose_lines(openings_of([])))
    openings = openings_of(states)
    known = all(each.openness is not Openness.UNKNOWN for each in openings.values())
    news = [_news(notice, openings, states) for notice in notices_of(states)]
    return StatusPage(known, now, _purpose_lines(openings), news, states, changes)


def _purpose_lines(openings: dict[Purpose, PurposeOpening]) -> list[PurposeLine]:
    return [
        PurposeLine(each, str(purpose.label), *_words(each), ways=alternatives(each))
        for purpose, each in openings.items()
    ]


def _words(opening: PurposeOpening) -> tuple[str, str]:
    word, kind = OPENNESS_WORDS[opening.openness]
    return str(word), kind


def _news(notice: Notice, openings: dict[Purpose, PurposeOpening], states: list[MethodState]) -> News:
    order = notice.order
    admitted = _admitted(order, states)
    consequences: list[tuple[Any, str]] = [
        (purpose.label, consequence(order, opening, admitted=purpose in admitted))
        for purpose, opening in openings.items()
    ]
    return News(
        order, notice.is_planned, title_of(order, planned=notice.is_planned), scope_of(order), until_of(order),
        people_in_the_middle(order), [(str(purpose), sentence) for purpose, sentence in consequences],
    )  # fmt: skip


def _admitted(order: Suspension, states: list[MethodState]) -> set[Purpose]:
    """The purposes that the order's method has ever been admitted for."""
    mine = next(state for state in states if state.method.pk == order.method_id)
    return {each.purpose for each in mine.purposes if each.admitted_from}
