"""Load demo data; twice changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from config.demo import load_demo_data
from identity.members.demo import import_journey_people


class Command(BaseCommand):
    help = "Load demo insurers, people and log-ins. With --journey N also N people whose numbers a load driver knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=200, help="demo people")
        parser.add_argument("--journey", type=int, default=0, help="people for manage.py journey --count")

    def handle(self, *, count: int, journey: int, **options: Any) -> None:
        for name, value in load_demo_data(count).items():
            self.stdout.write(f"{name:>22}  {value}")
        if journey:
            import_journey_people(journey)
