"""The intake in the real web server, with Redis down all the time."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from identity.callbacks.models import InboxEntry
from identity.providers.postident.adapter import Postident
from identity.providers.postident.configuration import configured
from tests.identity.callbacks.conftest import a_body, callback_path
from tests.identity.providers.postident.orders import an_order
from tests.simulator_process import ROOT, Simulator, free_port, wait_for_answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The port of a web server with two threads, on the database of the tests and without a broker."""
    port, own = free_port(), connection.settings_dict
    database = f"postgres://{own['USER']}@{quote(own['HOST'], safe='')}/{own['NAME']}"
    words = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "2", "--log-level", "critical"]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "config.wsgi:application"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "REDIS_URL": "redis://127.0.0.1:9/0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_answer(f"http://127.0.0.1:{port}/callbacks/", server)
    yield port
    server.terminate()
    server.wait(15)


@pytest.fixture
def line(port: int) -> Iterator[Callable[[], socket.socket]]:
    """Return a function that opens a connection to the server."""
    opened: list[socket.socket] = []

    def open_one() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


Line = Callable[[], socket.socket]


def head(*headers: str, path: str | None = None, length: int | None = None) -> bytes:
    told = [] if length is None else [f"Content-Length: {length}"]
    first = f"POST {callback_path() if path is None else path} HTTP/1.1"
    return "\r\n".join([first, "Host: localhost", *told, *headers, "", ""]).encode()


def answer(connection: socket.socket) -> bytes:
    """Return the status line's code."""
    received = b""
    while b"\r\n" not in received:
        piece = connection.recv(4096)
        if not piece:
            break
        received += piece
    return received[9:12]


def said(line: Line, *pieces: bytes) -> bytes:
    connection = line()
    for piece in pieces:
        connection.sendall(piece)
    return answer(connection)


def hints() -> list[int]:
    return list(InboxEntry.objects.values_list("hints", flat=True))


def test_a_callback_is_stored_while_redis_is_down(line: Line):
    body = a_body()

    assert said(line, head(length=len(body)) + body) == b"204"
    assert hints() == [1]


def test_many_callbacks_on_one_connection_and_on_many(line: Line, at_once: Callable[..., list[Any]]):
    body = a_body()

    def three_in_a_row() -> list[bytes]:
        connection = line()
        found = []
        for _ in range(3):
            connection.sendall(head(length=len(body)) + body)
            found.append(answer(connection))
        return found

    assert at_once(*[three_in_a_row] * 4) == [[b"204"] * 3] * 4
    assert hints() == [12]


def test_forged_and_malformed_ones_are_refused(line: Line):
    body = a_body()

    assert said(line, head(path="/callbacks/postident/" + "A" * 32, length=len(body)) + body) == b"404"
    assert said(line, head(length=3) + b"{}}") == b"400"
    assert said(line, head(length=0)) == b"400"
    assert said(line, head(length=len(body)).replace(b"POST", b"GET", 1) + body) == b"405"
    assert hints() == []


def test_an_oversized_body_is_refused_and_a_huge_head_too(line: Line):
    connection = line()
    connection.sendall(head(length=70_000) + b" " * 70_000)
    chunked = head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"

    assert answer(connection) == b"400"
    assert said(line, chunked) == b"400"
    assert said(line, head("X-Long: " + "x" * 600_000, length=0))[:1] == b"4"
    assert hints() == []


def test_a_slow_body_holds_up_nobody_else(line: Line):
    body = a_body()
    slow = line()
    slow.sendall(head(length=len(body)) + body[:10])

    assert said(line, head(length=len(body)) + body) == b"204"
    slow.sendall(body[10:])
    assert answer(slow) == b"204"
    assert hints() == [2]


def test_a_body_that_never_comes_is_not_stored(line: Line):
    body = a_body()
    broken = line()
    broken.sendall(head(length=len(body)) + body[:-1])
    broken.shutdown(socket.SHUT_WR)
    answer(broken)

    assert said(line, head(length=len(body)) + body) == b"204"
    assert hints() == [1]


def test_the_simulators_own_callbacks_arrive_and_its_forged_ones_do_not(port: int, simulator: Simulator):
    own = replace(configured(), base_url=f"{simulator.url}/postident/api", callback_base_url=f"http://127.0.0.1:{port}")
    started = Postident(own).start(an_order())
    for kind in ("malformed", "oversized", "extra_keys"):
        simulator.fault("webhook_forged", kind=kind)
        simulator.finish(started.provider_case_id, outcome="incomplete", webhook={"times": 3})
    simulator.wait_for_webhooks()

    entry = InboxEntry.objects.get()
    assert (entry.provider_case_id, entry.hints) == (started.provider_case_id, 9)
