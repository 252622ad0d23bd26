"""manage.py make_secrets --settings config.settings.build: fresh secrets for production."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.fresh_secrets import fresh_secrets


class Command(BaseCommand):
    help = "Print fresh secrets, or write each into a file of its own. A file that is there already is never touched."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, help="write a file per secret into it (git ignores secrets/)")
        parser.add_argument(
            "--for-containers",
            action="store_true",
            help="readable for the users inside containers (mode 444); here the folder's mode 700 guards them",
        )

    def handle(self, *, folder: Path | None, for_containers: bool, **options: Any) -> None:
        made = fresh_secrets()
        if folder is None:
            for name, value in made.items():
                self.stdout.write(f"{name}={value}")
            return
        files = {name.lower(): value for name, value in made.items()}
        files["valkey.conf"] = f"requirepass {made['REDIS_PASSWORD']}"
        if taken := sorted(name for name in files if (folder / name).exists()):
            raise CommandError(f"{folder} holds already: {', '.join(taken)}. Nothing was written.")
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, value in files.items():
            _write(folder / name, value, 0o444 if for_containers else 0o600)
        self.stdout.write(f"{len(files)} files in {folder}")


def _write(path: Path, value: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        os.fchmod(descriptor, mode)
