"""manage.py texts: the one way to the German of the screens."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.texts.catalogue import Entry, compile_to, merge, read, write
from config.texts.sources import texts_of


class Command(BaseCommand):
    help = (
        "Collect the texts of templates and Python files into locale/de/LC_MESSAGES/django.po and compile it. "
        "Fill in the empty msgstr by hand, or with --from."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when a text has no (good) German"
        )
        parser.add_argument("--compile", action="store_true", help="only build the .mo file")
        parser.add_argument("--prune", action="store_true", help="also drop what no source uses any more")
        parser.add_argument("--from", dest="source", type=Path, help='JSON: {"English": "German" or ["one", "many"]}')
        parser.add_argument("--catalogue", type=Path, default=Path("locale/de/LC_MESSAGES/django.po"))

    def handle(self, *, check: bool, prune: bool, source: Path | None, catalogue: Path, **options: Any) -> None:
        path = settings.BASE_DIR / catalogue
        if options["compile"]:
            compile_to(path.with_suffix(".mo"), list(read(path).values()))
            return
        entries = merge(read(path), texts_of(settings.BASE_DIR))
        if source:
            _fill(entries, json.loads(source.read_text()))
        if not check:
            kept = [entry for entry in entries if entry.files or not prune]
            write(path, kept)
            compile_to(path.with_suffix(".mo"), kept)
            entries = kept
        faults = [f"{entry.key.text!r} {fault}" for entry in entries for fault in entry.faults()]
        for fault in faults:
            self.stderr.write(fault)
        if check and faults:
            raise CommandError(f"{len(faults)} texts are not in order: run manage.py texts and fill in the German")
        self.stdout.write(f"{len(entries)} texts, {len(faults)} to do")


def _fill(entries: list[Entry], given: dict[str, str | list[str]]) -> None:
    """Put translations in; one that is there already is replaced."""
    for entry in entries:
        if entry.key.text in given:
            text = given[entry.key.text]
            entry.translations = [text] if isinstance(text, str) else text
