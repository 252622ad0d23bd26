"""A pytest plug-in (-p tests.servers): embedded servers in memory, a fresh cluster for each run.

Loaded before pytest-django imports the settings; a conftest.py would be too late.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

# The package config names the settings of development when nobody has named others, and pytest-django obeys.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from config.embedded import Valkey
from tests.memory import TidyPostgres, a_folder

_running: list[Any] = []


def _start() -> None:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return  # servers of one's own, or a worker of xdist, which inherits them
    home = a_folder("vorweis-test-")
    postgres = TidyPostgres(home / "pg", durable=False).start()
    valkey = Valkey(home / "kv", durable=False).start()
    os.environ.update(DATABASE_URL=postgres.url("vorweis"), REDIS_URL=valkey.url, VORWEIS_VAR=str(home))
    _running.extend([valkey, postgres, home])


_start()


def pytest_unconfigure() -> None:
    if _running:
        valkey, postgres, home = _running
        _running.clear()
        valkey.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
