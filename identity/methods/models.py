"""Methods, what they are admitted for, and their suspension: the one record that steers them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language

from identity.methods.choices import AssuranceLevel, Effect, Purpose, QuarantineEnd, Setting

CODES = r"^[a-z][a-z0-9_]{1,29}$"
UNDO_WITHIN = timedelta(minutes=10)
"""How long an order can be taken back by one person, as if it had never been; held by the database too."""


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


# M7 in the database: what ends an order is an approved proposal with the same evidence, whose row says by whom.
LIFTED_BY_TWO = """
IF NOT EXISTS (
    SELECT 1 FROM identity_lifting l
    WHERE l.suspension_id = NEW.id AND l.evidence = NEW.evidence AND l.approved_at IS NOT NULL
) THEN
    RAISE EXCEPTION 'a suspension is lifted by two people'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_suspension_lifted_by_two';
END IF;
RETURN NEW;
"""


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def mattering(self, since: datetime) -> SuspensionQuerySet:
        """All that may stand in the way of anything from `since` on. What contradicts itself always matters."""
        plainly_over = Q(over_at__lte=since, ends_at__gte=F("effective_from"), ends_at__lte=F("over_at"))
        return self.filter(undone_at=None).exclude(plainly_over)

    def in_force(self, at: datetime) -> list[Suspension]:
        """The orders that cover a moment, the longest standing first."""
        return [each for each in self.mattering(at).order_by("effective_from", "pk") if each.covers(at)]


class Suspension(models.Model):
    """One order that stops a method (M2): the method's feature flag, and its only one.

    Empty scope fields mean "all". Written only by `methods.services`; never deleted; ended by a moment, not by removal.
    What it means for one question is said in `methods.rules`.
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
    link = models.URLField(blank=True, db_comment="sensitive=false; where the order can be read")
    legal_basis = models.CharField(max_length=200, blank=True, db_comment="sensitive=false; for example § 311 SGB V")
    reason = models.TextField(db_comment="sensitive=false; for staff")
    last_door_reason = models.TextField(
        blank=True, db_comment="sensitive=false; why, although a purpose is left without an online method"
    )
    public_text_de = models.TextField(db_comment="sensitive=false; for everybody")
    public_text_en = models.TextField(db_comment="sensitive=false; for everybody")
    public_text_plain = models.TextField(db_comment="sensitive=false; for everybody, in plain German")
    effective_from = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    review_on = models.DateField(db_comment="sensitive=false; day on which somebody looks at the order again")
    ends_at = models.DateTimeField(
        null=True, blank=True,
        db_comment="sensitive=false; planned by the order or set by lifting; empty: until further notice",
    )  # fmt: skip
    effect = models.CharField(
        max_length=10, choices=Effect, default=Effect.MOVE, db_comment="sensitive=false; on people in the middle"
    )
    finish_until = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; effect finish: attempts begun before count until then"
    )
    void_since = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; effect void: identifications since then are withdrawn"
    )
    earlier_results_count = models.BooleanField(
        default=False, db_comment="sensitive=false; results identified before effective_from, delivered after it (M3)"
    )
    imposed_by = models.CharField(
        max_length=60, db_comment="sensitive=false; public_id of the administrator or 'system'"
    )
    imposed_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    confirmed_by = models.CharField(
        max_length=60, blank=True, db_comment="sensitive=false; public_id of the second administrator (M7)"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    undone_by = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; public_id")
    undone_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; taken back within minutes: as if it had never been"
    )
    evidence = models.CharField(max_length=200, blank=True, db_comment="sensitive=false; why it may be used again")
    quarantine_end = models.CharField(
        max_length=10, blank=True, choices=QuarantineEnd, db_comment="sensitive=false; effect freeze, once lifted"
    )
    readmission_percents = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        db_comment="sensitive=false; after the end, for how many of a hundred people; then for all",
    )
    readmission_step_hours = models.PositiveIntegerField(
        default=0, db_comment="sensitive=false; hours that each percentage lasts"
    )
    over_at = models.DateTimeField(
        null=True, blank=True,
        db_comment="sensitive=false; ended and admitted again for everybody; empty while it may matter",
    )  # fmt: skip

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["-effective_from", "-pk"]
        permissions = [("steer_methods", "May suspend methods and admit them again")]
        indexes = [models.Index(fields=["method", "over_at"], name="identity_suspension_matters")]
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
                condition=Q(effect__in=Effect.values)
                & (
                    ~Q(effect=Effect.FINISH) & Q(finish_until__isnull=True)
                    | Q(effect=Effect.FINISH, finish_until__isnull=False, finish_until__gt=F("effective_from"))
                )
                & (
                    ~Q(effect=Effect.VOID) & Q(void_since__isnull=True)
                    | Q(effect=Effect.VOID, void_since__isnull=False, void_since__lte=F("effective_from"))
                ),
                name="identity_suspension_effect_complete",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by="", confirmed_at=None)
                | ~Q(confirmed_by="") & ~Q(confirmed_by=F("imposed_by")) & Q(confirmed_at__isnull=False),
                name="identity_suspension_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(undone_by="", undone_at=None)
                | ~Q(undone_by="") & Q(undone_at__lte=F("imposed_at") + UNDO_WITHIN, confirmed_by=""),
                name="identity_suspension_undone_in_time",
            ),
            models.CheckConstraint(
                condition=Q(over_at=None) | Q(over_at__gte=F("ends_at")) & (~Q(evidence="") | ~Q(confirmed_by="")),
                name="identity_suspension_over_by_two",
            ),
            models.CheckConstraint(
                condition=Q(quarantine_end="") | Q(quarantine_end__in=QuarantineEnd.values, effect=Effect.FREEZE),
                name="identity_suspension_quarantine_of_a_freeze",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="order_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "method", "provider", "purpose", "insurer", "region", "authority", "order_reference", "link",
                    "legal_basis", "reason", "last_door_reason", "public_text_de", "public_text_en",
                    "public_text_plain", "effective_from", "review_on", "effect", "finish_until", "void_since",
                    "earlier_results_count", "imposed_by", "imposed_at",
                ),
            ),
            pgtrigger.Trigger(
                name="lifted_by_two",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("evidence"),
                func=LIFTED_BY_TWO,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.method_id} from {self.effective_from:%Y-%m-%d %H:%M}"

    @property
    def public_text(self) -> str:
        """What everybody may read, in the language of the page; German where there is no English."""
        english = (get_language() or "de").startswith("en")
        return self.public_text_en if english and self.public_text_en else self.public_text_de

    @property
    def contradicts_itself(self) -> bool:
        """A record that cannot be true stops the method for good; constraints keep such rows out."""
        ends_first = self.ends_at is not None and self.ends_at < self.effective_from
        percents = self.readmission_percents
        return (
            ends_first
            or self.effect not in Effect.values
            or (self.effect == Effect.FINISH) != (self.finish_until is not None)
            or (self.effect == Effect.VOID) != (self.void_since is not None)
            or (bool(percents) != bool(self.readmission_step_hours))
            or any(not 0 < percent <= 100 for percent in percents)
        )

    @property
    def end(self) -> datetime | None:
        """When it ends. An end takes two people (M7): a planned one counts only once a second has confirmed it."""
        return self.ends_at if self.evidence or self.confirmed_by else None

    @property
    def never_began(self) -> bool:
        """Was it lifted before its beginning? Then it has never forbidden anything."""
        return not self.contradicts_itself and self.end is not None and self.end <= self.effective_from

    def covers(self, moment: datetime) -> bool:
        """Is the method stopped at this moment?"""
        if self.undone_at is not None:
            return False
        if self.contradicts_itself:
            return True
        return self.effective_from <= moment and (self.end is None or moment < self.end)
