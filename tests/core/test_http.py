import base64
import gzip
import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

import core.http
from core.errors import Never, TryAgain
from core.http import call, retry_after


class Handler(BaseHTTPRequestHandler):
    """Answers what the test put into `server.answer` (a function of the handler), and remembers what came."""

    protocol_version = "HTTP/1.1"
    server: "Outside"

    def do_GET(self):
        length = int(self.headers.get("content-length", 0))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
        self.server.connections.add(self.client_address)
        with suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(self)

    do_POST = do_GET  # noqa: N815

    def reply(self, status=200, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Outside(ThreadingHTTPServer):
    """A server on this machine; called with what to answer, it returns its address."""

    daemon_threads, block_on_close = True, False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Any] = []
        self.connections: set[Any] = set()
        self.over = threading.Event()

    def __call__(self, answer: Callable[[Any], object]) -> str:
        self.answer = answer
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def outside():
    server = Outside()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()

    yield server
    server.over.set()
    core.http._client().close()
    core.http._clients.clear()
    server.shutdown()
    server.server_close()
    thread.join(5)


def ask(url, **more):
    return call("GET", url, route="/cases/{case}", **more)


def test_a_json_body_and_basic_auth_go_out_and_an_answer_comes_back(outside):
    url = outside(lambda handler: handler.reply(201, b'{"a": 1}', X_Thing="7"))
    answer = call("POST", url + "/x", route="/x", auth=("me", "secret"), json={"b": 2}, headers={"x-key": "k"})

    assert (answer.status, answer.json(), answer.headers["x-thing"]) == (201, {"a": 1}, "7")
    ((method, path, headers, body),) = outside.seen
    assert (method, path, json.loads(body)) == ("POST", "/x", {"b": 2})
    assert base64.b64decode(headers["Authorization"].split()[1]) == b"me:secret"
    assert headers["x-key"] == "k"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_heal_is_to_be_tried_again(outside, status):
    url = outside(lambda handler: handler.reply(status, b"<html>", Retry_After="17"))

    with pytest.raises(TryAgain) as caught:
        ask(url)
    assert (caught.value.code, caught.value.status, caught.value.after_seconds) == (f"http_{status}", status, 17)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 410, 422])
def test_what_is_refused_is_never_to_be_tried_again_and_redirects_are_not_followed(outside, status):
    url = outside(lambda handler: handler.reply(status, Location="/elsewhere"))

    with pytest.raises(Never) as caught:
        ask(url)
    assert (caught.value.code, caught.value.status) == (f"http_{status}", status)
    assert len(outside.seen) == 1


@pytest.mark.parametrize("status", [204, 404, 409, 500])
def test_a_status_that_is_expected_is_an_answer(outside, status):
    url = outside(lambda handler: handler.reply(status))

    assert ask(url, expect={204, 404, 409, 500}).status == status


def test_nobody_there_is_to_be_tried_again():
    with pytest.raises(TryAgain, match="unreachable"):
        ask("http://127.0.0.1:1/")


def test_a_connection_that_breaks_in_the_middle_is_to_be_tried_again(outside):
    def half(handler):
        handler.send_response(200)
        handler.send_header("content-length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with pytest.raises(TryAgain, match="unreachable"):
        ask(outside(half))


@pytest.mark.parametrize("where", ["silent", "headers", "body"])
def test_the_deadline_counts_from_the_start_however_slowly_it_drips(outside, where):
    def drip(handler):
        if where == "body":
            handler.send_response(200)
            handler.send_header("content-length", "1000000")
            handler.end_headers()
        elif where == "headers":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-thing: ")
        while not handler.server.over.wait(0.02):
            if where != "silent":
                handler.wfile.write(b"x")
                handler.wfile.flush()

    url, begin = outside(drip), monotonic()
    with pytest.raises(TryAgain, match="timeout"):
        ask(url, timeout_seconds=0.3)
    assert 0.25 < monotonic() - begin < 1


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_not_read_to_its_end(outside, announced):
    def flood(handler):
        handler.send_response(200)
        handler.send_header("content-length", "1000000000") if announced else handler.send_header("connection", "close")
        handler.end_headers()
        while not handler.server.over.is_set():
            handler.wfile.write(b"x" * 65536)

    with pytest.raises(Never, match="too_large"):
        ask(outside(flood), max_bytes=100_000)


def test_a_compressed_body_is_refused_before_it_unpacks(outside):
    url = outside(lambda handler: handler.reply(200, gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip"))

    with pytest.raises(Never, match="compressed"):
        ask(url)
    assert outside.seen[0][2]["accept-encoding"] == "identity"


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_says_so(outside, body):
    url = outside(lambda handler: handler.reply(200, body))

    with pytest.raises(Never, match="not_json"):
        ask(url).json()


@pytest.mark.parametrize("url", ["ftp://x/", "nonsense", "http://[::1", "file:///etc/passwd"])
def test_an_impossible_address_is_never_to_be_tried_again(url):
    with pytest.raises(Never, match="bad_address"):
        ask(url)


def test_log_and_metrics_know_the_route_and_nothing_personal(outside):
    url = outside(lambda handler: handler.reply(200, b"Gabriele"))
    with structlog.testing.capture_logs() as lines:
        ask(url + "/cases/M3FB00?who=Anna", auth=("me", "secret"), json={"name": "Anna"})

    (line,) = [line for line in lines if line["event"] == "outside_call"]
    assert (line["host"], line["route"], line["answer"]) == ("127.0.0.1", "/cases/{case}", "200")
    assert not any(word in str(lines) for word in ("Anna", "M3FB00", "secret", "Gabriele"))
    labels = {"host": "127.0.0.1", "route": "/cases/{case}", "answer": "200"}
    assert (REGISTRY.get_sample_value("outside_call_seconds_count", labels) or 0) >= 1


def test_connections_are_used_again_and_cookies_are_not_kept(outside):
    url = outside(lambda handler: handler.reply(200, b"x", Set_Cookie="a=b"))
    for _ in range(3):
        ask(url)

    assert len(outside.connections) == 1
    assert "cookie" not in {name.lower() for name in outside.seen[-1][2]}


def test_a_forked_process_gets_a_pool_of_its_own(monkeypatch):
    mine = core.http._client()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    other = core.http._client()

    assert other is not mine
    assert core.http._client() is other
    mine.close()
    other.close()
    core.http._clients.clear()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 17),
        (" 0 ", 0),
        ("99999999999999999999", 86400),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86400),
        ("Wed, 21 Oct 2099 07:28:00", 86400),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text, seconds):
    assert retry_after(text) == seconds
