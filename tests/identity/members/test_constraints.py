"""What the database itself forbids in the register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, models, transaction

from core.errors import violates
from identity.members.models import Address, Card, CardStateChange, Insurant, InsurerArea
from tests.factories import a_kvnr, an_account, an_insurant, an_insurer

pytestmark = pytest.mark.django_db


def a_card(insurant: Insurant, **given: Any) -> Card:
    usual: dict[str, Any] = {"iccsn": "80276001090000000099", "nfc": True, "issued_on": date(2025, 1, 1)}
    return Card.objects.create(**{"insurant": insurant, "state": "expired"} | usual | given)


def refused_by(constraint: str, act: Callable[[], object]) -> bool:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    return violates(error.value, constraint)


@pytest.mark.parametrize("ik", ["10950096", "10950096x", "10950096 ", "١٠٩٥٠٠٩٦٩"])
def test_an_ik_has_nine_digits(ik: str):
    assert refused_by("identity_insurer_ik_shape", lambda: an_insurer(ik))


def test_an_ik_belongs_to_one_insurer():
    one, other = an_insurer(), an_insurer("108500558")
    other.ik = one.ik

    assert refused_by("identity_insurer_ik_key", other.save)


@pytest.mark.parametrize(("first", "last"), [("20000", "10000"), ("1000", "20000"), ("0100x", "20000")])
def test_an_area_is_a_range_of_postcodes(first: str, last: str):
    insurer = an_insurer()

    def act() -> None:
        InsurerArea.objects.create(insurer=insurer, postcode_from=first, postcode_to=last)

    assert refused_by("identity_insurerarea_in_order", act)


def test_an_area_belongs_to_one_insurer():
    one, other = an_insurer(), an_insurer("108500558")
    InsurerArea.objects.create(insurer=one, postcode_from="10000", postcode_to="20000")

    def act() -> None:
        InsurerArea.objects.create(insurer=other, postcode_from="10000", postcode_to="20000")

    assert refused_by("identity_insurerarea_once", act)


def test_a_number_belongs_to_one_person():
    number = a_kvnr()
    an_insurant(kvnr=number)

    assert refused_by("identity_insurant_kvnr_hash_key", lambda: an_insurant(kvnr=number))


def test_an_account_belongs_to_one_person():
    account = an_account()
    an_insurant(account=account)

    assert refused_by("identity_insurant_account_id_key", lambda: an_insurant(account=account))


def test_a_membership_does_not_end_before_it_begins():
    assert refused_by(
        "identity_insurant_membership_in_order",
        lambda: an_insurant(member_from=date(2020, 1, 2), member_to=date(2020, 1, 1)),
    )


def test_a_person_has_one_active_card():
    person = an_insurant()

    assert refused_by("identity_card_one_active", lambda: a_card(person, state="active"))


def test_a_card_belongs_to_one_person():
    a_card(an_insurant())

    assert refused_by("identity_card_iccsn_hash_key", lambda: a_card(an_insurant()))


def test_a_card_is_in_a_known_state():
    person = an_insurant()

    assert refused_by("identity_card_state_known", lambda: a_card(person, state="lost"))


def test_a_history_holds_known_states():
    card = a_card(an_insurant())

    assert refused_by(
        "identity_cardstatechange_state_known", lambda: CardStateChange.objects.create(card=card, state="lost")
    )


def test_who_is_insured_somewhere_keeps_the_insurer_and_the_account_there():
    person = an_insurant()
    assert person.account is not None

    for thing in (person.insurer, person.account):
        with pytest.raises(models.ProtectedError):
            thing.delete()


@pytest.mark.parametrize("model", [Address, CardStateChange])
def test_a_history_is_not_rewritten(model: type[Address | CardStateChange]):
    card = a_card(an_insurant())
    CardStateChange.objects.create(card=card, state="active")
    field = "valid_from" if model is Address else "seen_at"

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        model._default_manager.update(**{field: "2020-01-01T00:00Z" if field == "seen_at" else date(2020, 1, 1)})


def test_names_of_rows_tell_nothing_personal():
    person = an_insurant()
    told = f"{person} {person.addresses.get()} {person.cards.get()}"

    assert "Muster" not in told
    assert "80276" not in told


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        ("1964-08-12", date(2026, 8, 11), 61),
        ("1964-08-12", date(2026, 8, 12), 62),
        ("1964-08-00", date(2026, 8, 30), 61),
        ("1964-00-00", date(2026, 12, 30), 61),
        ("2008-02-29", date(2026, 2, 28), 17),
    ],
)
def test_an_age_is_the_youngest_possible_one(birth_date: str, day: date, age: int):
    assert an_insurant(birth_date=birth_date).age_on(day) == age
