"""Check the audit trail."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.audit.anchors import AnchorUnreadable, read_anchors
from core.audit.verification import count_rows, verify


class Command(BaseCommand):
    help = "Check every row of the audit trail, its order, its head and its anchors. Ends with 1 and the first bad row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchors", type=Path, help="file of anchors; AUDIT_ANCHOR_FILE if it exists")

    def handle(self, *, anchors: Path | None, **options: Any) -> None:
        path = anchors or Path(settings.AUDIT_ANCHOR_FILE)
        if anchors and not path.exists():
            raise CommandError(f"{path} does not exist")
        try:
            known = list(read_anchors(path)) if path.exists() else []
        except AnchorUnreadable as error:
            raise CommandError(str(error)) from error
        with tqdm(total=count_rows(), unit="rows") as bar:
            verdict = verify(known, tell=bar.update)
        if verdict.fault:
            raise CommandError(f"{verdict.fault.kind}: {verdict.fault.explanation}")
        self.stdout.write(f"{verdict.rows} rows and {verdict.anchors} anchors are in order")
