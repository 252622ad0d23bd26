"""Django's cache in PostgreSQL, one for all processes and there while Redis is down (CACHES).

allauth counts its limits here (log-in, sign-up, reset …) and remembers which codes of an authenticator were used. Not
Django's own DatabaseCache: that one unpickles what it finds, so who can write to the database could run code here;
it counts all rows at every write; and when there are too many it throws out counters that still hold.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils import timezone

from core.encryption import lookup_hash
from core.limits.models import CachedValue

# One statement, so that of two who add at once exactly one succeeds, also where an old value has run out.
PUT = """
INSERT INTO core_cachedvalue AS held (key_hash, value, ends_at) VALUES (%s, %s::jsonb, %s)
ON CONFLICT (key_hash) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at
WHERE %s OR held.ends_at <= %s
"""


class SharedCache(BaseCache):
    """Values are what JSON can hold, never personal; of a key only its keyed hash is kept. No `touch`: nobody asks."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = CachedValue.objects.filter(key_hash=self._hash(key, version), ends_at__gt=timezone.now())
        return next(iter(found.values_list("value", flat=True)), default)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._put(key, value, timeout, version, replace=False)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._put(key, value, timeout, version, replace=True)

    def delete(self, key: str, version: int | None = None) -> bool:
        deleted, _by_model = CachedValue.objects.filter(key_hash=self._hash(key, version)).delete()
        return deleted > 0

    def clear(self) -> None:
        CachedValue.objects.all().delete()

    def _put(self, key: str, value: Any, timeout: Any, version: int | None, *, replace: bool) -> bool:
        stamp = self.get_backend_timeout(timeout)
        ends_at = datetime.max.replace(tzinfo=UTC) if stamp is None else datetime.fromtimestamp(stamp, UTC)
        with connection.cursor() as cursor:
            values: list[Any] = [self._hash(key, version), json.dumps(value), ends_at, replace, timezone.now()]
            cursor.execute(PUT, values)
            return bool(cursor.rowcount)

    def _hash(self, key: str, version: int | None) -> bytes:
        return lookup_hash("cache", self.make_key(key, version))
