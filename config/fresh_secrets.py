"""Secrets as production wants them: random, long enough, and of no look that would be refused."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import date

from config.environment import KNOWN_BEGINNINGS


def fresh_secrets() -> dict[str, str]:
    """Return new values by name of the environment. Key ids say the month, so that a rotation has another one."""
    month = f"{date.today():%Y-%m}"  # noqa: DTZ011  (a name, no moment)
    return {
        "SECRET_KEY": _fresh(lambda: secrets.token_urlsafe(50)),
        "ENCRYPTION_KEYS": f"{month}:{fresh_key()}",
        "LOOKUP_KEYS": f"{month}:{fresh_key()}",
        "AUDIT_KEY": fresh_key(),
        "CALLBACK_SECRET": _fresh(lambda: secrets.token_urlsafe(32)),
        "METRICS_TOKEN": _fresh(lambda: secrets.token_urlsafe(32)),
        "DATABASE_PASSWORD": _fresh(lambda: secrets.token_urlsafe(24)),
        "REDIS_PASSWORD": _fresh(lambda: secrets.token_urlsafe(24)),
    }


def fresh_key() -> str:
    """Return a key of 32 random bytes as base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _fresh(make: Callable[[], str]) -> str:
    """Return a value that does not by chance begin like one of a demo."""
    while (made := make()).lower().startswith(KNOWN_BEGINNINGS):
        pass
    return made
