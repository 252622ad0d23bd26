"""One row of the register: from texts to a checked value. Pure; what is wrong becomes RowRejected."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from identity.matching import PartialDate
from identity.members import ik, kvnr
from identity.members.register.reasons import RowRejected

FIELDS = (
    "kvnr", "ik", "given_names", "family_name", "name_prefix", "title", "birth_name", "birth_date", "street",
    "house_number", "address_supplement", "postcode", "city", "country", "address_valid_from", "register_matched_on",
    "email", "member_from", "member_to", "died_on", "representative_kvnr", "cards",
)  # fmt: skip
FORBIDDEN = frozenset({"pin", "puk", "can"})  # P9: never taken, so never read
CARD_STATES = frozenset({"active", "blocked", "replaced", "expired"})
ACTIVE = "active"
LONGEST_TEXT = 200
LONGEST_EMAIL = 320
MOST_CARDS = 50

_POSTCODE = re.compile(r"[0-9]{5}")
_COUNTRY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_ICCSN = re.compile(r"80276[0-9]{15}")
_YES_OR_NO: Mapping[Any, bool] = {"yes": True, "no": False, True: True, False: False}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class AddressRow:
    street: str
    house_number: str
    supplement: str
    postcode: str
    city: str
    country: str
    valid_from: date
    register_matched_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class CardRow:
    iccsn: str
    nfc: bool
    issued_on: date
    state: str


@dataclass(frozen=True, slots=True, repr=False)
class RegisterRow:
    """A row that may be written. Its repr says nothing, so that no name gets into a log by accident."""

    kvnr: str
    ik: str
    given_names: str
    family_name: str
    name_prefix: str
    title: str
    birth_name: str
    birth_date: str
    email: str
    representative_kvnr: str
    member_from: date | None
    member_to: date | None
    died_on: date | None
    address: AddressRow | None
    cards: tuple[CardRow, ...]

    def canonical(self) -> str:
        """Return all of it as one text: the same for the same facts, in whatever form and order the file gave them."""
        address = self.address
        where = None
        if address:
            where = [address.street, address.house_number, address.supplement, address.postcode, address.city,
                     address.country, str(address.valid_from), str(address.register_matched_on)]  # fmt: skip
        cards = [[card.iccsn, card.nfc, str(card.issued_on), card.state] for card in self.cards]
        days = [str(self.member_from), str(self.member_to), str(self.died_on)]
        names = [self.given_names, self.family_name, self.name_prefix, self.title, self.birth_name, self.birth_date]
        return json.dumps([self.kvnr, self.ik, *names, self.email, self.representative_kvnr, *days, where, cards])


def read_row(record: Record, *, today: date, only_ik: str = "") -> RegisterRow:
    """Return the row of a record with all FIELDS (texts or None; cards a text, or a list of objects).

    only_ik  the one insurer whose rows are wanted; rows that name none belong to it
    Raises RowRejected.
    """
    number = _kvnr(record, "kvnr")
    birth_date = _birth_date(record, today)
    member_from, member_to = _day(record, "member_from"), _day(record, "member_to")
    if member_to and (member_from is None or member_to < member_from):
        raise RowRejected("membership_in_reverse", "member_to")
    died_on = _day(record, "died_on")
    if died_on and died_on > today:
        raise RowRejected("date_in_future", "died_on")
    if died_on and died_on < birth_date.earliest():
        raise RowRejected("died_before_birth", "died_on")
    representative = _kvnr(record, "representative_kvnr") if _text(record, "representative_kvnr") else ""
    if representative == number:
        raise RowRejected("representative_self", "representative_kvnr")
    return RegisterRow(
        kvnr=number,
        ik=_ik(record, only_ik),
        given_names=_required(record, "given_names"),
        family_name=_required(record, "family_name"),
        name_prefix=_text(record, "name_prefix"),
        title=_text(record, "title"),
        birth_name=_text(record, "birth_name"),
        birth_date=birth_date.isoformat(),
        email=_email(record),
        representative_kvnr=representative,
        member_from=member_from,
        member_to=member_to,
        died_on=died_on,
        address=_address(record, today),
        cards=_cards(record["cards"]),
    )


def _text(record: Record, field: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text in NFC, each run of white space one blank, none at the ends."""
    value = record[field]
    if value == "" or value is None:
        return ""
    if not isinstance(value, str):
        raise RowRejected("not_text", field)
    value = " ".join(value.split())
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if not value.isprintable():
        raise RowRejected("text_unprintable", field)
    if len(value) > longest:
        raise RowRejected("text_too_long", field)
    return value


def _required(record: Record, field: str) -> str:
    return _text(record, field) or _reject("required", field)


def _reject(code: str, field: str) -> str:
    raise RowRejected(code, field)


def _kvnr(record: Record, field: str) -> str:
    try:
        return kvnr.parse(_required(record, field))
    except ValueError:
        raise RowRejected("kvnr_malformed", field) from None


def _ik(record: Record, only_ik: str) -> str:
    text = _text(record, "ik")
    if not text and only_ik:
        return only_ik
    try:
        found = ik.parse(text or _reject("required", "ik"))
    except ValueError:
        raise RowRejected("ik_malformed", "ik") from None
    if only_ik and found != only_ik:
        raise RowRejected("insurer_other", "ik")
    return found


def _birth_date(record: Record, today: date) -> PartialDate:
    try:
        born = PartialDate.parse(_required(record, "birth_date"))
    except ValueError:
        raise RowRejected("birth_date_malformed", "birth_date") from None
    if born.earliest() > today:
        raise RowRejected("date_in_future", "birth_date")
    return born


def _day(record: Record, field: str) -> date | None:
    text = _text(record, field)
    return _iso_day(text, "date_malformed", field) if text else None


def _iso_day(text: str, code: str, field: str) -> date:
    try:
        if len(text) != 10 or text[4] != "-" or text[7] != "-":  # Python also reads weeks and days without hyphens
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise RowRejected(code, field) from None


def _email(record: Record) -> str:
    text = _text(record, "email", LONGEST_EMAIL)
    return text if not text or _EMAIL.fullmatch(text) else _reject("email_malformed", "email")


def _address(record: Record, today: date) -> AddressRow | None:
    """Return the address; None when the register knows none. Half an address is no address."""
    street, city, postcode = _text(record, "street"), _text(record, "city"), _text(record, "postcode")
    house_number, supplement = _text(record, "house_number"), _text(record, "address_supplement")
    valid_from, matched_on = _day(record, "address_valid_from"), _day(record, "register_matched_on")
    if not (street or city or postcode or house_number or supplement):
        return None
    if not (street and city and valid_from):
        raise RowRejected(
            "address_incomplete", "street" if not street else "city" if not city else "address_valid_from"
        )
    country = _text(record, "country") or "DEU"
    if not _COUNTRY.fullmatch(country):
        raise RowRejected("country_malformed", "country")
    if country == "DEU" and not _POSTCODE.fullmatch(postcode):
        raise RowRejected("postcode_malformed", "postcode")
    if matched_on and matched_on > today:
        raise RowRejected("date_in_future", "register_matched_on")
    return AddressRow(street, house_number, supplement, postcode, city, country, valid_from, matched_on)


def _cards(value: Any) -> tuple[CardRow, ...]:
    """Return the cards in the order of their numbers."""
    match value:
        case None | "":
            return ()
        case str():
            parts = [text.split("|") for text in value.split(";") if text.strip()]
        case list() if all(isinstance(card, dict) for card in value):
            parts = [[card.get(name) for name in ("iccsn", "nfc", "issued_on", "state")] for card in value]
        case _:
            raise RowRejected("card_malformed", "cards")
    if len(parts) > MOST_CARDS:
        raise RowRejected("card_malformed", "cards")
    cards = sorted(map(_card, parts), key=lambda card: card.iccsn)
    if len({card.iccsn for card in cards}) < len(cards):
        raise RowRejected("card_twice", "cards")
    if sum(card.state == ACTIVE for card in cards) > 1:
        raise RowRejected("two_active_cards", "cards")
    return tuple(cards)


def _card(parts: list[Any]) -> CardRow:
    if len(parts) != 4:
        raise RowRejected("card_malformed", "cards")
    number, nfc, issued_on, state = (part.strip() if isinstance(part, str) else part for part in parts)
    if not isinstance(number, str) or not _ICCSN.fullmatch(number):
        raise RowRejected("card_number_malformed", "cards")
    if not isinstance(nfc, str | bool) or nfc not in _YES_OR_NO or not isinstance(state, str):
        raise RowRejected("card_malformed", "cards")
    if state not in CARD_STATES or not isinstance(issued_on, str):
        raise RowRejected("card_malformed", "cards")
    return CardRow(number, _YES_OR_NO[nfc], _iso_day(issued_on, "card_malformed", "cards"), state)
