"""Which adapter answers for the record system."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from epa.ports import RecordSystem


def record_system() -> RecordSystem:
    """Return the adapter that the setting RECORD_SYSTEM_ADAPTER names. Raises ImproperlyConfigured."""
    return cast(RecordSystem, import_string(settings.RECORD_SYSTEM_ADAPTER)())
