"""What we need from the record system, in our own words.

An adapter raises `core.errors.TryAgain` (may heal) or `core.errors.Never` (will not), and no other error of its own.
"""

from __future__ import annotations

from typing import Protocol

from epa.states import RecordState


class RecordSystem(Protocol):
    """An adapter. Both calls are slow: never inside a transaction. Both may come twice."""

    def set_email(self, kvnr: str, email: str) -> None:
        """Give the record system a person's e-mail address (E4); the same address again changes nothing."""
        ...

    def status(self, kvnr: str) -> RecordState:
        """Ask how the record stands (E3): any RecordState but UNKNOWN."""
        ...
