"""A model of the tests' own, outside the registry of the project."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.test.utils import isolate_apps

from core.encryption.fields import EncryptedJSONField, EncryptedTextField, LookupHashField
from core.encryption.querysets import SealedQuerySet
from core.ids import uuid7

with isolate_apps():

    class Paper(models.Model):
        """Some text that nobody may read in the database."""

        id = models.UUIDField(primary_key=True, default=uuid7)
        title = models.CharField(max_length=20, default="")
        text = EncryptedTextField(null=True)
        number = EncryptedTextField(default="")
        notes = EncryptedJSONField(default=dict)
        number_hash = LookupHashField(purpose="number", source="number", null=True, unique=True)

        objects: Any = SealedQuerySet.as_manager()

        class Meta:
            app_label = "papers"

        if not TYPE_CHECKING:

            def __str__(self) -> str:
                return str(self.pk)
