"""The one statement that stores a hint. Saying the same again counts, and makes the entry due at once."""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, Error, connections
from psycopg.pq import DiagnosticField, ExecStatus

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from psycopg.pq.abc import PGconn, PGresult

log = structlog.get_logger(__name__)

# What was being worked on or waited for goes on counting its tries; what was finished or given up begins anew.
UPSERT: Final = """
INSERT INTO identity_inboxentry AS entry (
    provider, contract, provider_case_id, reference, origin, state, hints, worked_hints, tries, problem,
    first_received_at, last_received_at, next_try_at
) VALUES (%s, %s, %s, %s, %s, 'received', 1, 0, 0, '', now(), now(), now())
ON CONFLICT (provider, contract, provider_case_id, reference) DO UPDATE SET
    hints = entry.hints + 1, state = 'received', last_received_at = now(), next_try_at = now(),
    tries = CASE WHEN entry.state IN ('received', 'waiting') THEN entry.tries ELSE 0 END,
    problem = CASE WHEN entry.state IN ('received', 'waiting') THEN entry.problem ELSE '' END
"""
PREPARED: Final = UPSERT % ("$1", "$2", "$3", "$4", "$5")
NAME: Final = b"store_hint"
PATIENCE_SECONDS: Final = 5.0  # a frozen server must end in an answer

_own = threading.local()  # which connection of this thread knows the prepared statement


class NotStored(Exception):
    """PostgreSQL did not confirm: nobody may be told that the hint was kept."""


def store(provider: str, contract: str, provider_case_id: str, reference: str, origin: str) -> None:
    """Store a hint and commit it, through this thread's connection of Django; connect again once if it was stale.

    Outside of transactions, and made to be fast: the statement is prepared, and no model, no cursor takes part.
    Raises NotStored.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    values = [value.encode() for value in (provider, contract, provider_case_id, reference, origin)]
    wrapper.close_if_unusable_or_obsolete()
    was_open = wrapper.connection is not None
    if was_open and _try(wrapper, values):
        return
    if not _try(wrapper, values):
        raise NotStored


def _try(wrapper: BaseDatabaseWrapper, values: list[bytes]) -> bool:
    """Store once; on any failure drop the connection, say so and return False."""
    try:
        wrapper.ensure_connection()
        raw: Any = wrapper.connection
        pgconn = raw.pgconn
        deadline = time.monotonic() + PATIENCE_SECONDS
        if getattr(_own, "prepared", None) is not raw:
            pgconn.send_prepare(NAME, PREPARED.encode())
            _finish(pgconn, deadline)
            _own.prepared = raw
        pgconn.send_query_prepared(NAME, values)
        _finish(pgconn, deadline)
    except (Error, psycopg.Error, NotStored) as error:
        log.warning("hint_not_stored", reason=type(error).__name__, detail=str(error)[:200])
        _own.prepared = None
        wrapper.close()
        return False
    return True


def _finish(pgconn: PGconn, deadline: float) -> None:
    """Wait for the end of what was sent. Raises NotStored for an error of the server and when time is up."""
    while pgconn.flush():
        _wait(pgconn, select.POLLIN | select.POLLOUT, deadline)
        pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            _wait(pgconn, select.POLLIN, deadline)
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            return
        _check(result)


def _wait(pgconn: PGconn, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(pgconn.socket, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise NotStored("time is up")


def _check(result: PGresult) -> None:
    if result.status != ExecStatus.COMMAND_OK:
        raise NotStored((result.error_field(DiagnosticField.SQLSTATE) or b"").decode())
