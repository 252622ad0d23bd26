"""The demo register: the same people every time."""

from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from identity.members.demo import (
    KNOWN_PERSON,
    MOST_JOURNEYS,
    SOME_JOURNEYS,
    first_day,
    import_journey_people,
    journey_people,
    journey_person,
    known_people,
    load_demo,
)
from identity.members.kvnr import parse
from identity.members.linking import link_insurance
from identity.members.models import Card, Insurant
from tests.factories import an_account
from tests.identity.members.test_importing import row_versions

NAMED = len(known_people(date(2026, 11, 1))) + SOME_JOURNEYS
numbers = st.integers(0, MOST_JOURNEYS - 1)


@pytest.mark.django_db
def test_the_demo_is_loaded_once():
    load_demo(30)
    before = row_versions()

    load_demo(30)

    assert Insurant.objects.count() == 30 + NAMED
    assert row_versions() == before


@pytest.mark.django_db
def test_the_demo_stays_the_same_on_later_days():
    load_demo(30)
    before, day = row_versions(), first_day()

    with time_machine.travel(day.replace(month=12, day=31)):
        load_demo(30)

    assert row_versions() == before


@pytest.mark.django_db
def test_more_demo_people_join_those_who_are_there():
    load_demo(10)
    load_demo(20)

    assert Insurant.objects.count() == 20 + NAMED


@pytest.mark.django_db
def test_the_known_person_can_be_linked_with_what_the_log_in_sheet_says():
    load_demo(0)

    person = link_insurance(
        an_account(), kvnr="A123456780", birth_date="1964-08-12", card_digits="123456", address="192.0.2.1"
    )

    assert (person.given_names, person.family_name) == ("Erika", "Mustermann")
    assert person.age_on(date(2026, 11, 1)) == 62
    assert person.postal_address() is not None


@pytest.mark.django_db
def test_journey_people_can_be_linked_with_what_the_driver_knows():
    import_journey_people(40)
    before = row_versions()
    import_journey_people(40)

    assert row_versions() == before
    for known in journey_people(40)[::13]:
        person = link_insurance(
            an_account(),
            kvnr=known.kvnr,
            birth_date=known.birth_date,
            card_digits=known.card_last6,
            address="192.0.2.1",
        )
        assert person.family_name == known.family_name


@pytest.mark.django_db
def test_each_insurer_has_demo_people_of_its_own_area():
    load_demo(300)

    assert Insurant.objects.values("insurer").distinct().count() == 6
    for person in Insurant.objects.select_related("insurer")[:40]:
        address = person.postal_address()
        assert (
            address is None
            or person.insurer.areas.filter(
                postcode_from__lte=address.postcode, postcode_to__gte=address.postcode
            ).exists()
        )


@pytest.mark.django_db
def test_the_command_loads_people_for_journeys(capsys: pytest.CaptureFixture[str]):
    call_command("demo_data", count=0, journey=15)

    assert KNOWN_PERSON.kvnr in capsys.readouterr().out
    assert Card.objects.count() == 15 - SOME_JOURNEYS + NAMED


@given(numbers)
def test_a_journey_person_is_always_the_same_and_of_age(number: int):
    person = journey_person(number)

    assert person == journey_person(number)
    assert parse(person.kvnr) == person.kvnr
    assert 1940 <= date.fromisoformat(person.birth_date).year <= 2005
    assert len(person.card_last6) == 6
    assert (len(person.iccsn), person.iccsn[-6:]) == (20, person.card_last6)


@given(numbers, numbers)
def test_two_journey_people_share_neither_number_nor_card(one: int, other: int):
    first, second = journey_person(one), journey_person(other)

    assert (first.kvnr == second.kvnr) == (first.iccsn == second.iccsn) == (one == other)


@pytest.mark.parametrize("number", [-1, MOST_JOURNEYS])
def test_there_are_a_million_journey_people(number: int):
    with pytest.raises(ValueError, match="a number from 0"):
        journey_person(number)


def test_known_people_have_valid_numbers_and_cards_of_their_own():
    people = known_people(date(2026, 11, 1))

    assert [parse(person.kvnr) for person in people] == [person.kvnr for person in people]
    assert len({person.iccsn for person in people} | {person.iccsn for person in journey_people(100)}) == 100 + len(
        people
    )


def test_known_people_hold_what_is_worth_trying():
    people = known_people(date(2026, 11, 1))

    assert {2011, 2012} <= {int(person.birth_date[:4]) for person in people}
    assert any(person.birth_date.endswith("-00-00") for person in people)
    assert any(person.member_to for person in people)


def test_known_minors_are_represented_by_somebody_known_and_of_age():
    people = {person.kvnr: person for person in known_people(date(2026, 11, 1))}
    minors = [person for person in people.values() if person.birth_date > "2008-11-01"]

    assert len(minors) == 2
    assert all(people[minor.represented_by].birth_date < "2000" for minor in minors)
