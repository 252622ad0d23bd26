"""What was read from the document: ResultValues `{"status": "match", "value": "…"}` become DocumentFacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from identity.providers.ports import DocumentFacts, PostalAddress
from identity.providers.postident import values
from identity.providers.postident.values import CHECKED, KNOWN_STATUSES, Remarks

# 6 to 12 are travel and service documents; which is which is not public.
DOCUMENT_TYPES: Mapping[str, str] = {
    "1": "id_card",
    "2": "passport",
    "3": "residence_title",
    "4": "temporary_id_card",
    "5": "temporary_passport",
    **{str(number): f"travel_document_{number}" for number in range(6, 13)},
}
FIELDS: Mapping[str, str] = {
    "document_type": "type",
    "country": "countryOfDocument",
    "expires_on": "dateOfExpiry",
    "given_names": "firstName",
    "family_name": "lastName",
    "birth_name": "birthName",
    "birth_date": "birthDate",
    "birth_place": "birthPlace",
    "nationality": "nationality",
}
HOUSE_NUMBER = re.compile(r"(?P<street>.*\D)\s+(?P<number>\d+\s?[A-Za-z]?(?:\s?[-/+]\s?\d+\s?[A-Za-z]?)*)")


def read_document(given: object, remarks: Remarks) -> DocumentFacts | None:
    """Return the facts; None without a document. `unchecked` names the fields without a status that proves them."""
    fields = values.group(given, "document", remarks)
    if not fields:
        return None
    read, unchecked = {}, set()
    for ours, theirs in FIELDS.items():
        read[ours], is_checked = result_value(fields.get(theirs), remarks)
        if read[ours] and not is_checked:
            unchecked.add(ours)
    address, is_checked = _address(fields.get("address"), remarks)
    if address and not is_checked:
        unchecked.add("address")
    return DocumentFacts(
        document_type=_document_type(read["document_type"], remarks),
        country=values.country(read["country"], remarks),
        expires_on=values.day(read["expires_on"], remarks),
        given_names=read["given_names"],
        family_name=read["family_name"],
        birth_name=read["birth_name"],
        birth_date=values.birth_date(read["birth_date"], remarks),
        birth_place=read["birth_place"],
        nationality=values.country(read["nationality"], remarks),
        address=address,
        unchecked=frozenset(unchecked),
    )


def result_value(given: object, remarks: Remarks) -> tuple[str, bool]:
    """Return the text of a ResultValue and whether its status proves it. A status nobody knows proves nothing."""
    if given is None:
        return "", True
    if not isinstance(given, dict):
        remarks.note("odd_value")
        return values.plain(given), False
    value, status = given.get("value"), given.get("status")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a document type may come as a number
    if value is not None and not isinstance(value, str):
        remarks.note("odd_value")
    if not isinstance(status, str) or status not in KNOWN_STATUSES:
        remarks.note("unknown_value_status", status)
        return values.plain(value), False
    return values.plain(value), status in CHECKED


def _document_type(value: str, remarks: Remarks) -> str:
    if value and value not in DOCUMENT_TYPES:
        remarks.note("unknown_document_type", value)
    return DOCUMENT_TYPES.get(value, "")


def _address(given: object, remarks: Remarks) -> tuple[PostalAddress | None, bool]:
    """Return the address and whether all of it is proven; None for null and for the empty group of a passport."""
    fields = values.group(given, "address", remarks)
    read: dict[str, tuple[str, bool]] = {
        name: result_value(fields.get(name), remarks)
        for name in ("streetAddress", "appendix", "postalCode", "city", "country")
    }
    if not any(text for text, _ in read.values()):
        return None, True
    street, number = _street(read["streetAddress"][0])
    address = PostalAddress(
        street=street,
        house_number=number,
        supplement=read["appendix"][0],
        postcode=read["postalCode"][0],
        city=read["city"][0],
        country=values.country(read["country"][0], remarks),
    )
    return address, all(is_checked for text, is_checked in read.values() if text)


def _street(text: str) -> tuple[str, str]:
    found: Any = HOUSE_NUMBER.fullmatch(text)
    return (found["street"], found["number"]) if found else (text, "")
