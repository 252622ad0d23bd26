"""Benchmarks of what the project promises, each on a PostgreSQL of its own, durable and on the disk.

    .venv/bin/python -m tests.benchmarks [PART|all] [--tiny|--short] [--write], and PART is one of

    intake   callbacks stored and acknowledged a second, against pgbench, a bare WSGI function, a plain Django view and
             dj-stripe (installed once, from PyPI, into an environment of its own below var/benchmarks), by turns
    inbox    cases worked off a second, without the provider's fetch
    visible  from callback to visible result, with everything running
    pages    start, choice and time line with 100,000 people and 300,000 cases
    orders   the gate with a long history, and carrying out an order on 300,000 people
    imports  rows a second of the register's import (`python -m tests.benchmarks.import_rate` can do more)
    preview  an order's preview and the room's figures with 300,000 open cases

`--tiny` takes half a minute and measures nothing: it shows that every benchmark still runs.
`--short` takes less than two minutes on a free machine and holds the aims loosely, for CI. `--write` puts the figures
into docs/benchmarks.md and draws its charts. Ratios and processor times count; figures a second depend on the machine
and its neighbours. Ends with 1 when an aim is missed, and says which.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.benchmarks import report
from tests.benchmarks.figures import Findings
from tests.benchmarks.ground import ROOT, Scale, prepared
from tests.benchmarks.machine import describe, load

PARTS = ("intake", "inbox", "visible", "pages", "imports", "orders", "preview")
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure what is promised.")
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--short", action="store_true", help="less than two minutes, aims held loosely")
    parser.add_argument("--tiny", action="store_true", help="only see that everything runs, without dj-stripe")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    given = parser.parse_args()
    if given.tiny:
        return _try_out(PARTS if given.part == "all" else (given.part,))
    if given.part == "all":
        return _all(short=given.short, write=given.write)
    findings = _measure(given.part, short=given.short)
    print(report.as_text(findings), flush=True)
    if given.write:
        report.write(DOCUMENT, findings, f"{date.today():%d %B %Y}: {describe()}")  # noqa: DTZ011
    missed = [aim for aim in findings.aims if not (aim.met_loosely if given.short else aim.met)]
    return 1 if missed else 0


def _all(*, short: bool, write: bool) -> int:
    """Each part in a process of its own, so that none stands on the rows of another; the worst code counts."""
    print(f"{describe()}, load {load():.1f}", flush=True)
    options = ["--short"] * short + ["--write"] * write
    codes = [
        subprocess.run([sys.executable, "-m", "tests.benchmarks", part, *options], cwd=ROOT).returncode
        for part in PARTS
    ]
    return max(codes)


def _try_out(parts: Sequence[str]) -> int:
    """All parts on one ground: none may break, whatever the figures are."""
    with prepared(Scale.TINY) as ground:
        for part in parts:
            print(report.as_text(_module(part).measure(ground)), flush=True)
    return 0


def _module(part: str) -> Any:
    return importlib.import_module(f"tests.benchmarks.{part}")


def _measure(part: str, *, short: bool) -> Findings:
    with prepared(Scale.SHORT if short else Scale.LONG) as ground:
        ground.tell(f"{part} (load {load():.1f})")
        findings: Findings = _module(part).measure(ground)
    return findings


if __name__ == "__main__":
    sys.exit(main())
