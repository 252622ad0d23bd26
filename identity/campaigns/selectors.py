"""Who a campaign is about, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.states import MemberState
from identity.cases.models import IdentificationCase, Result
from identity.cases.states import OPEN_CASE, CaseState
from identity.methods.choices import Purpose

M = MemberState


def covered(campaign: Campaign) -> Q:
    """Return which results a campaign is about."""
    q = Q(
        method_used=campaign.method_id,
        identified_at__gte=campaign.identified_from,
        identified_at__lt=campaign.identified_to,
    )
    return q & Q(attempt__provider=campaign.provider) if campaign.provider else q


def results_to_repeat(campaign: Campaign) -> QuerySet[Result]:
    """Return what identifies members of the insurer now and is to be repeated."""
    in_use = Result.objects.filter(covered(campaign), granted_at__isnull=False, voided_by=None)
    today = timezone.localdate()
    insured = Q(case__insurant__member_to=None) | Q(case__insurant__member_to__gte=today)
    with_us = insured & Q(case__insurant__died_on=None)
    return in_use.filter(with_us, case__purpose=campaign.purpose, case__state=CaseState.IDENTIFIED)


def people_to_ask(campaign: Campaign) -> int:
    """Return how many people a draft would meet: those who have repeated it already are not asked."""
    found = results_to_repeat(campaign).filter(
        ~Exists(newer_results(campaign).filter(case__insurant=OuterRef("case__insurant"),
                                               granted_at__gt=OuterRef("granted_at")))
    )  # fmt: skip
    return found.aggregate(people=Count("case__insurant", distinct=True))["people"] or 0


def newer_results(campaign: Campaign) -> QuerySet[Result]:
    """Return results of the same purpose that the campaign is not about."""
    in_use = Result.objects.filter(case__purpose=campaign.purpose, granted_at__isnull=False, voided_by=None)
    return in_use.exclude(covered(campaign))


def has_repeated(campaign: Campaign) -> Exists:
    """The person of a member has been identified since by something that the campaign is not about."""
    newer = newer_results(campaign).filter(case__insurant=OuterRef("insurant"), granted_at__gt=OuterRef("granted_at"))
    return Exists(newer)


def waits_for_us(campaign: Campaign) -> Exists:
    """The person is about to repeat it, and is held up by a clerk or by an order."""
    running = IdentificationCase.objects.filter(
        Q(state=CaseState.IN_REVIEW) | Q(frozen_since__isnull=False, state__in=OPEN_CASE), purpose=campaign.purpose
    )
    return Exists(running.filter(insurant=OuterRef("insurant")))


def is_restricted(purpose: Purpose) -> Exists:
    """Some campaign has restricted what the identification of a row's `insurant` carries for a purpose."""
    restricted = CampaignMember.objects.filter(campaign__purpose=purpose, state=M.RESTRICTED)
    return Exists(restricted.filter(insurant=OuterRef("insurant")))


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people are in which state."""

    counts: dict[MemberState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def share(self, state: MemberState) -> int:
        """Percent, 0 when there is nobody."""
        return round(100 * self.counts[state] / self.total) if self.total else 0


def progress_of(campaign: Campaign) -> Progress:
    rows = campaign.members.values_list("state").annotate(count=Count("pk"))
    found = dict(rows.order_by())
    return Progress({state: found.get(state.value, 0) for state in M})


def asked_per_day(campaign: Campaign, days: int = 60) -> list[tuple[date, int]]:
    """Return how many people were asked on which day, the last days first."""
    since = timezone.now() - timedelta(days=days)
    rows = campaign.members.filter(asked_at__gte=since).values_list("asked_at__date")
    return list(rows.annotate(count=Count("pk")).order_by("-asked_at__date"))


def start_of_day(day: date) -> datetime:
    """Return the first moment of a day in German time."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 (made aware here)
