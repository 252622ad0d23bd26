"""What goes wrong during a run: workers die all the time; PostgreSQL, the web server and Valkey once each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.stack import Stack

VALKEY_AWAY_SECONDS = 1.5


@dataclass
class Storm:
    """Kills in a thread of its own, from `with` to its end. `progress` returns the part of callbacks sent, 0 to 1."""

    stack: Stack
    progress: Callable[[], float]
    every_seconds: float
    killed_workers: int = 0
    killed: list[str] = field(default_factory=list)
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storm", daemon=True)

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and raise what went wrong with going wrong."""
        self._over.set()
        self._thread.join(60)
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._over.wait(self.every_seconds):
                self._strike()
            for missing in (self._kill_postgres, self._kill_web, self._kill_valkey):
                missing()
        except BaseException as error:
            self.failure = error

    def _strike(self) -> None:
        if self.progress() > 0.3:
            self._kill_postgres()
        if self.progress() > 0.45:
            self._kill_web()
        if self.progress() > 0.6:
            self._kill_valkey()
        self._kill_a_worker()

    def _kill_a_worker(self) -> None:
        """Kill the next one by turns that works: one that is still coming up has nothing to lose."""
        count = len(self.stack.workers)
        turns = [(self.killed_workers + turn) % count for turn in range(count)]
        number = next((each for each in turns if self.stack.workers[each].is_ready()), None)
        if number is not None:
            self.stack.kill_worker(number)
            self.killed_workers += 1

    def _kill_postgres(self) -> None:
        if "postgres" not in self.killed:
            self.killed.append("postgres")
            self.stack.kill_postgres()

    def _kill_web(self) -> None:
        if "web" not in self.killed:
            self.killed.append("web")
            self.stack.kill_web()

    def _kill_valkey(self) -> None:
        if "valkey" not in self.killed:
            self.killed.append("valkey")
            self.stack.kill_valkey(empty=True, stay_down=True)
            self._over.wait(VALKEY_AWAY_SECONDS)
            self.stack.restart_valkey()
