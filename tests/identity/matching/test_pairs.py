from collections import Counter

import pytest

from identity.matching import CODES, Difference, Tolerance, Verdict

from .pairs import PAIRS, UNREADABLE_BIRTH_DATES, Pair
from .people import in_words, verdict_on


def words_of(expected: str) -> str:
    kind, *codes = expected.split()
    return " ".join([kind, *sorted(codes)])


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_pair_gets_its_verdict(pair: Pair):
    assert in_words(verdict_on(pair.left, pair.right)) == words_of(pair.there)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_pair_gets_its_verdict_with_the_sides_changed_round(pair: Pair):
    assert in_words(verdict_on(pair.right, pair.left)) == words_of(pair.back)


@pytest.mark.parametrize("text", UNREADABLE_BIRTH_DATES)
def test_a_birth_date_that_cannot_be_read_goes_to_a_person(text: str):
    assert in_words(verdict_on({}, {"birth_date": text})) == "review unreadable_birth_date"


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_missing_birth_date_goes_to_a_person(nothing: str | None):
    assert in_words(verdict_on({}, {"birth_date": nothing})) == "review missing_birth_date"


def test_missing_names_go_to_a_person():
    verdict = verdict_on({}, {"given_names": None, "family_name": None})

    assert in_words(verdict) == "review missing_family_name missing_given_names"


def test_there_are_enough_pairs_and_each_has_its_own_name():
    assert len(PAIRS) >= 180
    assert [name for name, times in Counter(map(str, PAIRS)).items() if times > 1] == []


def test_every_code_is_shown_by_a_pair():
    seen = {code for pair in PAIRS for way in (pair.there, pair.back) for code in way.split()[1:]}
    elsewhere = {Difference.MISSING_BIRTH_DATE, Difference.UNREADABLE_BIRTH_DATE}

    assert {*Difference, *Tolerance} - elsewhere - seen == set()


def test_every_difference_says_how_heavy_it_is():
    assert set(CODES) == set(Difference)


def test_a_verdict_holds_codes_in_the_order_of_their_table():
    differences = {Difference.FAMILY_NAME_DIFFERS, Difference.DECEASED, Difference.BIRTH_DATE_DIFFERS}

    verdict = Verdict.of(differences, {Tolerance.TITLE, Tolerance.SEPARATORS})

    assert verdict.differences == ("deceased", "birth_date_differs", "family_name_differs")
    assert verdict.tolerances == ("separators", "title")
