"""The tables of moves of a campaign and of the people it asks. The database holds the same."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import DomainError


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Waiting for a second administrator")
    RUNNING = "running", pgettext_lazy("campaign", "Running")
    ENDED = "ended", pgettext_lazy("campaign", "Ended")
    STOPPED = "stopped", pgettext_lazy("campaign", "Stopped")


class MemberState(models.TextChoices):
    WAITING = "waiting", _("Not asked yet")
    ASKED = "asked", _("Asked")
    DONE = "done", _("Identified again")
    RESTRICTED = "restricted", _("Restricted after the deadline")
    EXCEPTED = "excepted", _("Excepted")


C, M = CampaignState, MemberState

CAMPAIGN_MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    C.DRAFT: frozenset({C.RUNNING, C.STOPPED}),
    C.RUNNING: frozenset({C.ENDED, C.STOPPED}),
    C.ENDED: frozenset(),
    C.STOPPED: frozenset(),
}
MEMBER_MOVES: Mapping[MemberState, frozenset[MemberState]] = {
    M.WAITING: frozenset({M.ASKED, M.DONE, M.EXCEPTED}),
    M.ASKED: frozenset({M.DONE, M.RESTRICTED, M.EXCEPTED}),
    # Also after the end of the campaign: a restriction lasts until it is done or excepted.
    M.RESTRICTED: frozenset({M.DONE, M.EXCEPTED}),
    M.DONE: frozenset(),
    M.EXCEPTED: frozenset(),
}
UNSETTLED = (M.WAITING, M.ASKED)


class CampaignMoveNotAllowed(DomainError):
    """A campaign or one of its people was asked to make a move that the table does not have."""

    code = "campaign_move_not_allowed"
    message = _("This step is no longer possible. The page shows how things stand now.")


def check_campaign_move(source: CampaignState, target: CampaignState) -> None:
    """Raise CampaignMoveNotAllowed unless CAMPAIGN_MOVES has an arrow from `source` to `target`."""
    if target not in CAMPAIGN_MOVES[source]:
        raise CampaignMoveNotAllowed(f"campaign {source.value} -> {target.value}")


def check_member_move(source: MemberState, target: MemberState) -> None:
    """Raise CampaignMoveNotAllowed unless MEMBER_MOVES has an arrow from `source` to `target`."""
    if target not in MEMBER_MOVES[source]:
        raise CampaignMoveNotAllowed(f"member {source.value} -> {target.value}")
