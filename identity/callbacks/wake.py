"""Waking a worker after a hint was stored: from a thread of its own, and many hints with one task.

The broker may be away: nobody waits for it here, and the sweep finds every entry.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from typing import Any, Final

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

TASK: Final = "identity.work_inbox"
PAUSE_SECONDS: Final = 0.05  # between two tasks
EXPIRES_SECONDS: Final = 5  # by then the sweep has come
LOG_EVERY_SECONDS: Final = 60.0


class Waker:
    """Sends TASK soon after `wake()`, at most every PAUSE_SECONDS, from a thread that each process starts."""

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._called = threading.Event()
        self._thread: threading.Thread | None = None
        self._counted: Counter[str] = Counter()
        self._complained_at = float("-inf")

    def wake(self, contract: str = "") -> None:
        """Ask for a worker; `contract` is counted for the log. Never waits for the broker and never raises."""
        with self._lock:
            self._counted[contract] += 1
            if self._thread is None:
                self._start()
        self._called.set()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="inbox-waker", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down; the sweep comes
            return
        self._thread = thread

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._called.wait()
            self._called.clear()
            self._tell()
            self._send()
            pause.wait(PAUSE_SECONDS)

    def _tell(self) -> None:
        with self._lock:
            counted, self._counted = self._counted, Counter()
        for contract, count in counted.items():
            log.info("hints_stored", contract=contract, count=count)

    def _send(self) -> None:
        try:
            send_task(TASK, expires=EXPIRES_SECONDS, ignore_result=True)
        except Exception as error:  # whatever it is: a wake-up may be lost
            if time.monotonic() - self._complained_at >= LOG_EVERY_SECONDS:
                self._complained_at = time.monotonic()
                log.warning("wake_up_lost", task=TASK, reason=type(error).__name__)


def send_task(name: str, **options: Any) -> None:
    current_app.send_task(name, **options)


waker = Waker()
wake = waker.wake
