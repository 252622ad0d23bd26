"""The intake as a WSGI server sees it, and the inbox behind it."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from django.db import connection
from django.utils import timezone

from identity.callbacks import intake as intake_module
from identity.callbacks.intake import intake_or
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import DESK, EntryState
from identity.providers.postident.adapter import from_settings
from identity.providers.registry import provider_named
from tests.simulator_process import a_simulator, simulator

__all__ = ["a_simulator", "simulator"]

CASE = "M3FB00URX4A3"
REFERENCE = "ABCDEFGH234567"


def a_body(case_id: str = CASE, reference: str | None = REFERENCE) -> bytes:
    return json.dumps({"caseId": case_id, "referenceId": reference}).encode()


def callback_path(contract: str = "postident_branch") -> str:
    return "/callbacks/postident/" + from_settings().webhook_url(contract).rpartition("/")[2]


def an_entry(state: EntryState = EntryState.RECEIVED, **given: Any) -> InboxEntry:
    now = timezone.now()
    usual: dict[str, Any] = {
        "provider": "postident",
        "contract": "postident_branch",
        "provider_case_id": CASE,
        "reference": REFERENCE,
        "origin": "callback",
        "worked_hints": 1 if state == EntryState.DONE else 0,
        "problem": "http_503" if state in (*DESK, EntryState.WAITING) else "",
        "first_received_at": now,
        "last_received_at": now,
        "next_try_at": now,
    }
    return InboxEntry.objects.create(state=state, **usual | given)


@dataclass(frozen=True)
class Reply:
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status[:3])


class Caller:
    """Calls the intake through the validator of the standard library."""

    def __init__(self) -> None:
        self.passed_on: list[str] = []
        provider_named.cache_clear()
        self._application = intake_or(self._django)

    def _django(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        self.passed_on.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"a page"])

    def __call__(
        self, path: str | None = None, body: bytes | Any = None, *, method: str = "POST", **environ: Any
    ) -> Reply:
        body = a_body() if body is None else body
        given: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": callback_path() if path is None else path,
            "REMOTE_ADDR": "192.0.2.7",
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
        }
        if isinstance(body, bytes):
            given["CONTENT_LENGTH"] = str(len(body))
        setup_testing_defaults(given)
        given |= environ
        given = {name: value for name, value in given.items() if value is not None}
        told: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            told[:] = [status, dict(headers)]
            return lambda _: None

        pieces = validator(self._application)(given, start_response)
        try:
            content = b"".join(pieces)
        finally:
            pieces.close()  # type: ignore[attr-defined]
        return Reply(told[0], told[1], content)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contracts for which a worker was asked for."""
    found: list[str] = []
    monkeypatch.setattr(intake_module, "wake", found.append)
    return found


@pytest.fixture
def call(woken: list[str]) -> Iterator[Caller]:
    """Call the intake in this thread."""
    yield Caller()
    provider_named.cache_clear()


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is gone."""
    connection.close()
    for name, value in {"HOST": "127.0.0.1", "PORT": "9"}.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
