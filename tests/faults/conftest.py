"""What the fault tests share: the number of cases, a voice while they run, and stacks to break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.stack import FAST_BEAT, Stack

FEW_CASES = 20  # enough to see that a mutant is noticed
PACE = {"POLL_SILENT_MINUTES": 0.15, "INBOX_CLAIM_SECONDS": 6, "OUTBOX_LEASE_SECONDS": 8}
StackMaker = Callable[..., Stack]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, default=1000, help="cases of the fault test (CI: 150)")


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--cases"))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Say a line at once, past pytest's capture."""
    capture: Any = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(line, flush=True)

    return say


@pytest.fixture
def a_stack(django_db_blocker: Any) -> Iterator[StackMaker]:
    """Start a stack, with Django of this process pointed at it; it ends with the test. `mutant`: see mutants.py."""
    with ExitStack() as opened:

        def start(mutant: str = "", **options: Any) -> Stack:
            usual: dict[str, Any] = {"web": 2, "workers": 2, "beat": FAST_BEAT, "settings": PACE}
            if mutant:
                usual |= {"module": "tests.faults.mutant_settings", "VORWEIS_MUTANT": mutant}
            stack = opened.enter_context(Stack(**usual | options))
            opened.enter_context(django_db_blocker.unblock())
            opened.enter_context(stack.django())
            return stack

        yield start
