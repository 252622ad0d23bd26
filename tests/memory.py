"""Folders in memory for servers that need not survive anything, and a PostgreSQL that keeps to its folder.

A folder carries the number of the process that uses it: what killed tests have left behind goes with the next ones.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from config.embedded import Postgres

MEMORY = Path("/dev/shm")  # noqa: S108
ROOM_BYTES = 1_000_000_000


def a_folder(prefix: str) -> Path:
    """Return a new folder in memory, where there is room; other users may pass (PostgreSQL will not run as root)."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    where = MEMORY if roomy else Path(tempfile.gettempdir())
    _clear_away(where, prefix)
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=where))
    folder.chmod(0o711)
    return folder


def _clear_away(where: Path, prefix: str) -> None:
    """Remove our folders of this kind whose process is gone."""
    for folder in where.glob(f"{prefix}*"):
        pid = folder.name.removeprefix(prefix).partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and not Path(f"/proc/{pid}").exists() and folder.stat().st_uid == os.geteuid():
                shutil.rmtree(folder)


class TidyPostgres(Postgres):
    """Its shared memory lies in its own folder: when it is killed, nothing of it stays elsewhere."""

    def _options(self) -> list[str]:
        return [*super()._options(), "-c", "dynamic_shared_memory_type=mmap"]
