"""The adapter in front of the record system's simulator, over HTTP, and in front of servers that answer anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.errors import Never, TryAgain
from epa.record_system.adapter import RecordSystemOverHttp, from_settings
from epa.record_system.configuration import Configuration
from epa.states import RecordState
from tests.epa.conftest import Records
from tests.factories import a_kvnr

KVNR, EMAIL = "A123456780", "erika@example.org"


@pytest.fixture
def system(records: Records) -> RecordSystemOverHttp:
    return from_settings()


@pytest.fixture
def rude() -> Iterator[Callable[..., RecordSystemOverHttp]]:
    """Return a function that gives the adapter in front of a server with one answer, and the requests that it got."""
    servers: list[tuple[ThreadingHTTPServer, Thread]] = []

    def answering(status: int, body: bytes = b"", **headers: str) -> Any:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def do_PUT(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any, **__: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return RecordSystemOverHttp(Configuration(f"http://127.0.0.1:{server.server_port}", "VORWEIS/1", 2))

    yield answering
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ACTIVATED", RecordState.ACTIVATED),
        ("UNKNOWN", RecordState.NONE_OR_INITIALIZED),
        ("INITIALIZED", RecordState.NONE_OR_INITIALIZED),
        ("SUSPENDED", RecordState.WRONG_STATE),
        ("INACCESSIBLE", RecordState.WRONG_STATE),
    ],
)
def test_the_states_of_a_record_are_heard_as_ours(system, records, state, expected):
    records.put(KVNR, state=state)
    assert system.status(KVNR) is expected


def test_an_error_of_the_record_system_is_an_answer_of_its_own(system, records):
    records.fault("http_500", on=["status"])
    assert system.status(KVNR) is RecordState.ERROR


def test_the_email_address_is_set_once_and_the_same_again_changes_nothing(system, records):
    system.set_email(KVNR, EMAIL)
    system.set_email(KVNR, EMAIL)
    found = records.find(KVNR)
    assert (found["email"], found["email_set_count"]) == (EMAIL, 1)


def test_a_number_that_is_none_is_refused_for_good(system):
    with pytest.raises(Never) as status:
        system.status("A123456789")
    with pytest.raises(Never) as email:
        system.set_email("A123456789", EMAIL)
    assert (status.value.code, email.value.code) == ("http_400", "http_403")


@pytest.mark.parametrize("fault", ["down", "html_error", "malformed"])
def test_an_outage_or_a_broken_answer_may_heal(system, records, fault):
    records.fault(fault)
    with pytest.raises(TryAgain):
        system.status(KVNR)
    with pytest.raises(TryAgain):
        system.set_email(KVNR, EMAIL)


def test_an_error_at_the_email_call_may_heal(system, records):
    records.fault("http_500", on=["email"])
    with pytest.raises(TryAgain, match="http_500"):
        system.set_email(KVNR, EMAIL)


def test_a_slow_system_is_given_up_after_the_time_out(system, records, settings):
    settings.RECORD_SYSTEM = {**settings.RECORD_SYSTEM, "timeout_seconds": 0.2}
    records.fault("slow", seconds=1)
    with pytest.raises(TryAgain, match="timeout"):
        from_settings().status(KVNR)


def test_a_system_that_is_away_may_heal():
    with pytest.raises(TryAgain, match="unreachable"):
        RecordSystemOverHttp(Configuration("http://127.0.0.1:1", "VORWEIS/1", 1)).status(KVNR)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"", {}),
        (302, b"", {"Location": "http://127.0.0.1:9/"}),
        (418, b"", {}),
        (204, b"", {"Content_Encoding": "gzip"}),
        (404, b"x" * 20_000, {}),
    ],
)
def test_what_is_not_of_the_documented_form_is_taken_for_an_outage(rude, status, body, headers):
    with pytest.raises(TryAgain):
        rude(status, body, **headers).status(KVNR)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"email": null}', b'{"mail": "x"}', b"<html>", b"[" * 9_000])
def test_an_email_answer_without_an_address_is_taken_for_an_outage(rude, body):
    with pytest.raises(TryAgain, match="unreadable_answer"):
        rude(200, body).set_email(KVNR, EMAIL)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_for_good_and_is_logged_without_the_person(rude, status):
    system = rude(status, b'{"errorCode": "x"}')
    with capture_logs() as logs:
        with pytest.raises(Never, match=f"http_{status}"):
            system.status(KVNR)
        with pytest.raises(Never):
            system.set_email(KVNR, EMAIL)
    assert [entry["status"] for entry in logs if entry["event"] == "record_system_refused"] == [status, status]
    assert KVNR not in str(logs)
    assert EMAIL not in str(logs)


def test_a_pause_that_was_asked_for_is_passed_on(rude):
    with pytest.raises(TryAgain) as caught:
        rude(503, b"", Retry_After="120").status(KVNR)
    assert caught.value.after_seconds == 120


def test_no_error_and_no_description_of_a_claim_shows_the_person(system, records):
    records.fault("down")
    with pytest.raises(TryAgain) as caught:
        system.status(a_kvnr(1))
    assert a_kvnr(1) not in repr(caught.value)
