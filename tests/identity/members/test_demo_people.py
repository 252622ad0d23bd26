import csv
import io
import json
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import islice

import pytest

from identity.matching import DocumentPerson, PartialDate, RegisterPerson, VerdictKind, compare, latin
from identity.members import kvnr
from identity.members.demo_people import (
    FIELD_NAMES,
    DemoPerson,
    as_record,
    as_row,
    demo_people,
    write_csv,
    write_json_lines,
)

TODAY = date(2026, 3, 2)
IKS = ["109500969", "260326822"]


@pytest.fixture(scope="module")
def people() -> list[DemoPerson]:
    return list(demo_people(12_000, 7, iks=IKS, today=TODAY))


def born(person: DemoPerson) -> date:
    return PartialDate.parse(person.birth_date).latest()


def years(person: DemoPerson) -> int:
    birth = born(person)
    return TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day))


def test_the_same_seed_gives_the_same_people_however_many_are_asked_for(people):
    assert list(islice(demo_people(10**6, 7, iks=IKS, today=TODAY), 500)) == people[:500]
    assert list(demo_people(500, 8, iks=IKS, today=TODAY)) != people[:500]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_there_are_as_many_people_as_asked_for(count):
    assert len(list(demo_people(count, 1, iks=IKS, today=TODAY))) == count


def test_every_kvnr_is_valid_and_comes_once(people):
    assert [person.kvnr for person in people] == [kvnr.parse(person.kvnr) for person in people]
    assert len({person.kvnr for person in people}) == len(people)


def test_every_card_number_is_20_digits_and_comes_once(people):
    numbers = [card.iccsn for person in people for card in person.cards]

    assert all(re.fullmatch(r"80276[0-9]{15}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


DIFFICULTIES = {
    "an umlaut": lambda p: re.search("[äöüÄÖÜ]", p.family_name),
    "ß": lambda p: "ß" in p.family_name,
    "an umlaut written out": lambda p: p.family_name in ("Mueller", "Schroeder", "Jaeger", "Goethe"),
    "a double name": lambda p: "-" in p.family_name,
    "a hyphen in a given name": lambda p: "-" in p.given_names,
    "an apostrophe": lambda p: "'" in p.family_name,
    "several given names": lambda p: len(p.given_names.split()) > 2,
    "a family name above 35 characters": lambda p: len(p.family_name) > 35,
    "given names above 35 characters": lambda p: len(p.given_names) > 35,
    "a name prefix": lambda p: p.name_prefix == "von der",
    "a title": lambda p: p.title.startswith("Prof."),
    "a birth name": lambda p: p.birth_name,
    "ø": lambda p: re.search("[øØ]", p.family_name),
    "å": lambda p: re.search("[åÅ]", p.given_names + p.family_name),
    "ñ": lambda p: "ñ" in p.family_name,
    "ł": lambda p: re.search("[łŁ]", p.given_names + p.family_name),
    "ş": lambda p: re.search("[şŞ]", p.given_names + p.family_name),
    "a dotless ı": lambda p: "ı" in p.family_name,
    "a birth date without a day": lambda p: re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-00", p.birth_date),
    "a birth date of a year alone": lambda p: p.birth_date.endswith("-00-00"),
    "a new address": lambda p: (TODAY - p.address_valid_from).days < 30 and years(p) > 1,
    "an address never matched": lambda p: p.register_matched_on is None,
    "an address matched over a year ago": lambda p: (TODAY - (p.register_matched_on or TODAY)).days > 365,
    "a postcode with a nought in front": lambda p: p.postcode.startswith("0"),
    "no e-mail address": lambda p: not p.email and years(p) >= 18,
    "a member who died": lambda p: p.died_on,
    "a membership that ended": lambda p: p.member_to and not p.died_on,
    "a child below 15": lambda p: years(p) < 15 and p.representative_kvnr,
    "a 15-year-old": lambda p: years(p) == 15 and p.representative_kvnr,
    "a 17-year-old": lambda p: years(p) == 17,
    "somebody of 90": lambda p: years(p) >= 90,
    "an old card beside the current one": lambda p: {card.state for card in p.cards} >= {"active", "expired"},
    "no card that works": lambda p: all(card.state != "active" for card in p.cards),
    "a current card without NFC": lambda p: any(card.state == "active" and not card.nfc for card in p.cards),
}  # fmt: skip


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_among_some_thousand_people_there_is(people, difficulty):
    assert any(map(DIFFICULTIES[difficulty], people))


def test_there_are_twins_of_the_same_name_and_address(people):
    births = defaultdict(set)
    for person in people:
        births[person.family_name, person.birth_date, person.street, person.house_number].add(
            person.given_names.split()[0]
        )

    assert sum(len(given) == 2 for given in births.values()) > 20


def test_several_people_live_at_one_address(people):
    homes = Counter((p.street, p.house_number, p.postcode) for p in people)

    assert homes.most_common(1)[0][1] >= 4


def test_children_are_represented_by_a_parent_who_comes_before_them(people):
    seen: dict[str, DemoPerson] = {}
    for person in people:
        if years(person) < 18:
            parent = seen[person.representative_kvnr]
            assert years(parent) >= 18
            assert (parent.street, parent.postcode, parent.ik) == (person.street, person.postcode, person.ik)
        else:
            assert person.representative_kvnr == ""
        seen[person.kvnr] = person


def test_dates_stand_in_an_order_that_can_be(people):
    for person in people:
        first_day = PartialDate.parse(person.birth_date).earliest()
        assert first_day <= person.address_valid_from <= TODAY
        assert first_day <= person.member_from <= (person.member_to or TODAY) <= TODAY
        assert person.died_on in (None, person.member_to)
        assert person.register_matched_on is None or person.address_valid_from <= person.register_matched_on <= TODAY
        issued = [card.issued_on for card in person.cards]
        assert issued == sorted(issued)
        assert person.member_from <= issued[0] <= issued[-1] <= TODAY


def test_only_the_last_card_of_a_living_member_is_active(people):
    for person in people:
        active = [card for card in person.cards if card.state == "active"]
        assert active in ([], [person.cards[-1]])
        assert not active or person.member_to in (None, TODAY)


def test_mail_goes_to_reserved_domains_only(people):
    addresses = [person.email for person in people if person.email]

    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+[0-9]+@example\.(org|com|net)", address) for address in addresses)


def test_people_are_insured_where_their_postcode_belongs():
    areas = {"109500969": ["0", "1"], "260326822": ["8", "9"]}

    for person in demo_people(300, 3, iks=areas, today=TODAY):
        assert person.ik in areas
        assert person.postcode[0] not in "0189" or person.postcode[0] in areas[person.ik]


def test_the_csv_file_has_the_header_and_the_values_of_the_import(people):
    file = io.StringIO(newline="")
    write_csv(people[:200], file)
    file.seek(0)
    rows = list(csv.DictReader(file))

    assert tuple(rows[0]) == FIELD_NAMES
    assert FIELD_NAMES[:4] == ("kvnr", "ik", "given_names", "family_name")
    for row, person in zip(rows, people, strict=False):
        assert list(row.values()) == as_row(person)
        assert row["address_valid_from"] == person.address_valid_from.isoformat()
        for text, card in zip(row["cards"].split(";"), person.cards, strict=True):
            assert text.split("|") == [card.iccsn, "yes" if card.nfc else "no", card.issued_on.isoformat(), card.state]


def test_the_json_lines_hold_the_same_as_the_csv(people):
    file = io.StringIO()
    write_json_lines(people[:200], file)
    records = [json.loads(line) for line in file.getvalue().splitlines()]

    assert records == [as_record(person) for person in people[:200]]
    for record, person in zip(records, people, strict=False):
        assert [record[name] or "" for name in FIELD_NAMES[:-1]] == as_row(person)[:-1]
        assert record["cards"][0]["nfc"] in (True, False)


def test_everybody_is_matched_by_their_own_document_in_capitals_and_cut_after_35(people):
    able = [p for p in people if years(p) >= 16 and (p.member_to or TODAY) >= TODAY and not p.died_on]
    for p in able[:4000]:
        register = RegisterPerson(
            p.given_names,
            p.family_name,
            PartialDate.parse(p.birth_date),
            p.member_from,
            p.name_prefix,
            p.title,
            p.birth_name,
        )
        family = f"{p.name_prefix} {p.family_name}".strip()
        document = DocumentPerson(as_printed(p.given_names), as_printed(family), p.birth_date, as_printed(p.birth_name))

        verdict = compare(register, document, completed_on=TODAY, min_age=16)

        assert verdict.kind is VerdictKind.MATCH, verdict.differences


def as_printed(name: str) -> str:
    return latin.plain(latin.fold_case(name)).upper()[:35]
