"""The rehearsal in its short form: sixty people and all four effects, and two mutants that its ledger has to notice.

.venv/bin/python manage.py rehearse --people 3000 --kill     the long form
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.embedded import Postgres
from tests.memory import a_folder
from tests.simulator_process import ROOT
from tests.stack.cluster import copy_cluster

PEOPLE = "60"
Rehearse = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def rehearse() -> Iterator[Rehearse]:
    """Run the command on a copy of a migrated cluster, which saves the migrations."""
    home: Path = a_folder("vorweis-rehearsal-")
    copy_cluster(home / "pg")
    server = Postgres(home / "pg", durable=False).start()

    def run(*words: str, mutant: str = "") -> subprocess.CompletedProcess[str]:
        own = {"DATABASE_URL": server.url("vorweis"), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        if mutant:
            own |= {"VORWEIS_REHEARSAL_SETTINGS": "tests.faults.rehearsal_mutant_settings", "VORWEIS_MUTANT": mutant}
        given = ["--people", PEOPLE, "--database-url", server.url("vorweis"), *words]
        command = [sys.executable, "manage.py", "rehearse", *given]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False)

    yield run
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


def bad_lines(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {
        line.removeprefix("  BAD").rsplit("  ", 1)[0].strip() for line in done.stdout.splitlines() if "  BAD" in line
    }


def test_the_ledger_of_all_four_effects_is_clean(rehearse: Rehearse, tell: Callable[[str], Any]):
    done = rehearse()
    tell(done.stdout)

    assert done.returncode == 0, done.stdout + done.stderr
    assert bad_lines(done) == set()
    assert [effect in done.stdout for effect in ("MOVE:", "FREEZE:", "FINISH:", "VOID:")] == [True] * 4


def test_the_ledger_notices_that_nobody_carries_orders_out(rehearse: Rehearse):
    done = rehearse("--effect", "move", "--patience", "5", mutant="NobodyCarriesOut")

    assert done.returncode == 1, done.stdout + done.stderr
    assert {"people without a next step, at dusk", "told, of those who had to be"} <= bad_lines(done)


def test_the_ledger_notices_results_that_count_against_the_order(rehearse: Rehearse):
    done = rehearse("--effect", "move", mutant="BlindToResults")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "results accepted against the order, at dusk" in bad_lines(done)


def test_a_database_with_people_in_it_is_left_alone(rehearse: Rehearse):
    assert rehearse("--effect", "move").returncode == 0

    done = rehearse("--effect", "move")

    assert done.returncode != 0
    assert "This database has people in it" in done.stderr
