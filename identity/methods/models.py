"""Methods, what they are admitted for, and their suspension: the one record that steers them."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language

from identity.methods.choices import AssuranceLevel, Purpose, Setting

CODES = r"^[a-z][a-z0-9_]{1,29}$"


class Method(models.Model):
    """A way to prove who one is, as data (M1). Whether it may be used now is asked of `methods.gate` alone."""

    code = models.CharField(max_length=30, primary_key=True, db_comment="sensitive=false")
    provider = models.CharField(max_length=30, blank=True, db_comment="sensitive=false; empty: no outside provider")
    setting = models.CharField(max_length=20, choices=Setting, db_comment="sensitive=false")
    staff_only = models.BooleanField(
        default=False, db_comment="sensitive=false; recorded by staff, not started by a person"
    )
    document_check = models.PositiveSmallIntegerField(choices=AssuranceLevel, db_comment="sensitive=false")
    person_check = models.PositiveSmallIntegerField(choices=AssuranceLevel, db_comment="sensitive=false")
    binding = models.PositiveSmallIntegerField(choices=AssuranceLevel, db_comment="sensitive=false")
    delivery = models.PositiveSmallIntegerField(choices=AssuranceLevel, db_comment="sensitive=false")
    minimum_age = models.PositiveSmallIntegerField(db_comment="sensitive=false; years")
    represented_below = models.BooleanField(
        default=False, db_comment="sensitive=false; below the age with a legal representative (C7)"
    )
    position = models.PositiveSmallIntegerField(default=100, db_comment="sensitive=false; order on the page")
    name_de = models.CharField(max_length=100, db_comment="sensitive=false")
    name_en = models.CharField(max_length=100, db_comment="sensitive=false")
    summary_de = models.TextField(db_comment="sensitive=false; plain language")
    summary_en = models.TextField(db_comment="sensitive=false; plain language")
    needs_de = models.TextField(blank=True, db_comment="sensitive=false; what a person needs, one thing a line")
    needs_en = models.TextField(blank=True, db_comment="sensitive=false; what a person needs, one thing a line")
    duration_de = models.CharField(max_length=100, blank=True, db_comment="sensitive=false")
    duration_en = models.CharField(max_length=100, blank=True, db_comment="sensitive=false")

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=CODES), name="identity_method_code_shape"),
            models.CheckConstraint(condition=Q(setting__in=Setting.values), name="identity_method_setting_known"),
            models.CheckConstraint(
                condition=Q(document_check__range=(1, 3), person_check__range=(1, 3))
                & Q(binding__range=(1, 3), delivery__range=(1, 3)),
                name="identity_method_levels_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def assurance_level(self) -> AssuranceLevel:
        """The lowest of document check, person check, binding and delivery (C3, BSI TR-03147)."""
        return AssuranceLevel(min(self.document_check, self.person_check, self.binding, self.delivery))

    @property
    def name(self) -> str:
        return self._in_language("name")

    @property
    def summary(self) -> str:
        return self._in_language("summary")

    @property
    def needs(self) -> list[str]:
        return self._in_language("needs").splitlines()

    @property
    def duration(self) -> str:
        return self._in_language("duration")

    def _in_language(self, what: str) -> str:
        language = "en" if (get_language() or "de").startswith("en") else "de"
        return str(getattr(self, f"{what}_{language}"))


class MethodAdmission(models.Model):
    """From when to when a method is admitted for a purpose (M1). Law, not a switch."""

    method = models.ForeignKey(Method, models.PROTECT, related_name="admissions", db_comment="sensitive=false")
    purpose = models.CharField(max_length=20, choices=Purpose, db_comment="sensitive=false")
    valid_from = models.DateField(db_comment="sensitive=false; first day")
    valid_to = models.DateField(null=True, blank=True, db_comment="sensitive=false; last day")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "purpose", "valid_from"], name="identity_methodadmission_once"),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="identity_methodadmission_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="identity_methodadmission_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method_id} {self.purpose}"


class Suspension(models.Model):
    """One order that stops a method (M2): the method's feature flag, and its only one.

    Empty scope fields mean "all". Written only by `methods.services`; never deleted; ended by a moment, not by removal.
    """

    method = models.ForeignKey(Method, models.PROTECT, related_name="suspensions", db_comment="sensitive=false")
    provider = models.CharField(max_length=30, blank=True, db_comment="sensitive=false; empty: every provider")
    purpose = models.CharField(
        max_length=20, blank=True, choices=Purpose, db_comment="sensitive=false; empty: every purpose"
    )
    insurer = models.ForeignKey(
        "identity.Insurer", models.PROTECT, null=True, blank=True, db_comment="sensitive=false; empty: every insurer"
    )
    region = models.CharField(max_length=30, blank=True, db_comment="sensitive=false; empty: every region")
    authority = models.CharField(max_length=100, db_comment="sensitive=false")
    order_reference = models.CharField(max_length=100, db_comment="sensitive=false")
    reason = models.TextField(db_comment="sensitive=false; for staff")
    public_text_de = models.TextField(db_comment="sensitive=false; for everybody")
    public_text_en = models.TextField(db_comment="sensitive=false; for everybody")
    effective_from = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    ends_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; empty: until further notice")
    earlier_results_count = models.BooleanField(
        default=False, db_comment="sensitive=false; results identified before effective_from, delivered after it (M3)"
    )
    imposed_by = models.CharField(
        max_length=60, db_comment="sensitive=false; public_id of the administrator or 'system'"
    )
    imposed_at = models.DateTimeField(auto_now_add=True, db_comment="sensitive=false")
    ended_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id of the administrator")
    evidence = models.CharField(max_length=200, blank=True, db_comment="sensitive=false; why it may be used again")

    class Meta:
        ordering = ["-effective_from", "-pk"]
        permissions = [("steer_methods", "May suspend methods and admit them again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("effective_from")),
                name="identity_suspension_in_order",
            ),
            models.CheckConstraint(
                condition=Q(purpose="") | Q(purpose__in=Purpose.values), name="identity_suspension_purpose_known"
            ),
            models.CheckConstraint(
                condition=~Q(authority="") & ~Q(order_reference="") & ~Q(reason="") & ~Q(public_text_de=""),
                name="identity_suspension_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_by="") | ~Q(evidence="") & Q(ends_at__isnull=False),
                name="identity_suspension_ended_with_evidence",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="order_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "method", "provider", "purpose", "insurer", "region", "authority", "order_reference", "reason",
                    "public_text_de", "public_text_en", "effective_from", "earlier_results_count", "imposed_by",
                    "imposed_at",
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.method_id} from {self.effective_from:%Y-%m-%d %H:%M}"

    @property
    def public_text(self) -> str:
        """What everybody may read, in the language of the page; German where there is no English."""
        english = (get_language() or "de").startswith("en")
        return self.public_text_en if english and self.public_text_en else self.public_text_de

    def covers(self, moment: datetime) -> bool:
        """Is the method stopped at this moment? A record that contradicts itself stops it for good."""
        if self.ends_at is None or self.ends_at < self.effective_from:
            return self.ends_at is not None or self.effective_from <= moment
        return self.effective_from <= moment < self.ends_at
