"""The least one can do: a WSGI function and psycopg, no framework. Checks the token and the JSON, stores, answers 204.

Environment: DATABASE_URL, STATEMENT (the project's own), TOKEN.
"""

from __future__ import annotations

import hmac
import json
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STATEMENT, TOKEN = os.environ["STATEMENT"], os.environ["TOKEN"]
_own = threading.local()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if not hmac.compare_digest(environ["PATH_INFO"].rpartition("/")[2], TOKEN):
        start_response("404 Not Found", [("Content-Length", "0")])
        return ()
    hint = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    values = ("postident", "postident_branch", hint["caseId"], hint["referenceId"] or "", "callback")
    _connection().execute(STATEMENT, values, prepare=True)
    start_response("204 No Content", [])
    return ()


def _connection() -> psycopg.Connection:
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection: psycopg.Connection = _own.connection
    return connection
