"""Child processes that belong together: started by name, watched, ended together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TextIO

from config.embedded.process import be_killed_with_parent, end_with_parent

BIN = Path(sys.executable).parent


@dataclass
class Family:
    """Processes that live and die together. Their output is shown with their name in front."""

    environment: Mapping[str, str]
    output: TextIO
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str | Path], *, stubborn: bool = False) -> None:
        """Start one; must be called by the main thread of a process that stays (end-with-parent is per thread).

        When we are killed it is interrupted, or killed if it is `stubborn`: see `be_killed_with_parent`.
        """
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=be_killed_with_parent if stubborn else end_with_parent,
        )
        self.processes[name] = process
        threading.Thread(target=self._show, args=(name, process.stdout), daemon=True).start()

    def _show(self, name: str, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self.output.write(f"{name:>10} | {line.rstrip()}\n")
                self.output.flush()

    def ended(self) -> list[tuple[str, int]]:
        """Return who has ended by itself, with the exit code."""
        codes = ((name, process.poll()) for name, process in self.processes.items())
        return [(name, code) for name, code in codes if code is not None]

    def stop(self, within_seconds: float = 15) -> None:
        """End all, in the opposite order of their start; after this time kill who does not listen, and name it."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + within_seconds
        for name, process in self.processes.items():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.output.write(f"{name:>10} | did not end within {within_seconds:g} s and is killed\n")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def web(port: int, *, workers: int = 2, threads: int = 4) -> list[str | Path]:
    """Return the command of the web server."""
    size = ["--workers", str(workers), "--blocking-threads", str(threads), "--respawn-failed-workers", "--no-ws"]
    size += ["--workers-kill-timeout", "4"]  # one that was told to end while it was starting may not have heard it
    where = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    return [BIN / "granian", *where, *size, "config.wsgi:application"]


def worker(concurrency: int = 2, name: str = "worker") -> list[str | Path]:
    """Return the command of a Celery worker."""
    return [BIN / "celery", "-q", "-A", "config", "worker", "-c", str(concurrency), "-n", f"{name}@%h", "-l", "warning",
            "--without-mingle", "--without-gossip"]  # fmt: skip


def beat(schedule: Path) -> list[str | Path]:
    """Return the command of Celery beat."""
    return [BIN / "celery", "-q", "-A", "config", "beat", "-l", "warning", "-s", str(schedule), "--pidfile="]


def simulators(port: int, smtp_port: int, state: Path) -> list[str | Path]:
    """Return the command of the simulated outside world."""
    return [
        sys.executable,
        "-m",
        "simulators",
        "--port",
        str(port),
        "--smtp-port",
        str(smtp_port),
        "--state",
        str(state),
    ]


def is_free(port: int) -> bool:
    """Return whether nobody listens on this port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(port: int, family: Family, within_seconds: float = 30) -> None:
    """Wait until somebody listens on a port. Raises RuntimeError with the name of a process that ended instead."""
    end = time.monotonic() + within_seconds
    while time.monotonic() < end:
        for name, code in family.ended():
            raise RuntimeError(f"{name} ended with {code}")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port} after {within_seconds:g} s")
