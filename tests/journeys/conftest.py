"""One stack and one browser for all journeys. Run by `pytest tests/journeys`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings
from playwright.sync_api import sync_playwright

from config.demo import GROUPS, PASSWORD, STAFF, make_account, make_group
from tests.journeys import chromium
from tests.journeys.insured import Insured
from tests.journeys.looking import Looking
from tests.journeys.people import bring_into_register, canary
from tests.journeys.searching import canaries_in, places
from tests.journeys.visitor import Visitor
from tests.journeys.world import Eavesdropper, World
from tests.stack import FAST_BEAT, Stack

PEOPLE = 40
LAST = "test_canaries"
V = TypeVar("V", bound=Visitor)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", default="", help="make pictures of all pages into this folder, instead of axe")


def pytest_configure() -> None:
    if not chromium.find():
        raise pytest.UsageError(chromium.MISSING)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright has a loop in this thread, and Django minds


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Look for canaries when all have walked."""
    items.sort(key=lambda item: LAST in item.nodeid)


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[World]:
    """The running application, with people in its register and staff."""
    pictures = request.config.getoption("--pictures")
    limits = settings.LINK_LIMITS | {"address": (1000, 3600)}  # all come from one address here
    more = {"ACCOUNT_RATE_LIMITS": False, "LINK_LIMITS": limits, "VORWEIS_DEMO": True}
    with Stack(web=1, workers=1, beat=FAST_BEAT, settings=more, LOG_LEVEL="INFO") as stack:
        eavesdropper = Eavesdropper(stack.redis_url)
        eavesdropper.start()
        assert eavesdropper.listening.wait(10)
        people = [canary(number) for number in range(PEOPLE)]
        with django_db_blocker.unblock(), stack.django(), sync_playwright() as playwright:
            bring_into_register(people)
            groups = {name: make_group(name) for name in GROUPS}
            for email, group in STAFF.values():
                make_account(email, group=groups[group])
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
            looking = Looking(Path(pictures) if pictures else None)
            world = World(stack, browser, looking, iter(people), eavesdropper)
            yield world
            browser.close()
            assert canaries_in(places(world), world.walked) == []  # several processes may share the journeys


@pytest.fixture(autouse=True)
def no_findings(world: World) -> Iterator[None]:
    """Axe and the width of pages belong to every journey."""
    yield
    found = world.looking.take_findings()
    assert not found, "\n".join(found)


@pytest.fixture
def visit(world: World) -> Iterator[Callable[..., Any]]:
    """Make somebody with a browser: `visit(Insured)`, `visit(Visitor, phone=False)`; it closes with the test."""
    opened: list[Visitor] = []

    def make(kind: type[V], **options: Any) -> V:
        visitor = kind(world, **options)
        opened.append(visitor)
        return visitor

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def insured(visit: Callable[..., Any]) -> Insured:
    """Somebody with a phone."""
    person: Insured = visit(Insured)
    return person


@pytest.fixture
def staff(visit: Callable[..., Any]) -> Callable[[str], Visitor]:
    """Log in a member of staff by role: "clerk", "second_clerk", "administrator"."""

    def log_in(role: str) -> Visitor:
        visitor: Visitor = visit(Visitor, phone=False)
        visitor.log_in(STAFF[role][0], PASSWORD)
        return visitor

    return log_in
