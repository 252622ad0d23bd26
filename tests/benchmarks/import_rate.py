"""How many rows a second the register's import takes in: read, checked, encrypted, written, with their histories.

    .venv/bin/python -m tests.benchmarks.import_rate --rows 100000

A durable PostgreSQL of its own; made-up people of every difficulty, 1.6 cards each. Per format: all rows new, the same
file again, and a file with every tenth row changed (address and e-mail). Beside the rate stands the processor time per
row of the import and of PostgreSQL: neighbours disturb the rate, but hardly this. Their sum is what one core could do
with nothing overlapping, so on two cores the rate lies above `1,000,000 / sum` when both are free.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.ground import Scale, prepared
from tests.benchmarks.machine import cpu_seconds, describe, load

if TYPE_CHECKING:
    from identity.members.demo_person import DemoPerson

AIM = 5_000.0  # rows a second, new ones
FORMATS = ("csv", "jsonl")
TODAY = date(2026, 11, 1)
SEED = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """One run: rows a second, microseconds of processor time per row, the largest memory of this process so far."""

    name: str
    rows: int
    seconds: float
    import_cpu_us: float
    database_cpu_us: float
    memory_mib: float
    outcome: str

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds

    def __str__(self) -> str:
        both = self.import_cpu_us + self.database_cpu_us
        return (
            f"{self.name:>20}  {self.per_second:>6.0f} rows/s   CPU per row: import {self.import_cpu_us:.0f} µs, "
            f"database {self.database_cpu_us:.0f} µs ({1e6 / both:.0f}/s on one core)   {self.memory_mib:.0f} MiB   "
            f"{self.outcome}"
        )


def measure_import(rows: int, database_pid: int, formats: tuple[str, ...] = FORMATS) -> Iterator[Rate]:
    """Import `rows` people per format: new, once more, and with every tenth changed. The database needs insurers."""
    with tempfile.TemporaryDirectory() as folder:
        for number, form in enumerate(formats):
            path = Path(folder, f"register.{form}")
            _write(path, rows, SEED + number)
            yield _import(f"{form}, new", path, database_pid)
            yield _import(f"{form}, unchanged", path, database_pid)
            _write(path, rows, SEED + number, changed=True)
            yield _import(f"{form}, tenth changed", path, database_pid)


def _write(path: Path, rows: int, seed: int, *, changed: bool = False) -> None:
    from identity.members.demo_people import demo_people, write_csv, write_json_lines
    from identity.members.insurers import demo_areas

    people: Iterator[DemoPerson] = demo_people(rows, seed, iks=demo_areas(), today=TODAY)
    if changed:
        people = (_elsewhere(person) if number % 10 == 0 else person for number, person in enumerate(people))
    with path.open("w", encoding="utf-8", newline="") as file:
        (write_csv if path.suffix == ".csv" else write_json_lines)(people, file)


def _elsewhere(person: DemoPerson) -> DemoPerson:
    return replace(person, house_number="999", address_valid_from=TODAY, email="")


def _import(name: str, path: Path, database_pid: int) -> Rate:
    from core.actors import SYSTEM
    from identity.members.register.files import RegisterFile
    from identity.members.register.importing import Import

    before = cpu_seconds(database_pid), time.process_time()
    with path.open("rb") as file:
        tally = Import(SYSTEM).run(RegisterFile(file, path.suffix[1:]))
    database, own = cpu_seconds(database_pid) - before[0], time.process_time() - before[1]
    outcome = f"{tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged, {tally.rejected} rejected"
    per_row = 1e6 / tally.rows
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Rate(name, tally.rows, tally.seconds, own * per_row, database * per_row, memory, outcome)


def main() -> None:
    parser = ArgumentParser(description="Measure the import of the register.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--format", choices=FORMATS, help="default: both")
    given = parser.parse_args()
    print(describe())
    with prepared(Scale.LONG) as ground:
        from identity.members.insurers import seed_insurers

        seed_insurers()
        formats = (given.format,) if given.format else FORMATS
        for rate in measure_import(given.rows, ground.database_pid, formats):
            print(f"{rate}   (load {load():.1f} on {os.cpu_count()} cores)", flush=True)


if __name__ == "__main__":
    main()
