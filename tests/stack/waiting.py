"""The only place of the tests that waits, and never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
_never = Event()


class TookTooLong(AssertionError):
    """What was waited for did not happen in time."""


def until(condition: Callable[[], T], *, within: float, what: str, every: float = 0.05) -> T:
    """Return the first true value of `condition`; raise TookTooLong after `within` seconds."""
    end = time.monotonic() + within
    while True:
        if value := condition():
            return value
        if time.monotonic() >= end:
            raise TookTooLong(f"{what}: not within {within:g} s")
        _never.wait(every)


def pause(seconds: float) -> None:
    """Let time pass in which others work."""
    _never.wait(seconds)
