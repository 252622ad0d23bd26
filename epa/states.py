"""The states of an access to the ePA. What is not drawn here cannot happen; the database holds the same.

requested ──→ opening ──→ open
    │ ↑       │  │  ↑
    │ │       │  ↓  │
    │ │       │ stuck (refused for good: an operator lets it try again)
    ↓ └───────↓──┘
    cancelled ──→ opening (only when the case is identified after all: a late result was taken up, or what an order had
                           withdrawn was repeated or given back)
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AccessState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    OPENING = "opening", _("Being set up")
    OPEN = "open", _("Open")
    STUCK = "stuck", _("Takes longer")
    CANCELLED = "cancelled", _("Ended")


class Channel(models.TextChoices):
    """How a person uses the ePA (E2)."""

    APP_IOS = "app_ios", _("App on an iPhone")
    APP_ANDROID = "app_android", _("App on an Android phone")
    DESKTOP = "desktop", _("Program on a computer")
    NONE = "none", _("Without a device")


class RecordState(models.TextChoices):
    """What the record system said last about the record (E3). The record is its own: we only keep what we heard."""

    UNKNOWN = "unknown", _("Not asked yet")
    ACTIVATED = "activated", _("Active")
    NONE_OR_INITIALIZED = "none_or_initialized", _("None, or not activated yet")
    WRONG_STATE = "wrong_state", _("Not reachable at present")
    ERROR = "error", _("Error in the record system")


class EndReason(models.TextChoices):
    CASE_ENDED = "case_ended", _("The case ended without identification")
    IDENTIFICATION_WITHDRAWN = "identification_withdrawn", _("The identification was taken back")
    MEMBERSHIP_ENDED = "membership_ended", _("The membership has ended")


S = AccessState
MOVES: Mapping[AccessState, frozenset[AccessState]] = {
    S.REQUESTED: frozenset({S.OPENING, S.CANCELLED}),
    S.OPENING: frozenset({S.OPEN, S.STUCK, S.CANCELLED}),
    S.STUCK: frozenset({S.OPENING, S.CANCELLED}),
    S.CANCELLED: frozenset({S.OPENING}),
    S.OPEN: frozenset(),
}
UNDER_WAY = (S.REQUESTED, S.OPENING, S.STUCK)
LIVE = (*UNDER_WAY, S.OPEN)
USABLE = (RecordState.ACTIVATED, RecordState.NONE_OR_INITIALIZED)
"""What the record system may have said last about a record whose access is open."""


class AccessMoveNotAllowed(DomainError):
    """An access was asked to make a move that its table does not have."""

    code = "access_move_not_allowed"
    message = _("This step is no longer possible. The page shows how things stand now.")


def check_move(source: AccessState, target: AccessState) -> None:
    """Raise AccessMoveNotAllowed unless MOVES has an arrow from `source` to `target`."""
    if target not in MOVES[source]:
        raise AccessMoveNotAllowed(f"access {source.value} -> {target.value}")
