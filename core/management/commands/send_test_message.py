"""Try out the way of a mail."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.ids import uuid7
from core.outbox.services import deliver_due, enqueue


class Command(BaseCommand):
    help = "Send a test message through the outbox, and everything else that is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recipient")
        parser.add_argument("--language", default="de", choices=["de", "en"])

    def handle(self, *, recipient: str, language: str, **options: Any) -> None:
        enqueue(f"core.test.{uuid7()}", "core/test", to=recipient, context={}, language=language)
        self.stdout.write(f"{deliver_due()} sent")
