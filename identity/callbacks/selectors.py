"""What the inbox looks like, for the readiness address."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import connection

LONGEST_WAITING: Final = """
SELECT extract(epoch FROM now() - min(next_try_at)) FROM identity_inboxentry WHERE state IN ('received', 'waiting')
"""


def oldest_unread_seconds() -> tuple[str, bool, float]:
    """Return how long the entry that should be worked first has been waiting: (name, is it fine, seconds).

    An entry that waits for its next try counts from the moment of that try: a provider's outage is no alarm here.
    """
    with connection.cursor() as cursor:
        cursor.execute(LONGEST_WAITING)
        found = cursor.fetchone()
    seconds = max(0.0, float(found[0] or 0)) if found else 0.0
    return "oldest_unread_seconds", seconds <= settings.INBOX_UNREAD_LIMIT_SECONDS, seconds
