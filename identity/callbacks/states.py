"""The table of moves of an inbox entry. A new hint may come at any time, and brings every state back to `received`."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class EntryState(models.TextChoices):
    RECEIVED = "received", _("New")
    WAITING = "waiting", _("Will be tried again")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")
    FOR_PERSON = "for_person", _("For a clerk")


class Origin(models.TextChoices):
    CALLBACK = "callback", _("Callback")
    POLL = "poll", _("Asked by ourselves")
    START = "start", _("Start of an attempt")


E = EntryState

ENTRY_MOVES: Mapping[EntryState, frozenset[EntryState]] = {
    E.RECEIVED: frozenset({E.WAITING, E.DONE, E.DEAD, E.FOR_PERSON}),
    E.WAITING: frozenset({E.RECEIVED, E.DONE, E.DEAD, E.FOR_PERSON}),
    E.DONE: frozenset({E.RECEIVED}),
    E.DEAD: frozenset({E.RECEIVED}),
    E.FOR_PERSON: frozenset({E.RECEIVED, E.DONE}),
}
UNREAD = (E.RECEIVED, E.WAITING)
DESK = (E.DEAD, E.FOR_PERSON)


class EntryMoveNotAllowed(DomainError):
    """An inbox entry was asked to make a move that its table does not have."""

    code = "entry_move_not_allowed"
    message = _("This step is no longer possible. The page shows how things stand now.")


def check_entry_move(source: EntryState, target: EntryState) -> None:
    """Raise EntryMoveNotAllowed unless ENTRY_MOVES has an arrow from `source` to `target`; staying is no move."""
    if source != target and target not in ENTRY_MOVES[source]:
        raise EntryMoveNotAllowed(f"inbox entry {source.value} -> {target.value}")
