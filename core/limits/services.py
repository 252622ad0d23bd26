"""Count and refuse in one statement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.encryption import lookup_hash
from core.errors import DomainError
from core.limits.models import CachedValue, RateLimit

# The row lock that ON CONFLICT takes makes counting and reading one step: of 100 at once exactly `limit` pass.
COUNT = """
INSERT INTO core_ratelimit AS held (name, key_hash, hits, ends_at)
SELECT name, key, 1, %s + make_interval(secs => seconds)
FROM unnest(%s::text[], %s::bytea[], %s::int[]) AS hit (name, key, seconds)
ON CONFLICT (name, key_hash) DO UPDATE SET
    hits = CASE WHEN held.ends_at <= %s THEN 1 ELSE held.hits + 1 END,
    ends_at = CASE WHEN held.ends_at <= %s THEN excluded.ends_at ELSE held.ends_at END
RETURNING name, key_hash, hits, ends_at
"""


class LimitReached(DomainError):
    """Too often. `retry_after_seconds` is when the window ends."""

    code = "limit_reached"
    http_status = 429
    message = _("Too many attempts. Please wait a while and try again.")

    def __init__(self, name: str, retry_after_seconds: int) -> None:
        super().__init__(name)
        self.name = name
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `limit` hits of `key` in `per_seconds`. The key may be personal: only its keyed hash is kept."""

    name: str
    key: str
    limit: int
    per_seconds: int


def hit(name: str, key: str, *, limit: int, per_seconds: int) -> None:
    """Count one hit; raise LimitReached when it is one too many. See `hit_all`."""
    hit_all([Limit(name, key, limit, per_seconds)])


def hit_all(limits: Sequence[Limit]) -> None:
    """Count a hit on each limit in one statement; raise LimitReached with the longest wait if any is exceeded.

    Must be called outside transactions (RuntimeError): the count stays even when the work that follows is rolled back.
    A window begins with its first hit; hits beyond the limit do not make it longer.
    """
    now = timezone.now()
    by_row = {(limit.name, lookup_hash(f"limit.{limit.name}", limit.key)): limit for limit in limits}
    rows = sorted(by_row)  # in one order everywhere, so that two calls cannot wait for each other
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        names, keys = [name for name, _key in rows], [key for _name, key in rows]
        cursor.execute(COUNT, [now, names, keys, [by_row[row].per_seconds for row in rows], now, now])
        counted = cursor.fetchall()
    reached = [(ends_at - now, name) for name, key, hits, ends_at in counted if hits > by_row[name, bytes(key)].limit]
    if reached:
        wait, name = max(reached)
        raise LimitReached(name, max(1, math.ceil(wait.total_seconds())))


def purge_limits(*, older_than: timedelta = timedelta(hours=1)) -> int:
    """Delete counters and cached values whose time ended long ago; return how many."""
    before = timezone.now() - older_than
    return sum(model.objects.filter(ends_at__lt=before).delete()[0] for model in (RateLimit, CachedValue))
