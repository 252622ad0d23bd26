"""PostgreSQL and Valkey out of wheels, for development and tests. Nothing is installed on the host."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.process import ServerError
from config.embedded.sharing import Shared
from config.embedded.valkey import Valkey

__all__ = ["Postgres", "ServerError", "Valkey", "ensure"]


def ensure(var: Path, database_url: str | None, redis_url: str | None) -> tuple[str, str]:
    """Return the addresses of a database and a broker; start the embedded ones below `var` where none is given.

    Commands of ours share them: they end with the last one.
    """
    if not database_url:
        postgres = Postgres(var / "pg")
        _use(postgres)
        database_url = postgres.url("vorweis")
    if not redis_url:
        valkey = Valkey(var / "kv")
        _use(valkey)
        redis_url = valkey.url
    # Children of this process (web server, workers) find them here instead of starting their own.
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = database_url, redis_url
    return database_url, redis_url


def _use(server: Postgres | Valkey) -> None:
    shared = Shared(server)
    shared.join()
    atexit.register(shared.leave)
