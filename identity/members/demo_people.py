"""Insured people who do not exist, household by household, with the difficulties of real ones. Pure and seedable."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import TextIO

from .demo_households import Households
from .demo_person import FIELD_NAMES, DemoCard, DemoPerson, as_record, as_row

__all__ = [
    "FIELD_NAMES",
    "DemoCard",
    "DemoPerson",
    "as_record",
    "as_row",
    "demo_people",
    "write_csv",
    "write_json_lines",
]


def demo_people(
    count: int, seed: int, *, iks: Sequence[str] | Mapping[str, Sequence[str]], today: date | None = None
) -> Iterator[DemoPerson]:
    """Yield `count` people, the same for the same seed and day; parents before the children they represent.

    iks  the insurers' IKs, or each IK with the beginnings of the postcodes that it is responsible for; where nobody is
         responsible, chance decides
    """
    households = Households(Random(seed), iks, today or datetime.now(UTC).date())  # noqa: S311 (nothing secret here)
    made = 0
    while made < count:
        for person in households.next()[: count - made]:
            made += 1
            yield person


def write_csv(people: Iterable[DemoPerson], file: TextIO) -> None:
    """Write the CSV import; open the file with ``newline=""`` and UTF-8."""
    writer = csv.writer(file)
    writer.writerow(FIELD_NAMES)
    writer.writerows(map(as_row, people))


def write_json_lines(people: Iterable[DemoPerson], file: TextIO) -> None:
    file.writelines(json.dumps(as_record(person), ensure_ascii=False) + "\n" for person in people)
