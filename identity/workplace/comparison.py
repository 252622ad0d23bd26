"""Register and document side by side, compared anew: the register may have been corrected since the result came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from identity.cases.models import Result
from identity.matching import DocumentPerson, PartialDate, compare
from identity.matching.names import read_family, same
from identity.matching.people import DOCUMENT_FIELDS
from identity.members.models import Insurant
from identity.providers.ports import PostalAddress
from identity.workplace.differences import BIRTH, BORN_AS, FAMILY, GIVEN, Words, about
from identity.workplace.words import FIELDS

COMPARED = (GIVEN, FAMILY, BORN_AS, BIRTH)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of components/compare.html; `verdict` says in words what is neither the same nor different."""

    label: str
    left: str | None
    right: str | None
    differs: bool
    verdict: str
    note: str


def codes_today(insurant: Insurant, result: Result, *, minimum_age: int) -> list[str]:
    """Compare what is kept of a document with the register as it stands now, at the day of the identification."""
    person: Mapping[str, Any] = result.person or {}
    shown = DocumentPerson(
        given_names=person.get("given_names"),
        family_name=person.get("family_name"),
        birth_date=person.get("birth_date"),
        birth_name=person.get("birth_name"),
        unchecked=frozenset(person.get("unchecked") or ()) & DOCUMENT_FIELDS,
    )
    day = timezone.localdate(result.identified_at or result.received_at)
    verdict = compare(insurant.register_person(), shown, completed_on=day, min_age=minimum_age)
    return [code.value for code in verdict.differences]


def rows_of(insurant: Insurant, person: Mapping[str, Any], codes: Sequence[str]) -> list[Row]:
    """Return what was compared: register on the left, what the document said on the right."""
    register = register_values(insurant)
    shown = {field: str(person.get(field) or "") for field in COMPARED}
    unchecked = set(person.get("unchecked") or ())
    rows = [_row(field, register[field], shown[field], about(field, codes), field in unchecked) for field in COMPARED]
    if insurant.title:
        title = Row(str(FIELDS["title"]), insurant.title, None, False, _("does not count"), "")
        rows.insert(0, title)
    return rows


def register_values(insurant: Insurant) -> dict[str, str]:
    """Return what the register says, as it would stand on a document."""
    return {
        GIVEN: insurant.given_names,
        FAMILY: f"{insurant.name_prefix} {insurant.family_name}".strip(),
        BORN_AS: insurant.birth_name,
        BIRTH: insurant.birth_date,
    }


def _row(field: str, register: str, document: str, found: list[Words], unchecked: bool) -> Row:
    verdict, note = _verdict(field, register, document, unchecked)
    if found:
        verdict, note = str(found[0].short or _("different")), " ".join(str(each.sentence) for each in found)
    show = birth_date if field == BIRTH else str
    return Row(str(FIELDS[field]), show(register) or None, show(document) or None, bool(found), verdict, note)


def _verdict(field: str, register: str, document: str, unchecked: bool) -> tuple[str, str]:
    """What to say of a row without a code: nothing in it speaks against the person."""
    if not document:
        return (_("missing on the document") if register else _("neither side has one")), ""
    if not register:
        return _("not in the register"), ""
    if unchecked:
        return _("not checked"), _("The provider did not check this, so it proves nothing.")
    if register == document:
        return _("same"), ""
    if field == BORN_AS and not same(read_family(register), read_family(document)):
        return _("different"), _("Does not count here: the family names decide.")
    return _("same"), _("Written differently, but the rules count it as the same.")


def birth_date(text: str) -> str:
    """Return a birth date in figures, with dashes for what is not known: 12.08.1964, –.08.1964, –.–.1964."""
    try:
        read = PartialDate.parse(text)
    except ValueError:
        return text
    day, month = (f"{part:02d}" if part else "–" for part in (read.day, read.month))
    return f"{day}.{month}.{read.year:04d}"


def two_people(one: Insurant, other: Insurant) -> list[Row]:
    """Return two people of the register side by side, when one document stands for both."""
    left, right = register_values(one), register_values(other)
    rows = []
    for field in COMPARED:
        alike = left[field].casefold() == right[field].casefold()
        show = birth_date if field == BIRTH else str
        word = _("same") if alike else _("different")
        rows.append(Row(str(FIELDS[field]), show(left[field]) or None, show(right[field]) or None, not alike, word, ""))
    return rows


def address_line(address: PostalAddress | Mapping[str, str] | None) -> str:
    """Return an address in one line; empty for none."""
    if not address:
        return ""
    if not isinstance(address, PostalAddress):
        address = PostalAddress(**{name: address.get(name) or "" for name in PostalAddress.__slots__})
    parts = [f"{address.street} {address.house_number}", address.supplement, f"{address.postcode} {address.city}"]
    return ", ".join(part.strip() for part in parts if part.strip())


def unchecked_words(person: Mapping[str, Any]) -> str:
    """Return the names of all that the provider did not check."""
    names: Iterable[str] = person.get("unchecked") or ()
    return ", ".join(str(FIELDS.get(name, name)) for name in names)


def expired_before(result: Result, day: date) -> bool:
    """Return whether the document was no longer valid on a day."""
    return result.document_expires_on is not None and result.document_expires_on < day
