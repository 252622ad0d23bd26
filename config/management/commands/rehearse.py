"""Rehearse the day a method is suspended, on a database of its own. Never touches the one that people are in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from config.embedded import Postgres, Valkey
from config.rehearsal.day import Day
from config.rehearsal.provider import the_book
from config.rehearsal.stage import a_stage, free_port
from identity.methods.choices import Effect

SETTINGS = "config.rehearsal.settings"
ALL = "all"


class Command(BaseCommand):
    help = (
        "Lay cases in all states, suspend a method at noon under running traffic, lift it in the evening, print a "
        "ledger. Exit 0 only when the ledger is clean."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=3000, help="for each effect")
        parser.add_argument("--effect", choices=[*Effect.values, ALL], default=ALL)
        parser.add_argument("--seed", type=int, default=2022_08_09)
        parser.add_argument("--kill", action="store_true", help="kill a worker every few seconds")
        parser.add_argument(
            "--database-url", default="", help="an empty scratch database; default: an embedded PostgreSQL of its own"
        )
        parser.add_argument(
            "--patience", type=float, default=30, help="seconds without any movement after which it goes on"
        )
        parser.add_argument("--inside", action="store_true", help="used by the command itself")

    def handle(self, *, inside: bool, **options: Any) -> None:
        if inside:
            self._play(**options)
        else:
            sys.exit(self._on_a_ground_of_its_own(options["database_url"]))

    def _on_a_ground_of_its_own(self, database_url: str) -> int:
        """Start servers that nobody else uses, and this command again on them; return its exit code."""
        home = Path(tempfile.mkdtemp(prefix="vorweis-rehearsal-"))
        home.chmod(0o711)  # PostgreSQL may run as another user when we are root
        with ExitStack() as clearing:
            clearing.callback(shutil.rmtree, home, ignore_errors=True)
            if not database_url:
                postgres = Postgres(home / "pg").start()
                clearing.callback(postgres.stop)
                database_url = postgres.url("vorweis")
            valkey = Valkey(home / "kv").start()
            clearing.callback(valkey.stop)
            environment = {
                "DJANGO_SETTINGS_MODULE": os.environ.get("VORWEIS_REHEARSAL_SETTINGS", SETTINGS),
                "DATABASE_URL": database_url,
                "REDIS_URL": valkey.url,
                "VORWEIS_VAR": str(home),
                "VORWEIS_PORT": str(free_port()),
                "VORWEIS_REHEARSAL_BOOK": str(home / "provider.sqlite3"),
            }
            command = [sys.executable, "manage.py", "rehearse", "--inside", *sys.argv[2:]]
            code = subprocess.run(command, cwd=settings.BASE_DIR, env={**os.environ, **environment}).returncode
            if code and (log := home / "processes.log").exists():
                kept = Path(tempfile.gettempdir()) / "vorweis-rehearsal.log"
                shutil.copy(log, kept)
                self.stderr.write(f"What the processes said: {kept}")
            return code

    def _play(self, *, people: int, effect: str, seed: int, kill: bool, patience: float, **_: Any) -> None:
        _require_nobody()
        call_command("migrate", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # the ledger reads whole tables
        home = settings.VAR
        ledgers = []
        with a_stage(home) as stage:
            day = Day(stage, the_book(), people, seed, kill, patience, self._say)
            for each in Effect if effect == ALL else [Effect(effect)]:
                ledgers.append(day.play(each))
                self.stdout.write(f"{ledgers[-1]}\n\n")
            if kill:
                self.stdout.write(f"{stage.kills} workers were killed on the way.")
        clean = all(ledger.is_clean for ledger in ledgers)
        self.stdout.write("The ledger is clean." if clean else "The ledger is NOT clean.")
        sys.exit(0 if clean else 1)

    def _say(self, text: str) -> None:
        self.stderr.write(text)


def _require_nobody() -> None:
    """Raise CommandError unless the database holds nobody: a rehearsal moves everybody it finds."""
    tables = connection.introspection.table_names()
    for table in ("identity_insurant", "core_account"):
        if table in tables:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")  # noqa: S608
                if (cursor.fetchone() or (True,))[0]:
                    raise CommandError("This database has people in it. A rehearsal needs an empty one of its own.")
