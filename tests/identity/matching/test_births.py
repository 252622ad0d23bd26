from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.matching import DocumentPerson, PartialDate
from identity.matching.births import age_on

days = st.dates(date(1880, 1, 1), date(2099, 12, 31))


@given(days, st.integers(0, 2))
def test_what_is_written_is_read_again(day, unknown_parts):
    whole = (day.year, day.month, day.day)
    partial = PartialDate(*whole[: 3 - unknown_parts])

    assert PartialDate.parse(partial.isoformat()) == partial
    assert PartialDate.parse(partial.isoformat().replace("-", "")) == partial
    assert partial.earliest() <= day <= partial.latest()
    assert partial.agrees_with(PartialDate(*whole))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1964", "1964-00-00"), ("1964-08", "1964-08-00"), (" 1964-08-12\n", "1964-08-12"), ("1964    ", "1964-00-00"),
     ("196408  ", "1964-08-00"), ("19640000", "1964-00-00"), ("2000-02-29", "2000-02-29")],
)  # fmt: skip
def test_every_form_of_a_birth_date_is_read(text, expected):
    assert PartialDate.parse(text).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    ["", "64", "1964-", "1964-8-1", "1964-00-12", "1964-13-00", "1964-02-30", "1900-02-29", "0000-00-00", "1799-12-31",
     "196408", "12.08.1964", "١٩٦٤", "1964-08-12T00:00", "1964  12"],
)  # fmt: skip
def test_what_is_no_birth_date_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match=r"^not a birth date$"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [("2010-03-02", "2026-03-01", 15), ("2010-03-02", "2026-03-02", 16), ("2008-02-29", "2024-02-28", 15),
     ("2008-02-29", "2024-02-29", 16), ("2008-02-29", "2026-02-28", 17), ("2008-02-29", "2026-03-01", 18),
     ("2026-03-02", "2026-03-02", 0)],
)  # fmt: skip
def test_age_is_counted_in_whole_years(birth, day, age):
    assert age_on(date.fromisoformat(birth), date.fromisoformat(day)) == age


@given(days, days)
def test_dates_agree_in_both_directions_or_in_none(one, other):
    left, right = PartialDate(one.year, one.month), PartialDate(other.year, other.month, other.day)

    assert left.agrees_with(right) == right.agrees_with(left) == ((one.year, one.month) == (other.year, other.month))


def test_a_field_that_no_document_has_cannot_be_unchecked():
    with pytest.raises(ValueError, match="no field"):
        DocumentPerson("Anna", "Keller", "1964-08-12", unchecked=frozenset({"first_name"}))
