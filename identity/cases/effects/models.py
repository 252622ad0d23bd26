"""Whom an order has met, how they stood before, and how far it has been carried out."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AffectedCase(models.Model):
    """One case that an order has met: what it did and what was before, so that it can be brought back exactly."""

    class Outcome(models.TextChoices):
        MOVED = "moved", _("Has to choose another way")
        FROZEN = "frozen", _("Place kept, clocks stopped")
        MAY_FINISH = "may_finish", _("May finish until the moment named")
        ASKED_AGAIN = "asked_again", _("Identification withdrawn from use, asked again")
        KEPT = "kept", _("Nothing changes: the result counts")

    class Closing(models.TextChoices):
        THAWED = "thawed", _("Clocks run again")
        UNDONE = "undone", _("Order taken back, everything as before")
        FINISH_OVER = "finish_over", _("Time to finish is over, has to choose another way")

    suspension = models.ForeignKey(
        "identity.Suspension", models.PROTECT, related_name="affected", db_comment="sensitive=false"
    )
    case = models.ForeignKey(
        "identity.IdentificationCase", models.PROTECT, related_name="affected_by", db_comment="sensitive=false"
    )
    outcome = models.CharField(max_length=20, choices=Outcome, db_comment="sensitive=false")
    before = models.JSONField(default=dict, db_comment="sensitive=false; states and moments of the rows it changed")
    carried_at = models.DateTimeField(db_comment="sensitive=false")
    closing = models.CharField(max_length=20, blank=True, choices=Closing, db_comment="sensitive=false")
    closed_at = models.DateTimeField(null=True, db_comment="sensitive=false")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["suspension", "case"], name="identity_affectedcase_once"),
            models.CheckConstraint(
                condition=Q(closing="", closed_at=None) | ~Q(closing="") & Q(closed_at__isnull=False),
                name="identity_affectedcase_closed_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["suspension", "id"], condition=Q(closing=""), name="identity_affectedcase_running")
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="met_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("suspension", "case", "before", "carried_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suspension_id} {self.case_id} {self.outcome}"


class OrderRun(models.Model):
    """One phase of carrying out an order: a cursor that survives a crash, and figures for the page."""

    class Phase(models.TextChoices):
        MIDDLE = "middle", _("People in the middle")
        VOIDING = "voiding", _("Identifications withdrawn from use")
        FINISH_OVER = "finish_over", _("Time to finish is over")
        THAW = "thaw", _("Clocks run again")
        RELEASE = "release", _("Results out of quarantine")
        UNDO = "undo", _("Taken back")

    suspension = models.ForeignKey(
        "identity.Suspension", models.PROTECT, related_name="runs", db_comment="sensitive=false"
    )
    phase = models.CharField(max_length=20, choices=Phase, db_comment="sensitive=false")
    cursor = models.CharField(max_length=80, blank=True, db_comment="sensitive=false; the last row that was done")
    total = models.PositiveIntegerField(default=0, db_comment="sensitive=false; counted at the start")
    done = models.PositiveIntegerField(default=0, db_comment="sensitive=false")
    started_at = models.DateTimeField(db_comment="sensitive=false")
    finished_at = models.DateTimeField(null=True, db_comment="sensitive=false")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["suspension", "phase"], name="identity_orderrun_once")]

    def __str__(self) -> str:
        return f"{self.suspension_id} {self.phase} {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        """How far it is, for a progress bar; a finished one is at a hundred whatever was counted."""
        if self.finished_at is not None or not self.total:
            return 100 if self.finished_at is not None else 0
        return min(99, self.done * 100 // self.total)
