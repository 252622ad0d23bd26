"""What stands beside the orders: proposals to lift one, and the history of every change (M7, M8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.methods.choices import QuarantineEnd
from identity.methods.models import Method, Suspension


class Lifting(models.Model):
    """The proposal to end a suspension. One administrator writes it, another approves exactly this text (M7)."""

    suspension = models.ForeignKey(Suspension, models.PROTECT, related_name="liftings", db_comment="sensitive=false")
    evidence = models.CharField(max_length=200, db_comment="sensitive=false; reference to what proves it safe again")
    at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; empty: when it is approved")
    quarantine_end = models.CharField(
        max_length=10, blank=True, choices=QuarantineEnd, db_comment="sensitive=false; for a freeze"
    )
    percents = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(100)]),
        default=list, blank=True, db_comment="sensitive=false; gradual readmission; empty: for all at once",
    )  # fmt: skip
    step_hours = models.PositiveIntegerField(default=0, db_comment="sensitive=false; hours each percentage lasts")
    proposed_by = models.CharField(max_length=60, db_comment="sensitive=false; public_id of the administrator")
    proposed_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    approved_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id of another one")
    approved_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    withdrawn_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id")
    withdrawn_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["suspension"],
                condition=Q(approved_at=None, withdrawn_at=None),
                name="identity_lifting_one_open",
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="identity_lifting_has_evidence"),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at=None)
                | ~Q(approved_by__in=["", F("proposed_by")]) & Q(approved_at__isnull=False, withdrawn_at=None),
                name="identity_lifting_by_two",
            ),
            models.CheckConstraint(
                condition=Q(percents=[], step_hours=0) | ~Q(percents=[]) & Q(step_hours__gt=0),
                name="identity_lifting_steps_last",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="text_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "suspension", "evidence", "at", "quarantine_end", "percents", "step_hours", "proposed_by",
                    "proposed_at",
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"lifting of {self.suspension_id}"

    @property
    def is_open(self) -> bool:
        return self.approved_at is None and self.withdrawn_at is None

    @property
    def lasts_until(self) -> datetime:
        """An approval that comes later than this is refused: what was true may not be true any more."""
        return self.proposed_at + timedelta(hours=settings.LIFTING_PROPOSAL_HOURS)


class MethodChange(models.Model):
    """One line of the history of methods (M8): append-only. Its number is the version of the rules from then on."""

    class Kind(models.TextChoices):
        IMPOSED = "imposed", _("Suspended")
        CONFIRMED = "confirmed", _("Suspension confirmed by a second administrator")
        UNDONE = "undone", _("Suspension taken back within minutes")
        LIFTING_PROPOSED = "lifting_proposed", _("Lifting proposed")
        LIFTING_WITHDRAWN = "lifting_withdrawn", _("Proposal to lift withdrawn")
        LIFTED = "lifted", _("Lifted by two administrators")
        READMISSION_STOPPED = "readmission_stopped", _("Readmission stopped by itself")
        CAMPAIGN_STARTED = "campaign_started", _("Re-verification campaign started")
        CAMPAIGN_ENDED = "campaign_ended", _("Re-verification campaign ended")

    kind = models.CharField(max_length=30, choices=Kind, db_comment="sensitive=false")
    method = models.ForeignKey(Method, models.PROTECT, related_name="changes", db_comment="sensitive=false")
    suspension = models.ForeignKey(
        Suspension, models.PROTECT, null=True, related_name="changes", db_comment="sensitive=false"
    )
    at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    actor = models.CharField(max_length=60, db_comment="sensitive=false; public_id of the administrator or 'system'")
    facts = models.JSONField(default=dict, db_comment="sensitive=false; codes, moments and references")

    PUBLIC = (Kind.IMPOSED, Kind.UNDONE, Kind.LIFTED, Kind.READMISSION_STOPPED)
    """Kinds that everybody may see: what changes who may use a method."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(kind=""), name="identity_methodchange_has_kind")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.method_id}"
