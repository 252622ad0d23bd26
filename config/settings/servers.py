"""From one address to what Django, Celery and redis-py each want to hear."""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

import environ


def database(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of DATABASES for a postgres:// address; a socket folder is its percent-encoded host.

    Raises ValueError for any other kind of database.
    """
    entry: dict[str, Any] = environ.Env.db_url_config(url)
    if entry.get("ENGINE") != "django.db.backends.postgresql":
        raise ValueError("only PostgreSQL will do (postgres://user:password@host/name)")
    entry["HOST"] = unquote(entry["HOST"])
    entry["CONN_MAX_AGE"] = 600
    entry["CONN_HEALTH_CHECKS"] = True
    entry["OPTIONS"] = {**options, **entry.get("OPTIONS", {})}
    return entry


def broker_address(url: str, password: str = "") -> str:
    """Return REDIS_URL as Celery wants it: a unix socket is `redis+socket://` there and `unix://` elsewhere."""
    url = url.replace("unix://", "redis+socket://", 1)
    if not password or not urlsplit(url).hostname:
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://:{quote(password, safe='')}@{rest.rpartition('@')[2]}"
