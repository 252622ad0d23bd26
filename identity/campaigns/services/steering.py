"""What administrators decide: draft a campaign, confirm it, stop it, except a person."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.actors import Actor, ActorKind
from core.errors import DomainError
from core.wake import wake
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.services.settling import announce, settle
from identity.campaigns.states import CampaignState, MemberState, check_campaign_move
from identity.methods.records import MethodChange
from identity.methods.services.writing import AdministratorNeeded, name_of, require_administrator, require_somebody_else

CARRY = "identity.carry_campaigns"
C, M = CampaignState, MemberState


class CampaignReasonMissing(DomainError):
    code = "campaign_reason_missing"
    message = _("Please give a reason.")


@transaction.atomic
def draft_campaign(draft: Campaign, *, actor: Actor) -> Campaign:
    """Write down a campaign. Nobody is asked yet: a second administrator has to confirm it.

    Raises ValidationError with what is wrong at which field.
    """
    _require_person(actor)
    draft.started_by, draft.started_at, draft.state = name_of(actor), timezone.now(), C.DRAFT
    draft.reminder_days = sorted(set(draft.reminder_days), reverse=True)
    draft.full_clean(exclude=["started_by"])
    if draft.deadline < timezone.localdate() + timedelta(days=settings.CAMPAIGN_NOTICE_DAYS):
        raise ValidationError({"deadline": ValidationError(_("People need more time than that."), code="too_soon")})
    if draft.identified_to > timezone.now():
        raise ValidationError({"identified_to": ValidationError(_("This moment has not come yet."), code="future")})
    draft.save(force_insert=True)
    _note(draft, "drafted", actor)
    return draft


@transaction.atomic
def confirm_campaign(campaign_id: int, *, actor: Actor) -> Campaign:
    """Let a drafted campaign begin; the first messages go out. Twice changes nothing.

    Raises SecondPersonNeeded, CampaignMoveNotAllowed.
    """
    _require_person(actor)
    campaign = locked_campaign(campaign_id)
    if campaign.state == C.RUNNING:
        return campaign
    check_campaign_move(C(campaign.state), C.RUNNING)
    require_somebody_else(actor, campaign.started_by)
    campaign.state, campaign.approved_by, campaign.approved_at = C.RUNNING, name_of(actor), timezone.now()
    campaign.save()
    write_history(MethodChange.Kind.CAMPAIGN_STARTED, campaign, actor)
    _note(campaign, "started", actor)
    transaction.on_commit(partial(wake, CARRY))
    return campaign


@transaction.atomic
def stop_campaign(campaign_id: int, reason: str, *, actor: Actor) -> Campaign:
    """Ask and restrict nobody further; who has been asked is told. Restrictions stay until done or excepted.

    One administrator is enough: it takes nothing from anybody. Twice changes nothing.
    Raises CampaignReasonMissing, CampaignMoveNotAllowed.
    """
    _require_person(actor)
    _require_reason(reason)
    campaign = locked_campaign(campaign_id)
    if campaign.state == C.STOPPED:
        return campaign
    check_campaign_move(C(campaign.state), C.STOPPED)
    ran = campaign.state == C.RUNNING
    campaign.state, campaign.over_at = C.STOPPED, timezone.now()
    campaign.stopped_by, campaign.stop_reason = name_of(actor), reason.strip()
    campaign.save()
    if ran:
        write_history(MethodChange.Kind.CAMPAIGN_ENDED, campaign, actor, stopped=True)
    _note(campaign, "stopped", actor)
    transaction.on_commit(partial(wake, CARRY))
    return campaign


@transaction.atomic
def except_person(member_id: int, reason: str, *, actor: Actor) -> CampaignMember:
    """Ask one person no more, and lift their restriction if there is one. Twice changes nothing.

    Raises CampaignReasonMissing, CampaignMoveNotAllowed.
    """
    _require_person(actor)
    _require_reason(reason)
    locked_campaign(CampaignMember.objects.values_list("campaign_id", flat=True).get(pk=member_id))
    member = CampaignMember.objects.select_for_update(of=("self",)).select_related("case").get(pk=member_id)
    if member.state == M.EXCEPTED:
        return member
    was_restricted = member.state == M.RESTRICTED
    settle(member, M.EXCEPTED, reason=reason.strip(), by=name_of(actor))
    member.save()
    if was_restricted:
        announce([member])
    audit.record("identity.campaign.excepted", member.case, actor=actor, campaign=member.campaign_id)
    return member


def locked_campaign(campaign_id: int) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=campaign_id)


def write_history(kind: MethodChange.Kind, campaign: Campaign, actor: Actor, **facts: Any) -> None:
    """Add a line to the history of the method (M8)."""
    facts |= {
        "campaign": campaign.pk, "purpose": campaign.purpose, "provider": campaign.provider,
        "identified_from": campaign.identified_from.isoformat(), "identified_to": campaign.identified_to.isoformat(),
        "deadline": campaign.deadline.isoformat(), "started_by": campaign.started_by,
    }  # fmt: skip
    MethodChange.objects.create(kind=kind, method_id=campaign.method_id, actor=name_of(actor), facts=facts)


def _require_person(actor: Actor) -> None:
    require_administrator(actor)
    if actor.kind is not ActorKind.ADMINISTRATOR:
        raise AdministratorNeeded


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CampaignReasonMissing


def _note(campaign: Campaign, what: str, actor: Actor) -> None:
    audit.record(f"identity.campaign.{what}", campaign, actor=actor, method=campaign.method_id)
