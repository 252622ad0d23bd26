"""A migrated database cluster, made once in a run of tests and copied for each stack."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.memory import TidyPostgres, a_folder
from tests.simulator_process import ROOT

PREFIX = "vorweis-stack-"


def copy_cluster(home: Path) -> None:
    """Lay a migrated cluster into the home of a server that has not been started yet."""
    home.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(_migrated() / "pg" / "data"), str(home)], check=True)


@cache
def _migrated() -> Path:
    folder = a_folder(PREFIX)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = TidyPostgres(folder / "pg", durable=False).start()
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
