"""Bring everything under the current keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.encryption import KeyMissing, Tampered
from core.encryption.rotation import keyed_fields, keyed_models, outdated, rotate, usage


class Command(BaseCommand):
    help = (
        "Re-seal every encrypted column and recompute every lookup hash with the first key of ENCRYPTION_KEYS and "
        "LOOKUP_KEYS. May be stopped and started again at any time; the application may run meanwhile. "
        "Take an old key out of the settings only when --dry-run counts no row for it. Keyed hashes that a row alone "
        "cannot make again are counted, not renewed: their old key stays in LOOKUP_KEYS as long as they are needed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count the rows by key, change nothing")
        parser.add_argument("--batch-size", type=int, default=500, help="rows per transaction")

    def handle(self, *, dry_run: bool, batch_size: int, **options: Any) -> None:
        try:
            self._count() if dry_run else self._rotate(batch_size)
        except (KeyMissing, Tampered) as error:
            raise CommandError(str(error)) from error

    def _count(self) -> None:
        for model in keyed_models():
            for line in usage(model):
                state = "current" if line.current else "old"
                self.stdout.write(f"{line.table}.{line.column}  {line.key_id} ({state})  {line.rows}")

    def _rotate(self, batch_size: int) -> None:
        for model in keyed_models():
            if keyed_fields(model):
                with tqdm(total=outdated(model).count(), desc=model._meta.db_table, unit="rows") as bar:
                    count = rotate(model, batch_size=batch_size, tell=bar.update)
                self.stdout.write(f"{model._meta.db_table}  {count} rows renewed")
            for line in usage(model):
                if not line.current:
                    self.stdout.write(f"{line.table}.{line.column}  still under {line.key_id}: {line.rows}")
