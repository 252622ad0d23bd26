"""When an access may be opened."""

from dataclasses import replace
from itertools import product

import pytest

from epa.rules import Facts, Standing, standing
from identity.cases.states import OPEN_CASE, CaseState
from identity.methods.choices import AssuranceLevel

HIGH, SUBSTANTIAL = AssuranceLevel.HIGH, AssuranceLevel.SUBSTANTIAL
FINE = Facts(
    CaseState.IDENTIFIED, HIGH, HIGH, review_open=False, withdrawn=False, void=False, holds=True, is_member=True
)


def test_an_identified_person_with_nothing_pending_is_clear():
    assert standing(FINE) is Standing.CLEAR


def test_a_higher_level_than_demanded_is_clear():
    assert standing(replace(FINE, level_demanded=SUBSTANTIAL)) is Standing.CLEAR


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"level_reached": SUBSTANTIAL}, Standing.LEVEL_TOO_LOW),
        ({"level_reached": None}, Standing.LEVEL_TOO_LOW),
        ({"review_open": True}, Standing.REVIEW_OPEN),
        ({"withdrawn": True}, Standing.IDENTIFICATION_WITHDRAWN),
        ({"is_member": False}, Standing.MEMBERSHIP_ENDED),
        ({"holds": False}, Standing.METHOD_SUSPENDED),
        ({"void": True, "level_reached": None, "holds": False}, Standing.IDENTIFICATION_VOID),
        *[({"void": True, "case_state": state}, Standing.IDENTIFICATION_VOID) for state in CaseState],
        ({"withdrawn": True, "review_open": True}, Standing.IDENTIFICATION_WITHDRAWN),
        *[({"case_state": state}, Standing.CASE_RUNS) for state in OPEN_CASE],
        *[
            ({"case_state": state}, Standing.CASE_ENDED)
            for state in (CaseState.REFUSED, CaseState.CANCELLED, CaseState.EXPIRED, CaseState.OFFERED)
        ],
    ],
)
def test_whatever_is_missing_stands_in_the_way(changed, expected):
    assert standing(replace(FINE, **changed)) is expected


def test_only_one_set_of_facts_is_clear():
    every = product(CaseState, (None, *AssuranceLevel), *[(True, False)] * 5)
    clear = [facts for facts in every if standing(Facts(facts[0], HIGH, *facts[1:])) is Standing.CLEAR]
    assert clear == [(CaseState.IDENTIFIED, HIGH, False, False, False, True, True)]
