"""Insured people whose every datum is found again wherever it should not be: canaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.actors import SYSTEM
from identity.members import kvnr
from identity.members.demo_people import DemoCard, DemoPerson, as_record
from identity.members.insurers import seed_insurers
from identity.members.register.importing import Import

LETTERS = "bdfgklmnprst"
IK = "109500969"


@dataclass(frozen=True, slots=True)
class Canary:
    """A person of the register, and what else stands on their document."""

    person: DemoPerson
    birth_place: str
    document_number: str
    authority: str

    @property
    def card_last6(self) -> str:
        return self.person.cards[0].iccsn[-6:]

    @property
    def german_birth_date(self) -> str:
        return ".".join(reversed(self.person.birth_date.split("-")))

    @property
    def street_address(self) -> str:
        return f"{self.person.street} {self.person.house_number}"

    def document(self) -> dict[str, str]:
        """Return what a document shows, as the forms of the simulator name it."""
        return {
            "first_name": self.person.given_names,
            "last_name": self.person.family_name,
            "birth_name": self.person.birth_name,
            "birth_date": self.person.birth_date,
            "birth_place": self.birth_place,
        }

    def paper(self) -> dict[str, str]:
        """Return what only somebody at a counter reads from it."""
        return {
            "number": self.document_number,
            "authority": self.authority,
            "street_address": self.street_address,
            "postal_code": self.person.postcode,
            "city": self.person.city,
        }

    def values(self) -> dict[str, str]:
        """Return by name every text that identifies this person."""
        person = self.person
        return {
            "kvnr": person.kvnr,
            "given names": person.given_names,
            "family name": person.family_name,
            "birth name": person.birth_name,
            "birth date": person.birth_date,
            "German birth date": self.german_birth_date,
            "street": person.street,
            "address supplement": person.address_supplement,
            "city": person.city,
            "register's e-mail": person.email,
            "card number": person.cards[0].iccsn,
            "birth place": self.birth_place,
            "document number": self.document_number,
            "authority": self.authority,
        }


def canary(number: int) -> Canary:
    """Return the person of a number: always the same, of age, unlike all others."""
    mark = "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] + "u" for place in range(3))
    stem = f"Q{number:08d}"
    iccsn = f"8027600299{number:04d}{(number * 611_953 + 271_828) % 1_000_000:06d}"
    person = DemoPerson(
        kvnr=f"{stem}{kvnr.check_digit(stem)}",
        ik=IK,
        given_names=f"Xandrika{mark}",
        family_name=f"Quellbrunn{mark}",
        name_prefix="",
        title="",
        birth_name=f"Zwirbelmann{mark}",
        birth_date=(date(1941, 3, 1) + timedelta(number * 397)).isoformat(),
        street=f"Kanarienstieg{mark}",
        house_number="17b",
        address_supplement=f"Hinterhaus {mark}",
        postcode="51147",
        city=f"Vogelfurt{mark}",
        country="DEU",
        address_valid_from=date(2015, 1, 1),
        register_matched_on=date(2026, 1, 1),
        email=f"register.{mark}@kanarien.example",
        member_from=date(2015, 1, 1),
        member_to=None,
        died_on=None,
        representative_kvnr="",
        cards=(DemoCard(iccsn, True, date(2023, 5, 1), "active"),),
    )  # fmt: skip
    return Canary(person, f"Nestheim{mark}", f"LQX{number:04d}ZK", f"Stadt Gefieder{mark}")


def bring_into_register(people: list[Canary]) -> None:
    """Import them. Needs the database."""
    seed_insurers()
    lines = ((number, as_record(each.person)) for number, each in enumerate(people, 1))
    tally = Import(SYSTEM, patient=True).run(lines, facts=lambda: {"format": "demo"})
    assert not tally.rejected, dict(tally.reasons)
