"""What tests of the register share: records as a file gives them, and a run of the import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.actors import SYSTEM
from identity.members.register.importing import Import, Tally
from identity.members.register.reasons import RowRejected
from tests.factories import a_kvnr, an_insurer

CARD = "80276001090000000001"
OTHER_CARD = "80276001090000000002"


def a_record(**given: Any) -> dict[str, Any]:
    """Erika Mustermann as a line of JSON Lines has her."""
    usual: dict[str, Any] = {
        "kvnr": "A123456780",
        "ik": "109500969",
        "given_names": "Erika",
        "family_name": "Mustermann",
        "name_prefix": None,
        "title": "",
        "birth_name": "Gabler",
        "birth_date": "1964-08-12",
        "street": "Heidestraße",
        "house_number": "17",
        "address_supplement": None,
        "postcode": "51147",
        "city": "Köln",
        "country": "DEU",
        "address_valid_from": "2015-01-01",
        "register_matched_on": "2020-03-01",
        "email": "erika@example.org",
        "member_from": "2015-01-01",
        "member_to": None,
        "died_on": None,
        "representative_kvnr": None,
        "cards": [a_card()],
    }
    return usual | given


def a_card(iccsn: str = CARD, **given: Any) -> dict[str, Any]:
    return {"iccsn": iccsn, "nfc": True, "issued_on": "2023-05-01", "state": "active"} | given


def many_records(count: int, start: int = 1) -> list[dict[str, Any]]:
    """People who differ in their numbers."""
    return [
        a_record(kvnr=a_kvnr(number), cards=[a_card(f"80276001{number:012d}")])
        for number in range(start, start + count)
    ]


class Run:
    """Import records and remember what was rejected: (line, code, field)."""

    def __init__(self) -> None:
        self.rejected: list[tuple[int, str, str]] = []

    def __call__(self, *records: dict[str, Any] | RowRejected, **options: Any) -> Tally:
        self.rejected = []
        run = Import(SYSTEM, on_reject=self._note, **options)
        return run.run(enumerate(records, 1))

    def _note(self, line: int, why: RowRejected) -> None:
        self.rejected.append((line, why.code, why.field))

    @property
    def codes(self) -> Sequence[str]:
        return [code for _, code, _ in self.rejected]


@pytest.fixture
def insurers(db: None) -> None:
    an_insurer()
    an_insurer("108500558", name="Muster-Krankenkasse Süd", region="south")


@pytest.fixture
def run_import(insurers: None) -> Run:
    return Run()
