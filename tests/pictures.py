"""Make pictures of all pages and mails, at 390 and 1280 px, into pictures/: python -m tests.pictures [WORDS OF PYTEST]

The journeys run and are looked at by a camera instead of axe. A run of all begins with an empty folder. Some pictures
go into docs/pictures/, for the README.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.journeys.looking import README
from tests.simulator_process import ROOT

FOLDER = ROOT / "pictures"


def main(words: list[str]) -> int:
    """Return the exit status of pytest."""
    if not words:
        _empty(FOLDER)
    code = pytest.main(
        ["tests/journeys", "--pictures", str(FOLDER), "--deselect", "tests/journeys/test_canaries.py", *words]
    )
    shown = ROOT / "docs" / "pictures"
    shown.mkdir(exist_ok=True)
    for name in README:
        if (made := FOLDER / "readme" / f"{name}.png").exists():
            shutil.copy(made, shown)
    return int(code)


def _empty(folder: Path) -> None:
    """Remove the pictures of earlier runs, and nothing else."""
    for old in (*folder.glob("*.png"), *folder.glob("readme/*.png")):
        old.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
