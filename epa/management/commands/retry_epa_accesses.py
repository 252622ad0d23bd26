"""manage.py retry_epa_accesses: after the record system or its settings have been put right."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.actors import SYSTEM
from epa.models import EpaAccess
from epa.services import try_all_again
from epa.states import AccessState


class Command(BaseCommand):
    help = "Let ePA accesses that the record system has refused try again. Run it as often as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--problem", default="", help="only those stuck with this code, for example http_403")
        parser.add_argument("--dry-run", action="store_true", help="count them, change nothing")

    def handle(self, *, problem: str, dry_run: bool, **options: Any) -> None:
        stuck = EpaAccess.objects.filter(state=AccessState.STUCK)
        if problem:
            stuck = stuck.filter(problem=problem)
        if dry_run:
            self.stdout.write(f"{stuck.count()} stuck")
        else:
            self.stdout.write(f"{try_all_again(problem, actor=SYSTEM)} tried again")
