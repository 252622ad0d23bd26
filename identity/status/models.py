"""What readers of the status page say about it."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.encryption.fields import EncryptedTextField
from core.encryption.querysets import SealedQuerySet
from core.ids import uuid7

LONGEST: Final = 1000
"""Characters of a text."""


class StatusFeedback(models.Model):
    """One answer to "was this page helpful?". Nobody knows who gave it; the text may still name somebody."""

    class Page(models.TextChoices):
        STATUS = "status", _("Status page")
        PLAIN = "plain", _("Status page in plain German")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    page = models.CharField(max_length=10, choices=Page, db_comment="sensitive=false")
    language = models.CharField(max_length=5, db_comment="sensitive=false; of the page when it was answered")
    helpful = models.BooleanField(db_comment="sensitive=false")
    text = EncryptedTextField(max_length=LONGEST, blank=True, default="", db_comment="sensitive=true; free text")
    has_text = models.BooleanField(default=False, db_comment="sensitive=false")
    given_at = models.DateTimeField(default=timezone.now, db_index=True, db_comment="sensitive=false")

    objects = SealedQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(page__in=["status", "plain"]), name="identity_statusfeedback_page_known")
        ]

    def __str__(self) -> str:
        return f"{self.page} {'yes' if self.helpful else 'no'}"
