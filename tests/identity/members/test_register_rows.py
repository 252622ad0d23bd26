"""Judging a row of the register, without a database."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.members.demo_people import as_record, demo_people
from identity.members.register.reasons import REASONS, RowRejected
from identity.members.register.rows import FIELDS, RegisterRow, read_row
from tests.identity.members.conftest import CARD, OTHER_CARD, a_card, a_record

TODAY = date(2026, 11, 1)


def read(record: dict[str, Any], **options: Any) -> RegisterRow:
    return read_row(record, today=TODAY, **options)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"kvnr": ""}, "required", "kvnr"),
        ({"kvnr": "A123456789"}, "kvnr_malformed", "kvnr"),
        ({"kvnr": 1234567890}, "not_text", "kvnr"),
        ({"ik": None}, "required", "ik"),
        ({"ik": "109500960"}, "ik_malformed", "ik"),
        ({"given_names": "  "}, "required", "given_names"),
        ({"family_name": None}, "required", "family_name"),
        ({"family_name": "Muster\x00mann"}, "text_unprintable", "family_name"),
        ({"family_name": "Muster\u200bmann"}, "text_unprintable", "family_name"),
        ({"family_name": "Muster\udcfcmann"}, "text_unprintable", "family_name"),
        ({"family_name": "M" * 201}, "text_too_long", "family_name"),
        ({"title": ["Dr."]}, "not_text", "title"),
        ({"birth_date": None}, "required", "birth_date"),
        ({"birth_date": "1964-13-01"}, "birth_date_malformed", "birth_date"),
        ({"birth_date": "1964-00-12"}, "birth_date_malformed", "birth_date"),
        ({"birth_date": "12.08.1964"}, "birth_date_malformed", "birth_date"),
        ({"birth_date": "2026-11-02"}, "date_in_future", "birth_date"),
        ({"member_from": "01.01.2015"}, "date_malformed", "member_from"),
        ({"member_from": "20150101"}, "date_malformed", "member_from"),
        ({"member_from": "2015-W01-1"}, "date_malformed", "member_from"),
        ({"member_from": "2015-02-29"}, "date_malformed", "member_from"),
        ({"member_to": "2014-12-31"}, "membership_in_reverse", "member_to"),
        ({"member_from": None, "member_to": "2014-12-31"}, "membership_in_reverse", "member_to"),
        ({"died_on": "2026-11-02"}, "date_in_future", "died_on"),
        ({"died_on": "1960-01-01"}, "died_before_birth", "died_on"),
        ({"street": ""}, "address_incomplete", "street"),
        ({"city": None}, "address_incomplete", "city"),
        ({"address_valid_from": None}, "address_incomplete", "address_valid_from"),
        ({"postcode": "5114"}, "postcode_malformed", "postcode"),
        ({"postcode": "٥١١٤٧"}, "postcode_malformed", "postcode"),
        ({"postcode": ""}, "postcode_malformed", "postcode"),
        ({"country": "DE"}, "country_malformed", "country"),
        ({"register_matched_on": "2026-11-02"}, "date_in_future", "register_matched_on"),
        ({"email": "erika"}, "email_malformed", "email"),
        ({"email": "erika@example"}, "email_malformed", "email"),
        ({"email": f"{'e' * 320}@example.org"}, "text_too_long", "email"),
        ({"representative_kvnr": "B1"}, "kvnr_malformed", "representative_kvnr"),
        ({"representative_kvnr": "a123 456 780"}, "representative_self", "representative_kvnr"),
        ({"cards": "80276"}, "card_malformed", "cards"),
        ({"cards": 7}, "card_malformed", "cards"),
        ({"cards": [CARD]}, "card_malformed", "cards"),
        ({"cards": [{}]}, "card_number_malformed", "cards"),
        ({"cards": [a_card("90276001090000000001")]}, "card_number_malformed", "cards"),
        ({"cards": [a_card(CARD[:-1])]}, "card_number_malformed", "cards"),
        ({"cards": [a_card(nfc="maybe")]}, "card_malformed", "cards"),
        ({"cards": [a_card(nfc=[])]}, "card_malformed", "cards"),
        ({"cards": [a_card(nfc=1)]}, "card_malformed", "cards"),
        ({"cards": [a_card(state="lost")]}, "card_malformed", "cards"),
        ({"cards": [a_card(state=None)]}, "card_malformed", "cards"),
        ({"cards": [a_card(issued_on="2023")]}, "card_malformed", "cards"),
        ({"cards": [a_card(), a_card(state="expired")]}, "card_twice", "cards"),
        ({"cards": [a_card(), a_card(OTHER_CARD)]}, "two_active_cards", "cards"),
        ({"cards": [a_card(f"80276{n:015d}", state="expired") for n in range(51)]}, "card_malformed", "cards"),
    ],
)
def test_a_row_is_refused_by_code_and_field(changed: dict[str, Any], code: str, field: str):
    with pytest.raises(RowRejected) as refused:
        read(a_record(**changed))

    assert (refused.value.code, refused.value.field) == (code, field)
    assert all(REASONS[code])


def test_a_good_row_is_read_whole():
    row = read(a_record(representative_kvnr="P179293933", died_on="2020-05-05", member_to="2020-05-05"))

    assert (row.kvnr, row.ik, row.birth_date) == ("A123456780", "109500969", "1964-08-12")
    assert (row.representative_kvnr, row.died_on) == ("P179293933", date(2020, 5, 5))
    assert row.address is not None
    assert (row.address.valid_from, row.address.register_matched_on) == (date(2015, 1, 1), date(2020, 3, 1))
    assert [(card.iccsn, card.nfc, card.state) for card in row.cards] == [(CARD, True, "active")]


def test_cards_as_text_and_as_objects_are_the_same():
    as_text = f"{OTHER_CARD}|no|2018-01-31|expired; {CARD}|yes|2023-05-01|active;"
    as_objects = [a_card(), a_card(OTHER_CARD, nfc=False, issued_on="2018-01-31", state="expired")]

    assert read(a_record(cards=as_text)).canonical() == read(a_record(cards=as_objects)).canonical()


@pytest.mark.parametrize("text", ["1964-08-00", "1964-08"])
def test_an_incomplete_birth_date_is_kept_in_one_form(text: str):
    assert read(a_record(birth_date=text)).birth_date == "1964-08-00"


def test_the_long_form_of_a_number_is_cut_to_the_printed_part():
    assert read(a_record(kvnr="A1234567801095009691")).kvnr == "A123456780"


def test_texts_are_kept_composed_and_with_single_blanks():
    assert read(a_record(family_name="  Mu\u0308ller \u00a0 Lu\u0308denscheid\t")).family_name == "Müller Lüdenscheid"


def test_an_address_abroad_may_have_no_postcode():
    row = read(a_record(country="IRL", postcode=None, city="Dublin"))

    assert row.address is not None
    assert row.address.postcode == ""


def test_nobody_needs_an_address():
    empty = dict.fromkeys(("street", "house_number", "postcode", "city", "address_valid_from", "register_matched_on"))

    assert read(a_record(**empty)).address is None


def test_rows_without_an_insurer_belong_to_the_one_asked_for():
    assert read(a_record(ik=None), only_ik="109500969").ik == "109500969"


def test_rows_of_another_insurer_than_the_one_asked_for_are_refused():
    with pytest.raises(RowRejected, match="insurer_other"):
        read(a_record(), only_ik="108500558")


def test_every_demo_person_is_a_good_row():
    for person in demo_people(500, 3, iks=["109500969"], today=TODAY):
        assert read(as_record(person)).kvnr == person.kvnr


def test_a_row_shows_nothing_of_itself():
    row = read(a_record())

    assert "Mustermann" not in f"{row!r}{row.address!r}{row.cards!r}"


def code_of(record: dict[str, Any]) -> str:
    """Return why a record is refused; nothing when it is read."""
    try:
        read(record)
    except RowRejected as refused:
        return refused.code
    return ""


@given(
    st.fixed_dictionaries(
        {name: st.one_of(st.none(), st.text(max_size=30), st.integers(), st.booleans(), st.lists(st.text(max_size=3)))
         for name in FIELDS}
    )
)  # fmt: skip
def test_whatever_stands_in_a_row_it_is_read_or_refused_with_a_known_reason(record: dict[str, Any]):
    assert judged(record) in {"good", *REASONS}


@given(st.sampled_from(FIELDS), st.text(max_size=30))
def test_one_strange_field_never_breaks_the_reader(name: str, text: str):
    record = a_record(**{name: text})

    assert judged(record) in {"good", *REASONS}
    if judged(record) == "good":
        assert read(record).canonical() == read(dict(reversed(record.items()))).canonical()


def judged(record: dict[str, Any]) -> str:
    try:
        read(record)
    except RowRejected as refused:
        return refused.code
    return "good"
