"""The processes of script/server end when they are told, in a time that is bounded."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.conf import settings

from config.processes import Family
from tests.stack.waiting import until

READY = "print('ready', flush=True)"
DEAF = "import os, signal; signal.signal(2, signal.SIG_IGN); print(os.getpid(), flush=True); signal.pause()"
PARENT = f"""
import sys
from config.processes import Family
family = Family({{}}, sys.stdout)
family.start("worker", [sys.executable, "-c", {DEAF!r}], stubborn=True)
sys.stdin.read()
"""


@pytest.fixture
def family() -> Iterator[Family]:
    family = Family({}, io.StringIO())
    yield family
    family.stop(0)


def start(family: Family, name: str, before: str = "pass") -> None:
    family.start(name, [sys.executable, "-c", f"import signal; {before}; {READY}; signal.pause()"])
    until(lambda: f"{name} | ready" in written(family), within=10, what=f"start of {name}")


def written(family: Family) -> str:
    assert isinstance(family.output, io.StringIO)
    return family.output.getvalue()


def test_who_hears_is_not_killed(family: Family) -> None:
    start(family, "web")
    family.stop()

    assert family.ended() == [("web", -signal.SIGTERM)]
    assert "killed" not in written(family)


def test_who_does_not_end_in_time_is_named_and_killed(family: Family) -> None:
    start(family, "web")
    start(family, "worker", "signal.signal(15, signal.SIG_IGN)")
    began = time.monotonic()
    family.stop(0.5)

    assert time.monotonic() - began < 5
    assert dict(family.ended()) == {"web": -signal.SIGTERM, "worker": -signal.SIGKILL}
    assert "worker | did not end within 0.5 s and is killed" in written(family)
    assert "web | did not" not in written(family)


@pytest.mark.slow
def test_a_stubborn_one_dies_with_a_parent_that_is_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline().rpartition("|")[2])
        parent.kill()

    until(lambda: not os.path.exists(f"/proc/{child}"), within=10, what="end of the child")
