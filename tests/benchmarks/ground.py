"""Where the benchmarks stand: a durable PostgreSQL and a Valkey of their own below `var/`, and Django set up on them.

Everything is real: fsync and synchronous_commit stay on, the data lie on the disk, nothing is replaced.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO, TypeVar

from config.embedded import Postgres, Valkey
from config.processes import Family, wait_for, web

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "var" / "benchmarks"
SETTINGS = "config.settings.development"
WORKERS, THREADS = 2, 4
T = TypeVar("T")
LIKE_PRODUCTION = {"LOG_JSON": "1", "LOG_LEVEL": "INFO"}


class Scale(Enum):
    """How long a run is. TINY only shows that everything still runs; its figures say nothing."""

    LONG, SHORT, TINY = range(3)


@dataclass
class Ground:
    """What a benchmark may use. `tell` says what is going on."""

    home: Path
    postgres: Postgres
    valkey: Valkey
    log: TextIO
    scale: Scale

    def size(self, *, long: T, short: T, tiny: T) -> T:
        """Return what belongs to the length of this run."""
        return {Scale.LONG: long, Scale.SHORT: short, Scale.TINY: tiny}[self.scale]

    @property
    def database_pid(self) -> int:
        """The process that all of PostgreSQL stands below."""
        if self.postgres.process is None:
            raise RuntimeError("PostgreSQL does not run")
        return self.postgres.process.pid

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def serving(
        self,
        name: str,
        application: str = "",
        *,
        environment: Mapping[str, str] | None = None,
        python: Path | None = None,
        folder: Path = ROOT,
    ) -> Iterator[Server]:
        """Run a WSGI application (ours unless named) on granian, 2 processes with 4 threads each, until the end."""
        port = free_port()
        command: Sequence[str | Path] = web(port, workers=WORKERS, threads=THREADS)
        if application:
            command = [*command[:-1], application]
        if python:
            command = [python, "-m", "granian", "--working-dir", folder, *command[1:]]
        family = Family({**LIKE_PRODUCTION, "VORWEIS_PORT": str(port), **(environment or {})}, self.log)
        family.start(name, command)
        try:
            wait_for(port, family)
            yield Server(name, port, family.processes[name].pid)
        finally:
            family.stop()


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    pid: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def prepared(scale: Scale) -> Iterator[Ground]:
    """Start the servers, set Django up and migrate; clear everything away in the end."""
    home = FOLDER / f"ground-{os.getpid()}"
    home.mkdir(parents=True)
    home.chmod(0o711)  # PostgreSQL may run as another user when we are root
    postgres, valkey = Postgres(home / "pg"), Valkey(home / "kv")
    try:
        postgres.start()
        valkey.start()
        os.environ.update(
            DJANGO_SETTINGS_MODULE=SETTINGS,
            DATABASE_URL=postgres.url("vorweis"),
            REDIS_URL=valkey.url,
            VORWEIS_VAR=str(home),
            VORWEIS_PORT=str(free_port()),
            VORWEIS_SIMULATOR_PORT=str(free_port()),
            VORWEIS_SMTP_PORT=str(free_port()),
        )
        with open(home / "servers.log", "w") as log:
            _set_up_django()
            yield Ground(home, postgres, valkey, log, scale)
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def _set_up_django() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    import config.celery  # noqa: F401  (the application that wake-ups are sent with)

    call_command("migrate", interactive=False, verbosity=0)
