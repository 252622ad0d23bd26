"""Which adapter answers for a provider."""

from __future__ import annotations

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from identity.providers.ports import IdentificationProvider


@cache
def provider_named(name: str) -> IdentificationProvider:
    """Return the adapter of a provider; KeyError when none is configured."""
    return cast(IdentificationProvider, import_string(settings.PROVIDER_ADAPTERS[name])())
