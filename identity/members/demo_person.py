"""The shape of a demo person: one row of the register's import, as CSV and as JSON Lines."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoCard:
    """An eGK: 20 digits on the back, whether it is contactless, and its state: active, blocked, replaced or expired."""

    iccsn: str
    nfc: bool
    issued_on: date
    state: str


@dataclass(frozen=True, slots=True, repr=False)
class DemoPerson:
    """One row of the register's import file, in the order of its header. Names without a value are empty."""

    kvnr: str
    ik: str
    given_names: str
    family_name: str
    name_prefix: str
    title: str
    birth_name: str
    birth_date: str
    street: str
    house_number: str
    address_supplement: str
    postcode: str
    city: str
    country: str
    address_valid_from: date
    register_matched_on: date | None
    email: str
    member_from: date
    member_to: date | None
    died_on: date | None
    representative_kvnr: str
    cards: tuple[DemoCard, ...]


FIELD_NAMES = tuple(field.name for field in fields(DemoPerson))


def as_record(person: DemoPerson) -> dict[str, Any]:
    """Return the person as an object of the JSON Lines import: dates as ISO text, null where there is none."""
    record: dict[str, Any] = {name: _text(getattr(person, name)) for name in FIELD_NAMES[:-1]}
    record["cards"] = [
        {"iccsn": card.iccsn, "nfc": card.nfc, "issued_on": card.issued_on.isoformat(), "state": card.state}
        for card in person.cards
    ]
    return record


def as_row(person: DemoPerson) -> list[str]:
    """Return the person as a line of the CSV import, in the order of FIELD_NAMES."""
    cards = (f"{c.iccsn}|{'yes' if c.nfc else 'no'}|{c.issued_on.isoformat()}|{c.state}" for c in person.cards)
    return [_text(getattr(person, name)) or "" for name in FIELD_NAMES[:-1]] + [";".join(cards)]


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
