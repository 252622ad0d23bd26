"""People for tests, valid by default: a test names only what matters."""

from datetime import date
from typing import Any

from identity.matching import DocumentPerson, PartialDate, RegisterPerson, Verdict, compare

DAY = date(2026, 3, 2)
USUAL: dict[str, Any] = {"given_names": "Anna", "family_name": "Keller", "birth_date": "1964-08-12"}


def a_registered_person(**given: Any) -> RegisterPerson:
    values = USUAL | {"membership_from": "2001-01-01"} | given
    for key in ("membership_from", "membership_to", "died_on"):
        if values.get(key):
            values[key] = date.fromisoformat(values[key])
    values["birth_date"] = PartialDate.parse(values["birth_date"])
    values.pop("unchecked", None)
    return RegisterPerson(**values)


def a_person_on_a_document(**given: Any) -> DocumentPerson:
    values = USUAL | given
    prefix = values.pop("name_prefix", "")
    if prefix and not values["family_name"].startswith(prefix):
        values["family_name"] = f"{prefix} {values['family_name']}"
    for key in ("membership_from", "membership_to", "died_on"):
        values.pop(key, None)
    values["unchecked"] = frozenset(values.get("unchecked", ()))
    return DocumentPerson(**values)


def verdict_on(register: dict[str, Any], document: dict[str, Any]) -> Verdict:
    return compare(a_registered_person(**register), a_person_on_a_document(**document), completed_on=DAY, min_age=16)


def in_words(verdict: Verdict) -> str:
    """Return the kind with what the pairs expect: the differences, or the tolerances of a match."""
    return " ".join([verdict.kind, *sorted(verdict.differences or verdict.tolerances)])
