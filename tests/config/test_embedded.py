"""Commands that run at the same time share the embedded servers, which end with the last of them."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings

from config.embedded import Postgres, Valkey
from tests.memory import a_folder
from tests.stack.waiting import until

pytestmark = pytest.mark.slow
COMMAND = """
import pathlib, sys
from config.embedded import ensure
ensure(pathlib.Path(sys.argv[1]), None, None)
print("ready", flush=True)
sys.stdin.read()
"""
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def var() -> Iterator[Path]:
    folder = a_folder("vorweis-shared-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(var: Path) -> Iterator[Start]:
    """Start a command that uses the servers below `var`, and return it when it does; it ends with its input."""
    with ExitStack() as started:

        def run() -> subprocess.Popen[str]:
            command = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(var)],
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            return started.enter_context(command)

        yield run


def is_ready(command: subprocess.Popen[str]) -> bool:
    assert command.stdout is not None
    line: str = command.stdout.readline()
    return line == "ready\n"


def running(var: Path) -> list[bool]:
    """Does PostgreSQL answer, does Valkey?"""
    try:
        psycopg.connect(Postgres(var / "pg").url("vorweis")).close()
        database = True
    except psycopg.OperationalError:
        database = False
    try:
        with redis.Redis.from_url(Valkey(var / "kv").url) as client:
            broker = bool(client.ping())
    except redis.ConnectionError:
        broker = False
    return [database, broker]


def test_servers_stay_when_the_command_that_started_them_ends_and_go_with_the_last_one(var: Path, start: Start) -> None:
    first = start()
    assert is_ready(first)
    second = start()
    assert is_ready(second)

    first.communicate(timeout=30)
    assert running(var) == [True, True]
    second.communicate(timeout=30)
    assert running(var) == [False, False]


def test_commands_that_start_at_once_share_and_a_killed_one_is_no_user(var: Path, start: Start) -> None:
    both = [start(), start()]
    assert [is_ready(command) for command in both] == [True, True]

    both[0].send_signal(signal.SIGKILL)
    both[0].wait(10)
    assert running(var) == [True, True]
    both[1].send_signal(signal.SIGKILL)
    until(lambda: running(var) == [False, False], within=20, what="end of the servers")

    assert is_ready(start())
    assert running(var) == [True, True]


def test_what_keeps_a_server_from_starting_is_said(var: Path, start: Start) -> None:
    control = var / "pg" / "data" / "global" / "pg_control"
    control.parent.mkdir(parents=True)
    control.write_text("not a cluster")

    _, errors = start().communicate(timeout=30)
    assert "ServerError: PostgreSQL ended at once" in errors
