"""The stack: simulators, database, broker, web server, workers and beat, on addresses of their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import httpx
from django.conf import settings as own_settings

from config import processes
from tests.memory import a_folder
from tests.simulator_process import clients, free_port
from tests.stack.cluster import PREFIX, copy_cluster
from tests.stack.control import Outside
from tests.stack.families import family_of
from tests.stack.keeper import Keeper
from tests.stack.parts import Broker, Database, Part, Program
from tests.stack.pointing import django_on

Beat = Mapping[str, float | None]
FAST_BEAT: dict[str, float | None] = {
    "work off the inbox": 1.0,
    "deliver messages": 1.0,
    "open ePA accesses": 2.0,
    "ask for silent attempts": 5.0,
    "anchor the audit trail": 10.0,
}


class Stack:
    """All processes of an installation; a context manager that starts them and ends them.

    web         processes of the web server, with four threads each; 0: none
    workers     Celery workers of two processes each
    beat        name in CELERY_BEAT_SCHEDULE → seconds; None leaves the entry out. Entries not named keep their own
    settings    settings by name → JSON values that all processes of the stack take instead of their own
    module      DJANGO_SETTINGS_MODULE of all processes but the simulators
    environment more variables for all processes
    """

    def __init__(
        self,
        *,
        web: int = 2,
        workers: int = 1,
        beat: Beat = FAST_BEAT,
        settings: Mapping[str, Any] | None = None,
        module: str = "config.settings.test",
        **environment: str,
    ) -> None:
        self.home = a_folder(PREFIX)
        (self.home / "logs").mkdir()
        (self.home / "var").mkdir()
        self.database, self.broker = Database(self.home / "pg"), Broker(self.home / "kv")
        self.base_url, self.simulator_url, self.smtp_port = _address(), _address(), free_port()
        self.settings = dict(settings or {})
        self.environment = {
            "DJANGO_SETTINGS_MODULE": module,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "VORWEIS_BASE_URL": self.base_url,
            "VORWEIS_SIMULATOR_URL": self.simulator_url,
            "VORWEIS_SMTP_PORT": str(self.smtp_port),
            "VORWEIS_VAR": str(self.home / "var"),
            "VORWEIS_TEST_SETTINGS": json.dumps(self.settings),
            "VORWEIS_TEST_BEAT": json.dumps(dict(beat)),
            **environment,
        }
        self.simulators = self._simulators()
        self.outside = Outside(self.simulator_url, own_settings.SIMULATOR_TOKEN)
        self.web = self._web(web) if web else None
        self.workers = [self._worker(number) for number in range(1, workers + 1)]
        self.beat = self._program("beat", processes.beat(self.home / "var" / "beat"), Program.is_running, stubborn=True)
        self._keeper = Keeper()

    # --- addresses ---

    @property
    def database_url(self) -> str:
        """The address of the database, as DATABASE_URL has it."""
        return self.database.server.url("vorweis")

    @property
    def redis_url(self) -> str:
        return self.broker.server.url

    @property
    def parts(self) -> list[Part]:
        """All parts, in the order of their start."""
        web = [self.web] if self.web else []
        return [self.database, self.broker, self.simulators, *web, *self.workers, self.beat]

    def logs(self, name: str = "") -> str:
        """Return the log of one part ("web", "worker1", "postgres" …), or of all."""
        wanted = [part for part in self.parts if name in ("", part.name)]
        return "".join(part.log.read_text(errors="replace") for part in wanted if part.log.exists())

    # --- life ---

    def __enter__(self) -> Self:
        copy_cluster(self.database.server.home)
        self._keeper.start()
        try:
            for server in (self.database, self.broker):
                self._keeper.keep(server)
                self._keeper.wait_for(server)
            programs = self.parts[2:]
            for program in programs:
                self._keeper.keep(program)
            for program in programs:
                self._keeper.wait_for(program)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all parts and forget their data. VORWEIS_KEEP_STACK=1 keeps the folder, to look at the logs."""
        for part in self.parts:
            part.wanted = False
        self._keeper.end(self._end_parts)
        self.outside.close()
        if not os.environ.get("VORWEIS_KEEP_STACK"):
            shutil.rmtree(self.home, ignore_errors=True)

    def _end_parts(self) -> None:
        """End programs side by side, and the servers after those who use them."""
        programs = [part for part in self.parts if isinstance(part, Program)]
        for program in programs:
            program.ask_to_end()
        for part in [*programs, self.broker, self.database]:
            part.end()

    @contextmanager
    def django(self) -> Iterator[None]:
        """Let Django in this process work on the stack: its database, broker, addresses and settings."""
        with django_on(self.database_url, self.redis_url, self.settings | self._addresses()):
            yield

    def _addresses(self) -> dict[str, Any]:
        return {
            "BASE_URL": self.base_url,
            "SIMULATOR_URL": self.simulator_url,
            "POSTIDENT": own_settings.POSTIDENT
            | {"base_url": f"{self.simulator_url}/postident/api", "callback_base_url": self.base_url},
            "RECORD_SYSTEM": own_settings.RECORD_SYSTEM | {"base_url": f"{self.simulator_url}/aktensystem"},
            "AUDIT_ANCHOR_FILE": self.home / "var" / "audit-anchors.jsonl",
        }

    # --- accidents ---

    def kill_worker(self, number: int = 0) -> None:
        """Kill a worker and its children. It comes back."""
        self.workers[number].kill()

    def kill_web(self) -> None:
        """Kill the web server and its children. It comes back."""
        assert self.web is not None
        self.web.kill()

    def kill_valkey(self, *, empty: bool = True, stay_down: bool = False) -> None:
        """Kill Valkey; it comes back, with nothing in it when `empty`. With `stay_down` only after `restart_valkey`."""
        self.broker.wanted = not stay_down
        self.broker.kill(empty=empty)

    def restart_valkey(self) -> None:
        """Return when Valkey runs again."""
        self._restart(self.broker)

    def kill_postgres(self, *, stay_down: bool = False) -> None:
        """Kill PostgreSQL and its children at once; it comes back and recovers. See `kill_valkey`."""
        self.database.wanted = not stay_down
        self.database.kill()

    def restart_postgres(self) -> None:
        """Return when PostgreSQL runs again."""
        self._restart(self.database)

    def wait_for_workers(self) -> None:
        """Return when every worker has its processes."""
        for worker in self.workers:
            self._keeper.wait_for(worker)

    def _restart(self, part: Part) -> None:
        part.wanted = True
        self._keeper.wait_for(part)

    # --- programs ---

    def _program(
        self,
        name: str,
        command: list[str | Path],
        ready: Callable[[Program], bool],
        *,
        environment: Mapping[str, str] = MappingProxyType({}),
        stubborn: bool = False,
    ) -> Program:
        log = self.home / "logs" / f"{name}.log"
        return Program(name, command, {**environment, **self.environment}, log, ready, stubborn=stubborn)

    def _simulators(self) -> Program:
        port = int(self.simulator_url.rpartition(":")[2])
        own = {
            "SIMULATOR_TOKEN": own_settings.SIMULATOR_TOKEN,
            "SIMULATOR_CLIENTS": json.dumps(clients()),
            "SIMULATOR_WEBHOOK_BACKOFF_SECONDS": "0.2",
            "SIMULATOR_WEBHOOK_ATTEMPTS": "7",  # 12 s in all: longer than a web server takes to come back
        }
        command = processes.simulators(port, self.smtp_port, self.home / "outside")
        ready = f"{self.simulator_url}/gesund"
        return self._program("simulators", command, lambda _: _answers(ready), environment=own)

    def _web(self, count: int) -> Program:
        command = processes.web(int(self.base_url.rpartition(":")[2]), workers=count)
        return self._program("web", command, lambda _: _answers(f"{self.base_url}/callbacks/"))

    def _worker(self, number: int) -> Program:
        concurrency = 2
        command = processes.worker(concurrency, f"worker{number}")
        return self._program(
            f"worker{number}",
            command,
            lambda it: it.process is not None and len(family_of(it.process.pid)) > concurrency,
            stubborn=True,
        )


def _address() -> str:
    return f"http://127.0.0.1:{free_port()}"


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return True
