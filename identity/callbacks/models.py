"""The inbox: what a provider may have news about, one row per case, however often and in whatever order it was said."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from identity.callbacks.states import DESK, UNREAD, EntryState, Origin


class InboxQuerySet(models.QuerySet["InboxEntry"]):
    def unread(self) -> InboxQuerySet:
        return self.filter(state__in=UNREAD)

    def due(self, at: datetime | None = None) -> InboxQuerySet:
        """To be worked now and held by nobody, longest waiting first. Without a moment the database's clock counts."""
        moment = Now() if at is None else at
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=moment)
        return self.unread().filter(free, next_try_at__lte=moment).order_by("next_try_at", "pk")

    def for_desk(self) -> InboxQuerySet:
        """What waits for a person: given up, or matching nothing. Latest first."""
        return self.filter(state__in=DESK).order_by("-last_received_at")


class InboxEntry(models.Model):
    """News that a provider may have about one of its cases. The row proves nothing: the facts are fetched.

    `hints` counts how often it was said. Whoever works on an entry notes `hints` before it asks the provider, and moves
    it to `done` only if `hints` is still the same (and writes `worked_hints` with it): a hint that came meanwhile is
    never lost.
    """

    provider = models.CharField(max_length=20, db_comment="sensitive=false")
    contract = models.CharField(max_length=30, db_comment="sensitive=false; method whose contract the case belongs to")
    provider_case_id = models.CharField(
        max_length=20, db_comment="sensitive=false; the provider may use it again: no lasting key"
    )
    reference = models.CharField(
        max_length=14, blank=True, db_comment="sensitive=false; as hinted, not yet believed; empty when none was given"
    )
    origin = models.CharField(max_length=10, choices=Origin, db_comment="sensitive=false; who said it first")
    state = models.CharField(
        max_length=10, choices=EntryState, default=EntryState.RECEIVED, db_comment="sensitive=false"
    )
    hints = models.PositiveIntegerField(default=1, db_comment="sensitive=false; how often it was said")
    worked_hints = models.PositiveIntegerField(default=0, db_comment="sensitive=false; value of hints when last done")
    tries = models.PositiveSmallIntegerField(
        default=0, db_comment="sensitive=false; failed tries since the last success"
    )
    problem = models.CharField(max_length=50, blank=True, db_comment="sensitive=false; code of the last failure")
    first_received_at = models.DateTimeField(db_comment="sensitive=false")
    last_received_at = models.DateTimeField(db_comment="sensitive=false")
    next_try_at = models.DateTimeField(db_comment="sensitive=false")
    claimed_until = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; a worker holds it until then, longer only if it asks again"
    )

    objects = InboxQuerySet.as_manager()

    class Meta:
        permissions = [("work_inbox_desk", "May work on the inbox desk")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "contract", "provider_case_id", "reference"], name="identity_inbox_once"
            ),
            models.CheckConstraint(condition=Q(state__in=EntryState.values), name="identity_inbox_state_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="identity_inbox_origin_known"),
            models.CheckConstraint(
                condition=Q(hints__gte=1, worked_hints__lte=F("hints")), name="identity_inbox_worked_what_was_said"
            ),
            models.CheckConstraint(
                condition=~Q(state=EntryState.DONE) | Q(worked_hints=F("hints")), name="identity_inbox_done_means_all"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*DESK, EntryState.WAITING]) | ~Q(problem=""), name="identity_inbox_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=UNREAD), name="identity_inbox_due"),
            models.Index(fields=["-last_received_at"], condition=Q(state__in=DESK), name="identity_inbox_desk"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.pk} {self.state}"
