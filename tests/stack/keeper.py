"""The thread that keeps the parts of a stack alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from config.embedded import ServerError
from tests.stack.parts import Part
from tests.stack.waiting import until

LOOK_EVERY_SECONDS = 0.05


class Keeper(threading.Thread):
    """Starts every wanted part, in order, and starts it again when it has died.

    All are started by this one thread, which lives as long as they do: the kernel ends a child with the *thread* that
    started it, so that none is left when the tests are killed.
    """

    def __init__(self) -> None:
        super().__init__(name="stack-keeper", daemon=True)
        self._parts: list[Part] = []
        self._changed, self._ending, self._all_ended = threading.Event(), threading.Event(), threading.Event()
        self._failure: Exception | None = None

    def keep(self, part: Part) -> None:
        """Keep this part alive from now on."""
        self._parts.append(part)
        self._changed.set()

    def wait_for(self, part: Part, within_seconds: float = 60) -> None:
        """Return when a part does its work. Raises what its start raised, or TookTooLong."""
        what = f"start of {part.name} (its output: {part.log})"
        until(lambda: self._unbroken() and part.is_ready(), within=within_seconds, what=what)

    def end(self, end_parts: Callable[[], Any]) -> None:
        """Stop keeping, let `end_parts` end them, and then the thread."""
        self._ending.set()
        self._changed.set()
        end_parts()
        self._all_ended.set()
        self.join(10)

    def run(self) -> None:
        while not self._ending.is_set():
            self._changed.wait(LOOK_EVERY_SECONDS)
            self._changed.clear()
            for part in list(self._parts):
                if part.wanted and not self._ending.is_set() and not part.is_running():
                    self._start(part)
        self._all_ended.wait(60)

    def _start(self, part: Part) -> None:
        try:
            part.start()
            part.starts += 1
        except (OSError, ServerError) as error:
            self._failure, part.wanted = error, False

    def _unbroken(self) -> bool:
        if self._failure is not None:
            raise self._failure
        return True
