"""From one address to what Django, Celery and redis-py each want to hear."""

from typing import Any
from urllib.parse import unquote

import environ


def database(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of DATABASES for a postgres:// address; a socket folder is its percent-encoded host."""
    entry: dict[str, Any] = environ.Env.db_url_config(url)
    if entry["ENGINE"] != "django.db.backends.postgresql":
        raise ValueError("DATABASE_URL: only PostgreSQL will do (postgres://user:password@host/name)")
    entry["HOST"] = unquote(entry["HOST"])
    entry["CONN_MAX_AGE"] = 600
    entry["CONN_HEALTH_CHECKS"] = True
    entry["OPTIONS"] = {**options, **entry.get("OPTIONS", {})}
    return entry


def broker_address(url: str) -> str:
    """Return REDIS_URL as Celery wants it: a unix socket is `redis+socket://` there and `unix://` elsewhere."""
    return url.replace("unix://", "redis+socket://", 1)
