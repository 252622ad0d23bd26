"""What the machine is, in general words, and how much of its processors a family of processes has used."""

from __future__ import annotations

import os
import platform
from collections import defaultdict
from pathlib import Path

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


def describe() -> str:
    """Return the machine in one line; nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {system}"


def load() -> float:
    """Return how many processes wanted to run, on average of the last minute."""
    return os.getloadavg()[0]


def cpu_seconds(*roots: int) -> float:
    """Return the processor time that these processes and all below them have used, ended children included."""
    children, spent = _table()
    waiting, total = list(roots), 0.0
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting += children[pid]
    return total


def _table() -> tuple[dict[int, list[int]], dict[int, float]]:
    children: dict[int, list[int]] = defaultdict(list)
    spent: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        pid, parent = int(folder.name), int(fields[1])
        children[parent].append(pid)
        spent[pid] = sum(map(int, fields[11:15])) * TICK_SECONDS
    return children, spent
