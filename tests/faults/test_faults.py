"""Nothing is lost and nothing done twice, whatever dies.

    .venv/bin/python -m pytest tests/faults/test_faults.py                   1,000 cases, two minutes or so
    .venv/bin/python -m pytest tests/faults/test_faults.py --cases 150       the short form of CI

People apply and start over HTTP; the simulated provider finishes their attempts and calls back three times in random
order, while a worker is killed every few seconds, PostgreSQL and the web server once, and Valkey once with all that was
in it. Then the ledger that the client kept is held against database, mailbox and audit trail. How far it is, is told as
it runs; VORWEIS_KEEP_STACK=1 keeps the logs of all processes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults.conftest import StackMaker
from tests.faults.running import Run

WORKER_PROCESSES = 2


def test_nothing_is_lost_and_nothing_done_twice(a_stack: StackMaker, cases: int, tell: Callable[[str], Any]):
    stack = a_stack()
    run = Run(stack, cases, tell)
    verdict = run.go()
    tell(f"          {verdict}; {verdict.copies} copies of mails")

    assert verdict.findings == (), str(verdict)
    # At most the one mail that each process was just sending when it, PostgreSQL or the broker died.
    interruptions = sum(worker.kills + 2 for worker in stack.workers)
    assert verdict.copies <= interruptions * WORKER_PROCESSES
