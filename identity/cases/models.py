"""The case, its attempts, their results and what waits for a clerk. Only `cases.services` write a state."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.encryption.fields import EncryptedJSONField, EncryptedTextField
from core.ids import uuid7
from identity.cases.states import (
    ATTEMPT_MOVES,
    CASE_MOVES,
    COUNTED_ATTEMPT,
    LIVE_ATTEMPT,
    OPEN_CASE,
    OPEN_REVIEW,
    REVIEW_MOVES,
    AttemptState,
    CaseState,
    ReviewState,
)
from identity.methods.choices import AssuranceLevel, Purpose
from identity.providers.ports import Progress

PAUSED_OUT = "expired_during_pause"
"""Reason of an attempt whose coupon ran out at the provider while an order had stopped the clocks: not counted (C2)."""
NOT_THEIR_DOING = (PAUSED_OUT, "method_suspended", "suspended", "frozen")
"""Reasons of attempts that an order has ended or held: they do not count towards the limit."""
REFERENCE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no look-alikes: it is printed on the coupon


def new_reference() -> str:
    """Return 14 random characters: our number for one attempt at a provider (70 bits, no personal data)."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(14))


def only_moves(moves: Mapping[Any, frozenset[Any]]) -> pgtrigger.FSM:
    """Return the trigger that holds a table of moves in the database."""
    transitions = [(source.value, target.value) for source, targets in moves.items() for target in sorted(targets)]
    return pgtrigger.FSM(name="only_known_moves", field="state", transitions=transitions)


class CaseQuerySet(models.QuerySet["IdentificationCase"]):
    def open(self) -> CaseQuerySet:
        return self.filter(state__in=OPEN_CASE)

    def overdue(self, at: datetime) -> CaseQuerySet:
        """Past their time and not held up by us: a case in review waits for a clerk, not for the person."""
        waiting = Q(state__in=[CaseState.CHOOSING, CaseState.IDENTIFYING], expires_at__lte=at)
        return self.filter(waiting | Q(state=CaseState.OFFERED, offered_until__lte=at), frozen_since=None)


class IdentificationCase(models.Model):
    """One wish to be identified for one purpose (C1). One open case per person and purpose: the constraint decides."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment="sensitive=false")
    insurant = models.ForeignKey(
        "identity.Insurant", models.PROTECT, related_name="cases", db_comment="sensitive=false"
    )
    insurer = models.ForeignKey("identity.Insurer", models.PROTECT, related_name="+", db_comment="sensitive=false")
    purpose = models.CharField(max_length=20, choices=Purpose, db_comment="sensitive=false")
    level_demanded = models.PositiveSmallIntegerField(
        choices=AssuranceLevel, default=AssuranceLevel.HIGH, db_comment="sensitive=false"
    )
    state = models.CharField(max_length=20, choices=CaseState, default=CaseState.CHOOSING, db_comment="sensitive=false")
    method = models.ForeignKey(
        "identity.Method", models.PROTECT, null=True, blank=True, db_comment="sensitive=false; the one chosen last"
    )
    opened_at = models.DateTimeField(auto_now_add=True, db_comment="sensitive=false; the application date, never moved")
    declared_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; the declaration was previewed and sent (D5)"
    )
    expires_at = models.DateTimeField(db_comment="sensitive=false")
    offered_until = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; end of a late offer")
    frozen_since = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; an order stops the clocks: deadlines move by the pause"
    )
    closed_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    end_reason = models.CharField(
        max_length=50, blank=True, db_comment="sensitive=false; code of why the last step did not succeed (C8)"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["insurant", "purpose"], condition=Q(state__in=OPEN_CASE), name="identity_case_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="identity_case_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="identity_case_purpose_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_CASE, closed_at__isnull=True)
                | ~Q(state__in=OPEN_CASE) & Q(closed_at__isnull=False),
                name="identity_case_closed_iff_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.OFFERED) | Q(offered_until__isnull=False),
                name="identity_case_offer_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(frozen_since=None) | Q(state__in=[*OPEN_CASE, CaseState.OFFERED]),
                name="identity_case_frozen_while_it_runs",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state__in=OPEN_CASE), name="identity_case_open_due"),
            models.Index(fields=["offered_until"], condition=Q(state="offered"), name="identity_case_offer_due"),
            models.Index(  # the preview of an order reads all that run, and nothing else of them
                fields=["state", "id"],
                include=["insurer", "insurant", "purpose", "level_demanded", "end_reason"],
                condition=Q(state__in=[*OPEN_CASE, CaseState.OFFERED]),
                name="identity_case_running",
            ),
            models.Index(fields=["closed_at", "state"], name="identity_case_closed"),
        ]
        triggers = [only_moves(CASE_MOVES), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def counted_since(self, moment: datetime) -> AttemptQuerySet:
        """Attempts that count towards the limit (C2)."""
        counted = self.filter(state__in=COUNTED_ATTEMPT, intended_at__gte=moment)
        return counted.exclude(reason__in=NOT_THEIR_DOING)

    def live(self) -> AttemptQuerySet:
        return self.filter(state__in=LIVE_ATTEMPT)


class Attempt(models.Model):
    """One try with one method inside a case. It is written down before the provider is called."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    case = models.ForeignKey(IdentificationCase, models.PROTECT, related_name="attempts", db_comment="sensitive=false")
    method = models.ForeignKey("identity.Method", models.PROTECT, related_name="+", db_comment="sensitive=false")
    provider = models.CharField(max_length=30, db_comment="sensitive=false")
    reference = models.CharField(
        max_length=14, unique=True, default=new_reference, db_comment="sensitive=false; ours, printed on the coupon"
    )
    provider_case_id = models.CharField(
        max_length=20, blank=True, db_comment="sensitive=false; the provider may use it again: no lasting key"
    )
    continue_url = EncryptedTextField(blank=True, db_comment="sensitive=true; whoever has it can go on")
    app_url = EncryptedTextField(blank=True, db_comment="sensitive=true; the same for the provider's app")
    state = models.CharField(
        max_length=20, choices=AttemptState, default=AttemptState.INTENDED, db_comment="sensitive=false"
    )
    progress = models.CharField(
        max_length=20, default=Progress.STARTED.value, db_comment="sensitive=false; how far it is at the provider"
    )
    reason = models.CharField(max_length=50, blank=True, db_comment="sensitive=false; code of why it did not succeed")
    suspected_fraud = models.BooleanField(default=False, db_comment="sensitive=false")
    intended_at = models.DateTimeField(auto_now_add=True, db_comment="sensitive=false")
    started_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    valid_until = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; last moment at the provider")
    decided_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    asked_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; when the provider was last asked without a hint"
    )

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="identity_attempt_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[AttemptState.INTENDED, AttemptState.UNREACHED, AttemptState.CANCELLED])
                | Q(started_at__isnull=False) & ~Q(provider_case_id=""),
                name="identity_attempt_started_knows_provider_case",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "provider_case_id"], name="identity_attempt_provider_case"),
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["started", "failed", "expired"]),
                name="identity_attempt_silent",
            ),
            models.Index(
                fields=["method", "state"],
                include=["case", "progress", "valid_until", "provider"],
                condition=Q(state__in=["intended", "unreached", "started", "failed", "late", "quarantined"]),
                name="identity_attempt_in_the_middle",
            ),
            models.Index(
                fields=["intended_at", "method"], include=["state", "reason", "case"], name="identity_attempt_begun"
            ),
        ]
        triggers = [only_moves(ATTEMPT_MOVES), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"


class Result(models.Model):
    """What a successful identification brought, bound to its attempt and so to case, person and purpose (C4).

    No document number is kept (PAuswG § 20 (3), rule B3): a person is recognised again by `person_hash`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="result", db_comment="sensitive=false")
    case = models.ForeignKey(IdentificationCase, models.PROTECT, related_name="results", db_comment="sensitive=false")
    method_used = models.CharField(max_length=30, db_comment="sensitive=false; what the provider says was really used")
    document_type = models.CharField(max_length=30, blank=True, db_comment="sensitive=false")
    document_country = models.CharField(max_length=3, blank=True, db_comment="sensitive=false")
    document_expires_on = models.DateField(null=True, blank=True, db_comment="sensitive=false")
    identified_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; as the provider states it")
    received_at = models.DateTimeField(db_comment="sensitive=false")
    person = EncryptedJSONField(
        db_comment="sensitive=true; names, birth, address as on the document, and what is unchecked"
    )
    person_hash = models.BinaryField(
        null=True, max_length=32, db_comment="sensitive=true; keyed hash of the person on the document"
    )
    verdict = models.CharField(max_length=10, db_comment="sensitive=false; match, review, mismatch")
    differences = ArrayField(models.CharField(max_length=50), default=list, db_comment="sensitive=false; codes")
    level_reached = models.PositiveSmallIntegerField(
        choices=AssuranceLevel, null=True, blank=True, db_comment="sensitive=false; empty: grants nothing"
    )
    granted_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; when it identified the person"
    )
    rules_version = models.PositiveBigIntegerField(
        default=0, db_comment="sensitive=false; number of the last MethodChange when the gate judged it"
    )
    held_by = models.ForeignKey(
        "identity.Suspension", models.PROTECT, null=True, related_name="held_results",
        db_comment="sensitive=false; the order that withheld it or keeps it in quarantine",
    )  # fmt: skip
    voided_by = models.ForeignKey(
        "identity.Suspension", models.PROTECT, null=True, related_name="voided_results",
        db_comment="sensitive=false; the order that withdrew it from use after it had identified the person",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(granted_at__isnull=False, voided_by=None),
                name="identity_result_one_grant",
            ),
            models.CheckConstraint(
                condition=Q(granted_at__isnull=True) | Q(level_reached__isnull=False),
                name="identity_result_grant_has_level",
            ),
            models.CheckConstraint(
                condition=Q(voided_by=None) | Q(granted_at__isnull=False), name="identity_result_void_was_granted"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["match", "review", "mismatch"]), name="identity_result_verdict_known"
            ),
        ]
        indexes = [
            models.Index(fields=["person_hash"], name="identity_result_person"),
            models.Index(
                fields=["method_used", "identified_at"],
                condition=Q(granted_at__isnull=False),
                name="identity_result_granted",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.verdict}"


class Review(models.Model):
    """What a machine must not decide. One clerk proposes, another one confirms (C6)."""

    class Kind(models.TextChoices):
        DIFFERENCE = "difference"
        SECOND_PERSON = "second_person"
        WITHDRAWN = "withdrawn"

    class Decision(models.TextChoices):
        APPROVE = "approve"
        REPEAT = "repeat"
        REFUSE = "refuse"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    case = models.ForeignKey(IdentificationCase, models.PROTECT, related_name="reviews", db_comment="sensitive=false")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="reviews", db_comment="sensitive=false")
    kind = models.CharField(max_length=20, choices=Kind, db_comment="sensitive=false")
    differences = ArrayField(models.CharField(max_length=50), default=list, db_comment="sensitive=false; codes")
    state = models.CharField(max_length=20, choices=ReviewState, default=ReviewState.OPEN, db_comment="sensitive=false")
    raised_at = models.DateTimeField(auto_now_add=True, db_comment="sensitive=false")
    proposal = models.CharField(max_length=10, choices=Decision, blank=True, db_comment="sensitive=false")
    proposal_reason = EncryptedTextField(blank=True, db_comment="sensitive=true; free text")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment="sensitive=false"
    )
    decision = models.CharField(max_length=10, choices=Decision, blank=True, db_comment="sensitive=false")
    decision_reason = EncryptedTextField(blank=True, db_comment="sensitive=true; free text")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment="sensitive=false"
    )
    decided_at = models.DateTimeField(null=True, db_comment="sensitive=false")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(state__in=OPEN_REVIEW), name="identity_review_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="identity_review_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.DECIDED) | ~Q(decision="") & Q(decided_at__isnull=False),
                name="identity_review_decided_says_what",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(proposed_by__isnull=False) & ~Q(decided_by=models.F("proposed_by")),
                name="identity_review_four_eyes",
            ),
        ]
        triggers = [only_moves(REVIEW_MOVES), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]
        permissions = [("decide_reviews", "May propose and confirm decisions about differences")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.state}"

    @property
    def proposal_mark(self) -> str:
        """Return what tells one proposal from another (64 hex digits): who proposed what, and why."""
        proposed = [str(self.pk), self.proposal, self.proposed_by_id, self.proposal_reason]
        return hashlib.sha256(json.dumps(proposed).encode()).hexdigest()
