"""The fault test notices when a safeguard is taken out: the run is the one of test_faults, shorter, with a mutant.

Nothing is killed here: the mutant alone does the harm, and what is lost even in calm weather is lost in a storm.
That a mutant is noticed for its reason, and not because the judge came too early, is seen where the safeguard is put
back: then the same run ends well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from identity.callbacks.models import InboxEntry
from identity.callbacks.work import poll_silent_attempts, work_inbox
from tests.faults.conftest import FEW_CASES, StackMaker
from tests.faults.judging import Kind, Verdict
from tests.faults.ledger import SILENT, SILENT_SECOND_TRY
from tests.faults.running import Run
from tests.stack import FAST_BEAT, until
from tests.stack.stack import Beat

NO_POLLING = FAST_BEAT | {"ask for silent attempts": None}
NO_SWEEP = NO_POLLING | {"work off the inbox": None}  # polling works off the inbox too
STILL_SECONDS = 8  # longer than any beat that is left and moves something
RunMaker = Callable[..., Run]


@pytest.fixture
def a_run(a_stack: StackMaker, tell: Callable[[str], Any]) -> RunMaker:
    """Make a calm run on a small stack with these options. Where there is polling it must wait for that."""

    def make(beat: Beat = FAST_BEAT, **options: Any) -> Run:
        run = Run(a_stack(web=1, workers=1, beat=beat, **options), FEW_CASES, tell, calm=True)
        if beat is not FAST_BEAT:
            run.still = STILL_SECONDS
        return run

    return make


def cases_lost(verdict: Verdict) -> Counter[str]:
    """Return how often a story has not come to its end."""
    lost = (finding.what for finding in verdict.findings if finding.what.startswith("case "))
    return Counter(what.rpartition("(")[2].rstrip(")") for what in lost)


def assert_all_is_well_with(safeguard: Callable[[], int], run: Run) -> None:
    """Put a safeguard back, in this process, and see that nothing else was missing."""

    def well() -> bool:
        safeguard()
        return run.is_complete()

    until(well, within=60, what="a good end", every=0.5)
    assert run.verdict().findings == ()


def test_without_polling_those_are_lost_of_whom_nobody_tells(a_run: RunMaker):
    run = a_run(beat=NO_POLLING)
    lost = cases_lost(run.go())

    assert lost[SILENT.name] == sum(entry.story is SILENT for entry in run.ledger)
    assert set(lost) <= {SILENT.name, SILENT_SECOND_TRY.name}
    assert_all_is_well_with(poll_silent_attempts, run)


def test_without_the_sweep_everybody_is_lost_whose_wake_up_is_lost(a_run: RunMaker):
    run = a_run(mutant="LostWakeUps", beat=NO_SWEEP)
    lost = cases_lost(run.go())

    assert lost.total() == FEW_CASES
    assert InboxEntry.objects.unread().count() == sum(entry.story is not SILENT for entry in run.ledger)
    assert_all_is_well_with(_sweep, run)


def test_without_the_unique_key_of_the_inbox_news_is_kept_twice(a_run: RunMaker):
    run = a_run(mutant="InboxWithoutKey")
    _drop_the_key()
    verdict = run.go()

    assert verdict.count(Kind.TWICE) > 0
    assert {finding.what for finding in verdict.findings} == {"inbox entry too many"}


def test_with_the_key_gone_from_the_database_alone_nothing_is_taken(a_run: RunMaker):
    """Nothing is acknowledged either: the provider comes again, and so does polling, once the key is there."""
    run = a_run(SIMULATOR_WEBHOOK_ATTEMPTS="2", beat=NO_POLLING)
    _drop_the_key()
    lost = cases_lost(run.go())

    assert lost.total() == FEW_CASES
    assert not InboxEntry.objects.exists()
    assert run.stack.outside.webhooks()["delivered"] == 0
    _bring_the_key_back()
    assert_all_is_well_with(poll_silent_attempts, run)


def _sweep() -> int:
    return poll_silent_attempts() + work_inbox()


def _drop_the_key() -> None:
    _execute("ALTER TABLE identity_inboxentry DROP CONSTRAINT identity_inbox_once")


def _bring_the_key_back() -> None:
    columns = "provider, contract, provider_case_id, reference"
    _execute(f"ALTER TABLE identity_inboxentry ADD CONSTRAINT identity_inbox_once UNIQUE ({columns})")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
