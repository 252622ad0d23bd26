"""manage.py draw_states: docs/states.md from the tables of moves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.drawings import drawn


class Command(BaseCommand):
    help = "Write docs/states.md from the tables of moves."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is out of date")

    def handle(self, *, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        if check and (not path.exists() or path.read_text() != drawn()):
            raise CommandError("docs/states.md is out of date: run manage.py draw_states")
        if not check:
            path.write_text(drawn())
