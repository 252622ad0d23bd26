"""A date in three boxes."""

import datetime as dt

import pytest
from django import forms

from core.dates import SplitDateField


class Birth(forms.Form):
    day = SplitDateField(label="Born", help_text="For example 5 4 1980", birthday=True, max_year=2026)


class Maybe(forms.Form):
    day = SplitDateField(label="Since", required=False)


def filled(form: type[forms.Form], day: str = "", month: str = "", year: str = "") -> forms.Form:
    return form({"day_0": day, "day_1": month, "day_2": year})


@pytest.mark.parametrize("boxes", [("5", "4", "1980"), ("05", "04", "1980"), (" 5", "4 ", "1980")])
def test_three_boxes_make_a_date(boxes):
    form = filled(Birth, *boxes)

    assert form.is_valid()
    assert form.cleaned_data["day"] == dt.date(1980, 4, 5)


@pytest.mark.parametrize(
    ("boxes", "code"),
    [
        (("", "", ""), "required"),
        (("5", "", "1980"), "incomplete"),
        (("31", "2", "1980"), "invalid"),
        (("٥", "4", "1980"), "invalid"),
        (("-5", "4", "1980"), "invalid"),
        (("5", "4", "80"), "range"),
        (("5", "4", "2027"), "range"),
    ],
)
def test_what_is_no_date_is_told_by_its_kind(boxes, code):
    form = filled(Birth, *boxes)

    assert [error.code for error in form.errors.as_data()["day"]] == [code]


def test_an_optional_date_may_stay_empty():
    form = filled(Maybe)

    assert form.is_valid()
    assert form.cleaned_data["day"] is None


def test_a_stored_date_fills_the_boxes():
    html = Birth(initial={"day": dt.date(1980, 4, 5)}).as_div()

    assert [f'value="{value}"' in html for value in ("5", "4", "1980")] == [True, True, True]


def test_question_hint_error_and_boxes_belong_together_for_screen_readers():
    html = filled(Birth, "31", "2", "1980").as_div()

    assert 'aria-describedby="id_day_helptext id_day_error"' in html
    assert html.count("<legend") == 1
    assert all(f'for="id_day_{place}"' in html and f'id="id_day_{place}"' in html for place in range(3))
    assert 'autocomplete="bday-day"' in html
