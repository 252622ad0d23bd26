"""A migrated database cluster, made once in a run of tests and copied for each stack."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from config.embedded import Postgres
from tests.simulator_process import ROOT

PREFIX = "vorweis-stack-"  # then the number of the process that uses it
MEMORY = Path("/dev/shm")  # noqa: S108


def a_folder() -> Path:
    """Return a new folder in memory, where there is room; other users may pass (PostgreSQL will not run as root)."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 1_000_000_000
    where = MEMORY if roomy else Path(tempfile.gettempdir())
    _clear_away(where)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where))
    folder.chmod(0o711)
    return folder


def _clear_away(where: Path) -> None:
    """Remove what tests that were killed have left there."""
    for folder in where.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and not Path(f"/proc/{pid}").exists() and folder.stat().st_uid == os.geteuid():
                shutil.rmtree(folder)


def copy_cluster(home: Path) -> None:
    """Lay a migrated cluster into the home of a server that has not been started yet."""
    home.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(_migrated() / "pg" / "data"), str(home)], check=True)


@cache
def _migrated() -> Path:
    folder = a_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = Postgres(folder / "pg", durable=False).start()
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": server.url("vorweis"),
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "VORWEIS_VAR": str(folder),
            },
            check=True,
        )
    finally:
        server.stop()
    return folder
