"""What waits to be sent."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.encryption.fields import EncryptedJSONField, EncryptedTextField
from core.encryption.querysets import SealedQuerySet
from core.ids import uuid7
from core.outbox.states import MOVES, Channel, MessageState


class OutgoingMessageQuerySet(SealedQuerySet["OutgoingMessage"]):
    def due(self, at: datetime) -> "OutgoingMessageQuerySet":
        """Waiting, past their time, and claimed by nobody (or by somebody who died); longest overdue first."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=at)
        return self.filter(free, state=MessageState.WAITING, next_try_at__lte=at).order_by("next_try_at")

    def dead(self) -> "OutgoingMessageQuerySet":
        return self.filter(state=MessageState.DEAD)


class OutgoingMessage(models.Model):
    """One message to one recipient, once: `key` says what it is about. Only `core.outbox.services` writes here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    key = models.CharField(
        max_length=200, unique=True, db_comment="sensitive=false; identity.case.<public_id>.identified"
    )
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.MAIL, db_comment="sensitive=false")
    template = models.CharField(max_length=100, db_comment="sensitive=false; identity/identified")
    recipient = EncryptedTextField(db_comment="sensitive=true; address, encrypted")
    context = EncryptedJSONField(default=dict, db_comment="sensitive=true; values for the template, encrypted")
    language = models.CharField(max_length=2, default="de", db_comment="sensitive=false")
    state = models.CharField(
        max_length=10, choices=MessageState, default=MessageState.WAITING, db_comment="sensitive=false"
    )
    tries = models.PositiveSmallIntegerField(default=0, db_comment="sensitive=false; counted when one begins")
    next_try_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    claimed_until = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; somebody is sending it; a crash frees it then"
    )
    created_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")
    sent_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; set with the state sent")
    last_error = models.CharField(max_length=60, blank=True, db_comment="sensitive=false; a code")
    request_id = models.CharField(max_length=64, blank=True, db_comment="sensitive=false")

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="core_outgoingmessage_state_known"),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | ~Q(state=MessageState.SENT) & Q(sent_at__isnull=True),
                name="core_outgoingmessage_sent_at_iff_sent",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.WAITING) | Q(claimed_until__isnull=True),
                name="core_outgoingmessage_claimed_only_waiting",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="core_outgoingmessage_channel_known"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state=MessageState.WAITING), name="core_outgoingmessage_due"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="moves",
                field="state",
                transitions=[(source.value, target.value) for source in MOVES for target in sorted(MOVES[source])],
            ),
            pgtrigger.ReadOnly(name="fixed", fields=["key", "template", "channel", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"
