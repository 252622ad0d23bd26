"""The trail and its head."""

import pgtrigger
from django.db import models
from django.db.models import Q

from core.actors import ActorKind


class AuditEvent(models.Model):
    """One thing that happened. Written by `core.audit.services` alone, never changed, never deleted."""

    seq = models.BigIntegerField(primary_key=True, db_comment="sensitive=false; 1, 2, 3 … without a gap")
    at = models.DateTimeField(db_comment="sensitive=false")
    name = models.CharField(max_length=100, db_comment="sensitive=false; identity.case.identified")
    subject_type = models.CharField(max_length=60, db_comment="sensitive=false; identity.identificationcase")
    subject_id = models.CharField(max_length=64, db_comment="sensitive=false; opaque")
    actor_kind = models.CharField(max_length=20, choices=ActorKind, db_comment="sensitive=false")
    actor_reference = models.CharField(max_length=64, blank=True, db_comment="sensitive=false; opaque")
    facts = models.JSONField(default=dict, db_comment="sensitive=false; codes and ids only")
    request_id = models.CharField(max_length=64, blank=True, db_comment="sensitive=false")
    previous_hash = models.BinaryField(max_length=32, db_comment="sensitive=false")
    hash = models.BinaryField(max_length=32, db_comment="sensitive=false; HMAC over all the other columns")

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.CheckConstraint(condition=Q(seq__gte=1), name="core_auditevent_seq_positive"),
            models.CheckConstraint(condition=Q(actor_kind__in=ActorKind.values), name="core_auditevent_actor_known"),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "seq"], name="core_auditevent_of_subject"),
            models.Index(fields=["name", "seq"], name="core_auditevent_by_name"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_update", operation=pgtrigger.Update),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the audit trail cannot be emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.name}"


class AuditHead(models.Model):
    """The end of the chain: one row, whose lock makes a second end impossible. Moves forward only."""

    id = models.SmallIntegerField(primary_key=True, default=1, db_comment="sensitive=false")
    seq = models.BigIntegerField(default=0, db_comment="sensitive=false; of the last event")
    hash = models.BinaryField(max_length=32, db_comment="sensitive=false; of the last event")
    at = models.DateTimeField(null=True, db_comment="sensitive=false; of the last event")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="core_audithead_single")]
        triggers = [
            pgtrigger.Protect(
                name="forward_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__seq__lte=pgtrigger.F("old__seq")),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the audit trail cannot be emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"head at {self.seq}"
