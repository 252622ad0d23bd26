"""What holds for every page of somebody in the middle, whatever the effect of the order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from tests.factories import a_case, an_attempt
from tests.identity.portal.middle import (
    attempt_page,
    case_page,
    choice_page,
    give_order,
    impose,
)

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


MOST = 10  # session and account 3, case, attempts with results, audit, methods, the gate 2, the banner


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


def a_result(case: IdentificationCase, attempt: AttemptState, **given: Any) -> None:
    Result.objects.create(
        attempt=an_attempt(attempt, case=case), case=case, method_used="postident_branch", verdict="review", person={},
        identified_at=timezone.now(), received_at=timezone.now(), **given,
    )  # fmt: skip


@pytest.mark.parametrize("is_carried_out", [True, False])
@pytest.mark.parametrize("effect", GIVEN)
@pytest.mark.parametrize("state", [C.IDENTIFYING, C.IN_REVIEW, C.OFFERED, C.IDENTIFIED])
def test_the_case_and_the_choice_take_few_queries_whatever_an_order_does(
    member: Client, insurant: Insurant, at_most_queries, state: CaseState, effect: str, is_carried_out: bool
):
    case = a_case(state, insurant=insurant, method_id="postident_branch")
    match state:
        case C.IDENTIFYING:
            an_attempt(case=case)
            an_attempt(A.QUARANTINED, case=case, method_id="postident_eid")
        case C.IN_REVIEW:
            a_result(case, A.SUCCEEDED)
        case C.OFFERED:
            a_result(case, A.LATE)
        case C.IDENTIFIED:
            a_result(case, A.SUCCEEDED, granted_at=timezone.now(), level_reached=3)
    give_order(effect, **GIVEN[effect])
    if is_carried_out:
        carry_out_orders()

    for address in (case_page(case), choice_page(case)):
        with at_most_queries(MOST):
            assert member.get(address).status_code in (200, 302)


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
