"""Codes in words, for staff: none is missing."""

import pytest

from identity.cases.effects.models import AffectedCase
from identity.cases.models import PAUSED_OUT
from identity.cases.states import ReviewState
from identity.methods.choices import Reason
from identity.workplace import words


def test_every_state_of_a_review_has_a_badge():
    assert set(words.REVIEW_BADGES) == set(ReviewState)


@pytest.mark.parametrize("code", [*Reason, PAUSED_OUT, "method_suspended", "frozen", "identification_withdrawn"])
def test_every_reason_of_the_gate_and_of_an_order_is_told_in_words(code: str):
    assert words.reason(code) != code


def test_every_outcome_of_an_order_is_told_in_words():
    assert set(words.OUTCOMES) == set(AffectedCase.Outcome.values)
