"""Pages of the simulated outside world that no journey comes by: they are a part of every demonstration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.insured import BRANCH, Insured
from tests.journeys.test_other_ends import attempt_of
from tests.journeys.visitor import Visitor

PAGES = {
    "/": "start",
    "/postident/faelle": "cases",
    "/postident/schalter": "counter",
    "/postident/webhooks": "notifications",
    "/postident/stoerungen": "faults",
    "/aktensystem/": "records",
    "/postfach/": "mails",
}


@pytest.fixture
def guest(visit: Callable[..., Any]) -> Visitor:
    visitor: Visitor = visit(Visitor, phone=False)
    return visitor


@pytest.fixture
def case_id(insured: Insured) -> str:
    """The provider's number of a case with a coupon."""
    insured.apply()
    insured.choose(BRANCH)
    insured.take_coupon()
    return attempt_of(insured, BRANCH).provider_case_id


def test_every_page_of_the_simulators_can_be_used_by_everybody(guest: Visitor, insured: Insured, case_id: str):
    outside = guest.stack.simulator_url
    pages = {
        **PAGES,
        f"/postident/faelle/fall?caseId={case_id}": "case",
        f"/postident/stoerungen?caseId={case_id}": "faults-of-case",
        f"/postfach/{guest.stack.outside.mails(to=insured.email)[-1]['id']}/": "mail",
    }
    for path, name in pages.items():
        assert guest.open(f"{outside}{path}").status == 200, path
        guest.look(f"outside-{name}")


def test_what_the_simulators_refuse_is_said_in_words(guest: Visitor, case_id: str):
    outside = guest.stack.simulator_url
    assert guest.open(f"{outside}/postident/gibt-es-nicht").status == 404
    guest.look("outside-not-found")
    assert guest.open(f"{outside}/postident/schalter?q=UNBEKANNT").status == 404
    guest.look("outside-counter-unknown")
    guest.open(f"{outside}/postident/schalter/fall?caseId={case_id}")
    guest.page.locator("input[name=outcome]:checked").evaluate_all("all => all.forEach(each => each.checked = false)")
    guest.send("action=finish", last_name="Andersen")
    guest.look("outside-visit-undecided")
