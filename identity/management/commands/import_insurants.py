"""Read the register of insured people from a file."""

from __future__ import annotations

import csv
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from core.actors import SYSTEM
from identity.members import ik
from identity.members.register.files import FORMATS, RegisterFile, RegisterFileRefused
from identity.members.register.importing import Import, ImportRunning, Tally
from identity.members.register.reasons import RowRejected
from identity.members.register.rows import FIELDS

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
PLAIN_EVERY_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Import insured people from a CSV or JSON Lines file in UTF-8. Running it twice changes nothing; what changed "
        f"is written down with its history; rows that cannot be taken go to a file. Fields: {', '.join(FIELDS)}. "
        "Cards in CSV: number|yes or no (NFC)|issued on|state, joined by semicolons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=FORMATS, help="default: by the ending of the file")
        parser.add_argument("--rejects", type=Path, help="where rejected rows are listed; default: FILE.rejected.csv")
        parser.add_argument("--insurer", default="", metavar="IK", help="take rows of this insurer only")

    def handle(self, *, file: Path, rejects: Path | None, insurer: str, **options: Any) -> None:
        form = options["format"] or ENDINGS.get(file.suffix.lower())
        if form is None:
            raise CommandError("Say --format csv or --format jsonl: the ending of the file does not tell.")
        only_ik = _parse_ik(insurer) if insurer else ""
        listed = rejects or file.with_name(f"{file.name}.rejected.csv")
        try:
            with file.open("rb") as opened:
                source = RegisterFile(opened, form, optional=frozenset({"ik"} if only_ik else ()))
                self._warn(source.unknown)
                tally = self._run(source, listed, file.stat().st_size, only_ik)
        except (OSError, RegisterFileRefused, ImportRunning) as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(
                "The database failed. What was read until then is kept: start the import again."
            ) from error
        self._sum_up(tally, listed)

    def _run(self, source: RegisterFile, listed: Path, size: int, only_ik: str) -> Tally:
        warned = frozenset(source.unknown)
        with Rejects(listed) as rejects, _progress(source, size) as tell:
            run = Import(SYSTEM, on_reject=rejects.add, tell=tell, only_ik=only_ik)
            tally = run.run(source, facts=lambda: {"format": source.form, "sha256": source.sha256})
        self._warn(source.unknown - warned)
        return tally

    def _warn(self, unknown: set[str] | frozenset[str]) -> None:
        if unknown:
            self.stderr.write(f"Not known and not read: {', '.join(sorted(unknown))}")

    def _sum_up(self, tally: Tally, listed: Path) -> None:
        rate = tally.rows / tally.seconds if tally.seconds else 0
        self.stdout.write(
            f"{tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged, {tally.rejected} rejected "
            f"in {tally.seconds:.1f} s ({rate:.0f} rows/s)"
        )
        if tally.rejected:
            self.stdout.write(f"Rejected rows are listed in {listed}:")
            for code, count in tally.reasons.most_common():
                self.stdout.write(f"{count:>10}  {code}")


class Rejects:
    """The list of rejected rows: line, code, field, and the reason in two languages. Made when there is one.

    It tells no data of the row. A list of an earlier run is removed, so that it cannot be taken for this one's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Rejects:
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, line: int, why: RowRejected) -> None:
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "code", "field", "grund", "reason"])
        self._writer.writerow([line, why.code, why.field, *why.reason])


def _parse_ik(text: str) -> str:
    try:
        return ik.parse(text)
    except ValueError:
        raise CommandError("--insurer: not an IK (nine digits, the last one a check digit).") from None


@contextmanager
def _progress(source: RegisterFile, size: int) -> Iterator[Any]:
    """Give a function to be told of the tally: a bar on a terminal, now and then a line elsewhere."""
    if not sys.stderr.isatty():
        yield _Plain(source, size)
        return
    with tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr) as bar:

        def tell(tally: Tally) -> None:
            bar.set_postfix(rows=tally.rows, rejected=tally.rejected, refresh=False)
            bar.update(source.bytes_read - bar.n)

        yield tell


class _Plain:
    def __init__(self, source: RegisterFile, size: int) -> None:
        self._source, self._size, self._last = source, size, time.monotonic()

    def __call__(self, tally: Tally) -> None:
        if (now := time.monotonic()) - self._last >= PLAIN_EVERY_SECONDS:
            self._last = now
            share = self._source.bytes_read / self._size if self._size else 1
            print(f"{tally.rows} rows, {share:.0%}, {tally.rows / tally.seconds:.0f} rows/s", file=sys.stderr)
