"""One part of a stack: it can be started, looked at, and killed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import redis

from config.embedded import Valkey
from config.embedded.process import be_killed_with_parent, end_with_parent
from tests.memory import TidyPostgres
from tests.simulator_process import ROOT
from tests.stack.families import family_of, kill


class Part:
    """A process that the keeper starts, and starts again when it has died. `wanted=False` lets it stay dead."""

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self.wanted = True
        self.kills = self.starts = 0
        self.process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        """Start the process; called by the keeper's thread only."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Return whether it does its work."""
        raise NotImplementedError

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill it and everything that it started, with SIGKILL. The keeper brings it back, if it is wanted."""
        process = self.process
        if process is not None and process.poll() is None:
            self.kills += 1
            kill(family_of(process.pid))
            process.wait(10)

    def end(self, within_seconds: float = 10) -> None:
        """End it in peace, and with force when it does not listen."""
        self.wanted = False
        if self.process is None or self.process.poll() is not None:
            return
        everybody = family_of(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(within_seconds)
        except subprocess.TimeoutExpired:
            kill(everybody)
            self.process.wait()


class Program(Part):
    """A command of ours, with its output in a file.

    When the tests are killed it is interrupted, or killed if it is `stubborn`, like a Celery worker. (The web server
    must be asked: killed, it would leave its children behind.)
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        log: Path,
        ready: Callable[[Program], bool],
        *,
        stubborn: bool = False,
    ) -> None:
        super().__init__(name, log)
        self.command, self.environment, self._ready = [str(word) for word in command], dict(environment), ready
        self._at_parents_death = be_killed_with_parent if stubborn else end_with_parent

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._at_parents_death,
            )

    def is_ready(self) -> bool:
        return self.is_running() and self._ready(self)

    def ask_to_end(self) -> None:
        """Ask it to end, and do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


class StackPostgres(TidyPostgres):
    """Durable, and it keeps the moment of each commit for those who check the order of things."""

    def _options(self) -> list[str]:
        return [*super()._options(), "-c", "track_commit_timestamp=on"]


class Database(Part):
    """PostgreSQL; what it has confirmed survives a kill."""

    def __init__(self, home: Path) -> None:
        super().__init__("postgres", home / "postgres.log")
        self.server = StackPostgres(home)

    def start(self) -> None:
        self.server.start()
        self.process = self.server.process

    def is_ready(self) -> bool:
        return self.is_running()  # its start returns when it answers

    def end(self, within_seconds: float = 10) -> None:
        self.wanted = False
        self.server.stop()


class Broker(Part):
    """Valkey; killed `empty`, it has forgotten everything when it comes back."""

    def __init__(self, home: Path) -> None:
        super().__init__("valkey", home / "valkey.log")
        self.server = Valkey(home)

    def start(self) -> None:
        self.server.start()
        self.process = self.server.process

    def is_ready(self) -> bool:
        return self.is_running()

    def kill(self, *, empty: bool = True) -> None:
        if not empty and self.is_running():
            with redis.Redis.from_url(self.server.url) as client:
                client.save()
        wanted, self.wanted = self.wanted, False
        super().kill()
        if empty:
            (self.server.home / "dump.rdb").unlink(missing_ok=True)
        self.wanted = wanted

    def end(self, within_seconds: float = 10) -> None:
        self.wanted = False
        self.server.stop()
