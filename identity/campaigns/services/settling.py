"""Moving a locked member, in memory. The only place that writes a member's state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.utils import timezone

from identity.campaigns.models import CampaignMember
from identity.campaigns.states import UNSETTLED, MemberState, check_member_move
from identity.signals import restrictions_changed

MEMBER_FIELDS = [
    "state", "asked_at", "due_at", "reminded_at", "reminded_days", "settled_at", "exception_reason", "excepted_by"
]  # fmt: skip


def settle(member: CampaignMember, target: MemberState, *, reason: str = "", by: str = "") -> None:
    """Move a locked member; the caller saves it. `reason` and `by` are those of an exception.

    Raises CampaignMoveNotAllowed.
    """
    check_member_move(MemberState(member.state), target)
    member.state = target
    member.settled_at = None if target in UNSETTLED else timezone.now()
    member.exception_reason, member.excepted_by = reason, by


def announce(members: Sequence[CampaignMember]) -> None:
    """Tell on commit whose restriction has come or gone. The receivers' sweeps find what they missed."""
    if members:
        ids = [member.insurant_id for member in members]
        transaction.on_commit(partial(restrictions_changed.send, CampaignMember, insurant_ids=ids))
