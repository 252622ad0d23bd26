import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity.members import ik

stems = st.from_regex(r"[0-9]{8}", fullmatch=True)
numbers = stems.map(lambda stem: f"{stem}{ik.check_digit(stem)}")


@pytest.mark.parametrize("number", ["260326822", "109500969"])
def test_the_public_numbers_are_read(number):
    assert ik.parse(number) == number


@pytest.mark.parametrize("typed", [" 260326822", "260 326 822", "260-326-822", "260326822\n", "260\u00a0326\u2011822"])
def test_blanks_and_hyphens_do_not_matter(typed):
    assert ik.parse(typed) == "260326822"


@pytest.mark.parametrize(
    "typed",
    ["", "26032682", "2603268220", "260326820", "26032682٢", "２６０３２６８２２", "26032682²", "26O326822", "-"],
)
def test_anything_else_is_no_ik(typed):
    with pytest.raises(ValueError, match=r"^not an IK$"):
        ik.parse(typed)


@given(numbers, st.integers(2, 8), st.sampled_from(string.digits))
def test_every_single_wrong_digit_behind_the_kind_is_found(number, place, digit):
    assume(number[place] != digit)

    with pytest.raises(ValueError, match="not an IK"):
        ik.parse(number[:place] + digit + number[place + 1 :])


@given(numbers)
def test_reading_is_idempotent(number):
    assert ik.parse(ik.parse(number)) == ik.parse(f" {number[:3]}-{number[3:6]} {number[6:]}\n") == number


@given(st.text(max_size=20))
def test_any_text_gives_an_ik_or_an_error_that_says_nothing_of_it(text):
    try:
        read = ik.parse(text)
    except ValueError as error:
        read = str(error)

    assert read == "not an IK" or len(read) == 9
