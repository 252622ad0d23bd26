"""Carrying campaigns: find the people, ask them in stages, remind, restrict after the deadline, end. In batches.

Each batch is one transaction under the campaign's row lock: a crash costs one batch, two workers do nothing twice, and
messages have keys. Nobody is restricted who was not asked, reminded, and given their time (never silently, M4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from core.actors import SYSTEM
from core.bulk import copy_new, write_changed
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.selectors import (
    has_repeated,
    progress_of,
    results_to_repeat,
    start_of_day,
    waits_for_us,
)
from identity.campaigns.services.settling import MEMBER_FIELDS, announce, settle
from identity.campaigns.services.steering import write_history
from identity.campaigns.states import UNSETTLED, CampaignState, MemberState, check_campaign_move
from identity.cases.services.moving import Trail
from identity.methods.records import MethodChange

log = structlog.get_logger(__name__)

BATCH: Final = 500
REST: Final = timedelta(days=2)
"""Nobody is reminded this soon after having been asked."""
C, M = CampaignState, MemberState
Step = Callable[[Campaign], int]
Members = QuerySet[CampaignMember]
NO_ACCOUNT, STOPPED = "no_account", "campaign_stopped"
"""Reasons of exceptions by the system: nobody to write to, and no campaign any more."""


def carry_campaigns() -> int:
    """Carry every campaign as far as it is due; return how many rows were moved. Safe to run many times at once."""
    moved = 0
    unfinished = Exists(CampaignMember.objects.filter(campaign=OuterRef("pk"), state__in=[*UNSETTLED, M.RESTRICTED]))
    campaigns = Campaign.objects.filter(Q(state=C.RUNNING) | Q(unfinished)).order_by("pk")
    for campaign_id in campaigns.values_list("pk", flat=True):
        for step in STEPS:
            while worked := _batch(campaign_id, step):
                moved += worked
    return moved


@transaction.atomic
def _batch(campaign_id: int, step: Step) -> int:
    campaign = Campaign.objects.select_for_update(skip_locked=True).filter(pk=campaign_id).first()
    return step(campaign) if campaign else 0


def _gather(campaign: Campaign) -> int:
    """Add the next people; also those whose result came in late."""
    if campaign.state != C.RUNNING:
        return 0
    known = campaign.members.values("insurant")
    found = results_to_repeat(campaign).exclude(case__insurant__in=known)
    newest = found.order_by("case__insurant", "-granted_at").distinct("case__insurant")
    rows = newest.values_list("case__insurant", "case", "granted_at")[:BATCH]
    people = [
        CampaignMember(campaign=campaign, insurant_id=insurant, case_id=case, granted_at=granted_at)
        for insurant, case, granted_at in rows
        if granted_at is not None
    ]
    copy_new(people)
    return len(people)


def _not_done(campaign: Campaign, state: MemberState) -> Members:
    """Members who have not been identified again: nobody else is asked, reminded or restricted."""
    return campaign.members.filter(~has_repeated(campaign), state=state)


def _finish(campaign: Campaign) -> int:
    """Who has been identified again is done, in whatever state, also after the end of the campaign."""
    pending = campaign.members.filter(has_repeated(campaign), state__in=[*UNSETTLED, M.RESTRICTED])
    members, trail = _locked(pending), Trail(SYSTEM)
    freed = [member for member in members if member.state == M.RESTRICTED]
    for member in members:
        settle(member, M.DONE)
        trail.note("identity.campaign.done", member.case, campaign=campaign.pk)
    announce(freed)
    return _write(members, trail)


def _ask(campaign: Campaign) -> int:
    """Ask the next people of today's stage."""
    if campaign.state != C.RUNNING:
        return 0
    now = timezone.now()
    today = timezone.localdate(now)
    left = campaign.per_day - campaign.members.filter(asked_at__gte=start_of_day(today)).count()
    members = _locked(_not_done(campaign, M.WAITING), limit=max(0, min(left, BATCH)))
    trail = Trail(SYSTEM)
    for member in members:
        if member.case.insurant.account is None:
            settle(member, M.EXCEPTED, reason=NO_ACCOUNT, by="system")
            trail.note("identity.campaign.excepted", member.case, campaign=campaign.pk)
            continue
        settle(member, M.ASKED)
        member.asked_at, member.due_at = now, _end_of(max(campaign.deadline, _earliest_day(today)))
        trail.note("identity.campaign.asked", member.case, campaign=campaign.pk)
        _tell(trail, campaign, member, "campaign_asked")
    return _write(members, trail)


def _earliest_day(today: date) -> date:
    """Who is asked late has their time all the same."""
    return today + timedelta(days=settings.CAMPAIGN_NOTICE_DAYS)


def _end_of(day: date) -> datetime:
    return start_of_day(day + timedelta(days=1))


def _remind(campaign: Campaign) -> int:
    """Remind of the nearest step only: after an outage nobody gets all that were missed at once."""
    if campaign.state != C.RUNNING:
        return 0
    now, moved = timezone.now(), 0
    for days in sorted(campaign.reminder_days):
        before = timedelta(days=days)
        due = Q(due_at__gt=now, due_at__lte=now + before, asked_at__lte=F("due_at") - before - REST)
        fresh = Q(reminded_days=None) | Q(reminded_days__gt=days)
        moved += _send_reminders(campaign, _not_done(campaign, M.ASKED).filter(due, fresh), days)
    return moved


def _send_reminders(campaign: Campaign, which: Members, days: int) -> int:
    members, trail = _locked(which), Trail(SYSTEM)
    for member in members:
        member.reminded_at, member.reminded_days = timezone.now(), days
        _tell(trail, campaign, member, "campaign_reminder", once=f".{days}")
    return _write(members, trail)


def _extend(campaign: Campaign) -> int:
    """Their time is over and, after an outage, they were not reminded: remind them now and give them the days."""
    if campaign.state != C.RUNNING:
        return 0
    now, days = timezone.now(), min(campaign.reminder_days)
    overdue = _not_done(campaign, M.ASKED).filter(due_at__lte=now, reminded_at=None)
    members, trail = _locked(overdue), Trail(SYSTEM)
    for member in members:
        member.due_at = _end_of(timezone.localdate(now) + timedelta(days=days))
        member.reminded_at, member.reminded_days = now, days
        _tell(trail, campaign, member, "campaign_reminder", once=f".{days}")
    return _write(members, trail)


def _restrict(campaign: Campaign) -> int:
    """The last day is over: what the identification carries is restricted, and the person is told."""
    if campaign.state != C.RUNNING:
        return 0
    overdue = _not_done(campaign, M.ASKED).filter(due_at__lte=timezone.now(), reminded_at__isnull=False)
    members, trail = _locked(overdue.filter(~waits_for_us(campaign))), Trail(SYSTEM)
    for member in members:
        settle(member, M.RESTRICTED)
        trail.note("identity.campaign.restricted", member.case, campaign=campaign.pk)
        _tell(trail, campaign, member, "campaign_restricted")
    announce(members)
    return _write(members, trail)


def _let_off(campaign: Campaign) -> int:
    """The campaign was stopped: who has been asked is told that nothing is asked any more."""
    if campaign.state != C.STOPPED:
        return 0
    members, trail = _locked(campaign.members.filter(state__in=UNSETTLED)), Trail(SYSTEM)
    for member in members:
        if member.state == M.ASKED:
            _tell(trail, campaign, member, "campaign_stopped")
        settle(member, M.EXCEPTED, reason=STOPPED, by="system")
        trail.note("identity.campaign.excepted", member.case, campaign=campaign.pk)
    return _write(members, trail)


def _end(campaign: Campaign) -> int:
    """The deadline is over and nobody is left to be asked or waited for."""
    over = campaign.state == C.RUNNING and timezone.localdate() > campaign.deadline
    if not over or campaign.members.filter(state__in=UNSETTLED).exists():
        return 0
    check_campaign_move(C(campaign.state), C.ENDED)
    campaign.state, campaign.over_at = C.ENDED, timezone.now()
    campaign.save()
    counts = {state.value: count for state, count in progress_of(campaign).counts.items()}
    write_history(MethodChange.Kind.CAMPAIGN_ENDED, campaign, SYSTEM, counts=counts)
    trail = Trail(SYSTEM)
    trail.note("identity.campaign.ended", campaign, method=campaign.method_id)
    trail.write()
    log.info("campaign_ended", campaign=campaign.pk, **counts)
    return 1


def _locked(members: Members, limit: int = BATCH) -> list[CampaignMember]:
    """Return the next members with their rows locked, by key."""
    locked = members.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    related = ("case__insurant__account", "case__insurer")
    return list(locked.select_related(*related)[:limit])


def _tell(trail: Trail, campaign: Campaign, member: CampaignMember, template: str, once: str = "") -> None:
    context: dict[str, Any] = {
        "method": campaign.method_id,
        "text_de": campaign.text_de,
        "text_en": campaign.text_en,
        "due_at": member.due_at.isoformat() if member.due_at else "",
    }
    trail.tell(member.case, template, once=f"{campaign.pk}{once}", **context)


def _write(members: Sequence[CampaignMember], trail: Trail) -> int:
    write_changed(members, MEMBER_FIELDS)
    trail.write()
    return len(members)


STEPS: tuple[Step, ...] = (_gather, _finish, _ask, _remind, _extend, _restrict, _let_off, _end)
