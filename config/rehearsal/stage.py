"""The processes of a rehearsal: web server, two workers and beat, all on the rehearsal's database."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings

from config import processes

WORKERS: Final = ("worker1", "worker2")
CONCURRENCY: Final = 2
STARTED_WITHIN_SECONDS: Final = 90


@dataclass
class Stage:
    """What runs. Start and kill only from the main thread: a child dies with the thread that began it."""

    home: Path
    family: processes.Family
    port: int
    kills: int = 0
    _turn: int = field(default=0)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.family.start("web", processes.web(self.port))
        for name in WORKERS:
            self.family.start(name, processes.worker(CONCURRENCY, name))
        self.family.start("beat", processes.beat(self.home / "beat"))
        processes.wait_for(self.port, self.family)
        for _ in range(STARTED_WITHIN_SECONDS * 10):
            if self.workers_are_ready():
                return
            threading.Event().wait(0.1)
        raise RuntimeError(f"the workers were not ready within {STARTED_WITHIN_SECONDS} s")

    def workers_are_ready(self) -> bool:
        """Has each worker the processes that do its work?"""
        return all(_children(self.family.processes[name].pid) >= CONCURRENCY for name in WORKERS)

    def kill_a_worker(self) -> None:
        """Kill one by turns, with its children and without a word; another one takes its place.

        Not while one is still coming up: it would have nothing to lose, and nobody would work.
        """
        if not self.workers_are_ready():
            return
        name = WORKERS[self._turn % len(WORKERS)]
        self._turn += 1
        process = self.family.processes[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1
        self.family.start(name, processes.worker(CONCURRENCY, name))


@contextmanager
def a_stage(home: Path) -> Iterator[Stage]:
    """Run everything until the end of the block; what the processes say is kept in a file."""
    with open(home / "processes.log", "w") as log:
        stage = Stage(home, processes.Family({}, log), settings.WEB_PORT)
        try:
            stage.start()
            yield stage
        finally:
            stage.family.stop()


def _children(pid: int) -> int:
    """Return how many processes a process has begun."""
    try:
        return len(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
