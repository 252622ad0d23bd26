"""Payloads of POSTIDENT as a test needs them."""

from typing import Any

from identity.providers.ports import ProviderCase, ProviderIdentification
from identity.providers.postident.reading import read_case

CASE = "M3FB00URX4A3"


def match(value: Any, status: Any = "match") -> dict[str, Any]:
    return {"status": status, "value": value}


def a_document(**fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "type": match("1", "new"),
        "number": match("L01X00T47", "new"),
        "firstName": match("Erika"),
        "lastName": match("Mustermann"),
        "birthName": None,
        "birthDate": match("1964-08-12", "new"),
        "birthPlace": match("Berlin", "new"),
        "nationality": match("DEU", "new"),
        "address": {
            "streetAddress": match("Heidestraße 17"),
            "postalCode": match("51147"),
            "city": match("Köln", "change"),
            "country": match("DEU"),
        },
        "dateOfExpiry": match("2031-10-31", "new"),
        "countryOfDocument": match("DEU", "new"),
    }
    return usual | fields


def an_identification(status: Any = "success", **fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "identificationMethod": "basic",
        "identificationStatus": {
            "status": status,
            "subStatus": None,
            "subStatusReason": None,
            "identificationTime": "2026-11-24T10:15:00+01:00",
            "created": "2026-11-24T10:00:00+01:00",
            "modified": "2026-11-24T10:20:00+01:00",
        },
        "identificationDocument": a_document(),
    }
    return usual | fields


def a_payload(*identifications: Any, **fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "caseId": CASE,
        "caseStatus": {"status": "closed", "archived": False, "validUntil": "2026-12-24T23:59:59+01:00"},
        "orderData": {"processData": {"referenceId": "ABCDEFGH234567"}},
        "identifications": list(identifications) or None,
    }
    return usual | fields


def read(*identifications: Any, **fields: Any) -> ProviderCase:
    return read_case(a_payload(*identifications, **fields), CASE)


def only(case: ProviderCase) -> ProviderIdentification:
    (identification,) = case.identifications
    return identification


def with_status(**fields: Any) -> dict[str, Any]:
    found = an_identification()
    found["identificationStatus"] |= fields
    return found
