"""What holds for every page of somebody in the middle, whatever the effect of the order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from identity.cases.models import Attempt
from identity.cases.states import AttemptState, CaseState
from tests.identity.portal.middle import (
    attempt_page,
    case_page,
    choice_page,
    impose,
)

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


MOST = 12  # session and account 3, case, attempts, audit, methods, the gate 4, the banner


def in_german(client: Client, address: str) -> str:
    with translation.override("de"):
        text: str = client.get(address, headers={"accept-language": "de"}).text
    return text


GIVEN: dict[str, dict[str, Any]] = {
    "move": {},
    "freeze": {},
    "finish": {"finish_until": timezone.now() + timedelta(days=3)},
    "void": {"void_since": timezone.now() - timedelta(days=7)},
}


@pytest.mark.parametrize("effect", GIVEN)
def test_no_page_of_somebody_in_the_middle_is_a_dead_end(
    member: Client, attempt: Attempt, effect: str, at_most_queries
):
    impose(effect, **GIVEN[effect])

    for address in (
        case_page(attempt.case),
        choice_page(attempt.case),
        attempt_page(attempt),
        reverse("identity:home"),
    ):
        with at_most_queries(MOST):
            page = member.get(address)
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        main = page.text.split("<main")[1].split("</main")[0]
        assert attempt.case.insurer.phone in main
        ways_on = (choice_page(attempt.case), case_page(attempt.case), 'value="postident_eid"')
        assert any(each in main for each in ways_on)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ("move", "Das Verfahren, das Sie begonnen hatten, wurde ausgesetzt"),
        ("freeze", "Ihr Platz bleibt erhalten"),
        ("finish", "Das dürfen Sie noch abschließen"),
    ],
)
def test_the_pages_are_told_in_german(member: Client, attempt: Attempt, effect: str, words: str):
    impose(effect, **GIVEN[effect])

    text = in_german(member, case_page(attempt.case))

    assert words in text
    assert "Die gematik hat allen gesetzlichen Krankenkassen untersagt" in text


@pytest.mark.parametrize("effect", ["freeze", "finish"])
def test_a_waiting_page_learns_that_an_order_has_come(member: Client, attempt: Attempt, effect: str):
    address = reverse("identity:status", args=[attempt.case.public_id])
    before = member.get(address).json()["version"]
    impose(effect, **GIVEN[effect])

    assert (member.get(address).json()["version"] != before) == (effect == "freeze")
