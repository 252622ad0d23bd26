"""Processes and all that they started, as /proc knows them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.stack.waiting import until


def family_of(pid: int) -> list[int]:
    """Return a process and its descendants, the eldest first, also those in groups and sessions of their own."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parent = int(_fields(int(folder.name))[1])
                children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def kill(pids: Iterable[int]) -> None:
    """Kill them with SIGKILL, and return when none of them runs any more."""
    doomed = list(pids)
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(_runs(pid) for pid in doomed), within=10, what=f"death of {doomed}", every=0.01)


def _runs(pid: int) -> bool:
    """A process whose first thread is a zombie still runs, and holds its sockets, while it has other threads."""
    try:
        return _fields(pid)[0] != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (OSError, IndexError):
        return False


def _fields(pid: int) -> list[str]:
    """State and parent of a process; its name may hold blanks and brackets."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
