import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity.members import kvnr

VALID = ["A123456780", "P179293933", "X110411675", "X000000012"]
INVALID = ["Z123456789", "A123456789", "X110400014", "X000000409"]

stems = st.from_regex(r"[A-Z][0-9]{8}", fullmatch=True)
numbers = stems.map(lambda stem: f"{stem}{kvnr.check_digit(stem)}")


def read_or_error(text):
    try:
        return kvnr.parse(text)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("number", VALID)
def test_the_public_test_numbers_are_read(number):
    assert kvnr.parse(number) == number


@pytest.mark.parametrize("number", INVALID)
def test_numbers_that_documents_print_with_a_wrong_check_digit_are_refused(number):
    with pytest.raises(ValueError, match="not a KVNR"):
        kvnr.parse(number)


@pytest.mark.parametrize(
    "typed",
    [" A123456780 ", "a123456780", "A123 456 780", "A123-456-780", "A 1234-5678 0", "A123\u00a0456\u00a0780",
     "A123\u2011456\u2013780", "\tA123456780", "A123456780\n", "A123456780\r\n"],
)  # fmt: skip
def test_blanks_hyphens_and_small_letters_do_not_matter(typed):
    assert kvnr.parse(typed) == "A123456780"


@pytest.mark.parametrize(
    "typed",
    ["A123456780109500969" + "7", "A123456780109500969" + "X110411675" + "4", "a123456780 109500969 7"],
)
def test_the_long_forms_are_cut_to_the_printed_ten(typed):
    assert kvnr.parse(typed) == "A123456780"


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A", "A12345678", "A1234567800", "1123456780", "AB12345678", "A12345678٠", "A１２３４５６７８０",
     "Ａ123456780", "ſ123456780", "Ä123456780", "A123456780\x00", "A123.456.780", "A123456780109500969",
     "A1234567801095009697A123456780", "X110411675A123456780"],
)  # fmt: skip
def test_anything_else_is_no_kvnr(typed):
    with pytest.raises(ValueError, match=r"^not a KVNR$"):
        kvnr.parse(typed)


@given(numbers)
def test_every_number_with_its_check_digit_is_read_as_it_is(number):
    assert kvnr.parse(number) == number


@given(numbers, st.integers(1, 9), st.sampled_from(string.digits))
def test_every_single_wrong_digit_is_found(number, place, digit):
    assume(number[place] != digit)

    with pytest.raises(ValueError, match="not a KVNR"):
        kvnr.parse(number[:place] + digit + number[place + 1 :])


@given(numbers, st.sampled_from(string.ascii_uppercase))
def test_a_wrong_letter_is_found_unless_it_weighs_the_same(number, letter):
    weighs_the_same = kvnr.check_digit(letter + number[1:9]) == kvnr.check_digit(number[:9])

    assert (read_or_error(letter + number[1:]) == letter + number[1:]) == weighs_the_same


@given(numbers, st.integers(1, 7))
def test_two_neighbours_changed_round_are_found_unless_they_are_nought_and_nine(number, place):
    first, second = number[place], number[place + 1]
    assume(first != second and {first, second} != {"0", "9"})

    with pytest.raises(ValueError, match="not a KVNR"):
        kvnr.parse(number[:place] + second + first + number[place + 2 :])


@given(numbers, st.data())
def test_reading_is_idempotent_however_it_was_typed(number, data):
    filler = st.text(alphabet=" -\t\u00a0\u2011", max_size=2)
    typed = "".join(data.draw(filler) + data.draw(st.sampled_from([char, char.lower()])) for char in number)

    assert kvnr.parse(typed) == number
    assert kvnr.parse(kvnr.parse(typed)) == number


@given(st.text(max_size=40))
def test_any_text_gives_a_kvnr_or_an_error_that_says_nothing_of_it(text):
    read = read_or_error(text)

    assert read == "not a KVNR" or (len(read) == 10 and read.isascii())
