"""Meeting a suspension at the worst moment: after a ruling was given and before what follows from it is committed.

The test asks for it, waits until somebody stands at that point at both doors, and then suspends. Both go on as soon as
the suspension is committed, or after a while if it cannot be, because it waits for the lock.
"""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from django.conf import settings

from tests.stack.waiting import TookTooLong, until

DOORS = ("start", "accept")
LONGEST_SECONDS, OTHER_WITHIN_SECONDS = 1.5, 20
IS_SUSPENDED = "SELECT EXISTS (SELECT FROM core_auditevent WHERE name = 'identity.suspension.imposed')"


def ask_for_it(home: Path) -> None:
    """Have the next one at each door hesitate."""
    for door in DOORS:
        (home / f"{door}.wanted").touch()


def stand_there(home: Path) -> bool:
    """Return whether somebody hesitates at each door."""
    return all((home / f"{door}.standing").exists() for door in DOORS)


def hesitate(door: str) -> None:
    """Wait here for the commit of a suspension, if this was asked for. Called in processes of the stack."""
    home = Path(os.environ["VORWEIS_VAR"])
    try:
        (home / f"{door}.wanted").rename(home / f"{door}.standing")  # of several, one finds it
    except FileNotFoundError:
        return
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as other:

        def is_suspended() -> bool:
            row = other.execute(IS_SUSPENDED).fetchone()
            return bool(row and row[0])

        try:
            until(lambda: stand_there(home), within=OTHER_WITHIN_SECONDS, what="somebody at the other door")
            until(is_suspended, within=LONGEST_SECONDS, what="a suspension")
        except TookTooLong:
            return
