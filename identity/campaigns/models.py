"""A campaign and the people it asks. Only `campaigns.services` write a state."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from identity.campaigns.states import CAMPAIGN_MOVES, MEMBER_MOVES, CampaignState, MemberState
from identity.cases.models import only_moves
from identity.methods.choices import Purpose

C, M = CampaignState, MemberState


def usual_reminders() -> list[int]:
    return [14, 3]


class Campaign(models.Model):
    """Everybody identified by a method in a time, for a purpose, is asked to identify themselves again (M4).

    One administrator drafts it, another confirms it before the first message goes out: it restricts people.
    """

    method = models.ForeignKey(
        "identity.Method", models.PROTECT, related_name="campaigns", db_comment="sensitive=false"
    )
    provider = models.CharField(max_length=30, blank=True, db_comment="sensitive=false; empty: every provider")
    purpose = models.CharField(max_length=20, choices=Purpose, db_comment="sensitive=false")
    identified_from = models.DateTimeField(db_comment="sensitive=false; identifications from then on")
    identified_to = models.DateTimeField(db_comment="sensitive=false; and before then")
    deadline = models.DateField(db_comment="sensitive=false; last day to identify oneself again")
    reason = models.TextField(db_comment="sensitive=false; for staff")
    text_de = models.TextField(db_comment="sensitive=false; why, for the people asked")
    text_en = models.TextField(db_comment="sensitive=false; why, for the people asked")
    per_day = models.PositiveIntegerField(
        default=1000, validators=[MinValueValidator(1)], db_comment="sensitive=false; people asked a day"
    )
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(90)]),
        default=usual_reminders, db_comment="sensitive=false; days before a person's last day",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=C, default=C.DRAFT, db_comment="sensitive=false")
    started_by = models.CharField(max_length=60, db_comment="sensitive=false; public_id of the administrator")
    started_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    approved_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id of another one")
    approved_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    stopped_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id")
    stop_reason = models.TextField(blank=True, db_comment="sensitive=false; for staff")
    over_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; ended or stopped")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=C.values), name="identity_campaign_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="identity_campaign_purpose_known"),
            models.CheckConstraint(
                condition=Q(identified_to__gt=F("identified_from")), name="identity_campaign_in_order"
            ),
            models.CheckConstraint(
                condition=Q(per_day__gt=0) & ~Q(reminder_days=[]), name="identity_campaign_asks_and_reminds"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(text_de="") & ~Q(text_en=""), name="identity_campaign_says_why"
            ),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at=None, state__in=[C.DRAFT, C.STOPPED])
                | ~Q(approved_by__in=["", F("started_by")]) & Q(approved_at__isnull=False) & ~Q(state=C.DRAFT),
                name="identity_campaign_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[C.DRAFT, C.RUNNING], over_at=None)
                | Q(state__in=[C.ENDED, C.STOPPED], over_at__isnull=False),
                name="identity_campaign_over_iff_final",
            ),
            models.CheckConstraint(
                condition=Q(state=C.STOPPED) & ~Q(stopped_by="") & ~Q(stop_reason="")
                | ~Q(state=C.STOPPED) & Q(stopped_by="", stop_reason=""),
                name="identity_campaign_stopped_says_why",
            ),
        ]  # fmt: skip
        triggers = [
            only_moves(CAMPAIGN_MOVES),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="text_stays",
                fields=["method", "provider", "purpose", "identified_from", "identified_to", "deadline", "reason",
                        "text_de", "text_en", "per_day", "reminder_days", "started_by", "started_at"],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"campaign {self.pk} {self.method_id} {self.state}"


class CampaignMember(models.Model):
    """One person in a campaign, with the case whose identification is to be repeated."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="members", db_comment="sensitive=false")
    insurant = models.ForeignKey(
        "identity.Insurant", models.PROTECT, related_name="campaign_members", db_comment="sensitive=false"
    )
    case = models.ForeignKey(
        "identity.IdentificationCase", models.PROTECT, related_name="campaign_members", db_comment="sensitive=false"
    )
    granted_at = models.DateTimeField(db_comment="sensitive=false; when the identification counted that is asked about")
    state = models.CharField(max_length=10, choices=M, default=M.WAITING, db_comment="sensitive=false")
    asked_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    due_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; end of this person's last day: the deadline, or later"
    )
    reminded_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; the last time")
    reminded_days = models.PositiveSmallIntegerField(
        null=True, blank=True, db_comment="sensitive=false; which reminder that was: days before due_at"
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; done, restricted or excepted since"
    )
    exception_reason = models.TextField(blank=True, db_comment="sensitive=false; a code or a reason without names")
    excepted_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id or 'system'")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "insurant"], name="identity_campaignmember_once"),
            models.CheckConstraint(condition=Q(state__in=M.values), name="identity_campaignmember_state_known"),
            models.CheckConstraint(
                condition=Q(asked_at=None, due_at=None, state__in=[M.WAITING, M.DONE, M.EXCEPTED])
                | Q(asked_at__isnull=False, due_at__isnull=False, due_at__gt=F("asked_at")) & ~Q(state=M.WAITING),
                name="identity_campaignmember_asked_has_an_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=M.RESTRICTED) | Q(reminded_at__isnull=False, settled_at__gte=F("due_at")),
                name="identity_campaignmember_never_silently",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[M.WAITING, M.ASKED], settled_at=None)
                | ~Q(state__in=[M.WAITING, M.ASKED]) & Q(settled_at__isnull=False),
                name="identity_campaignmember_settled_iff_final",
            ),
            models.CheckConstraint(
                condition=Q(state=M.EXCEPTED) & ~Q(exception_reason="") & ~Q(excepted_by="")
                | ~Q(state=M.EXCEPTED) & Q(exception_reason="", excepted_by=""),
                name="identity_campaignmember_excepted_says_why",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["campaign", "state"], name="identity_campaignmember_state"),
            models.Index(
                fields=["insurant"], condition=Q(state="restricted"), name="identity_campaignmember_limit"
            ),
        ]  # fmt: skip
        triggers = [
            only_moves(MEMBER_MOVES),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="fixed", fields=["campaign", "insurant", "case", "granted_at"]),
        ]

    def __str__(self) -> str:
        return f"member of {self.campaign_id} {self.state}"
