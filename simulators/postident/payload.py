"""The result as POSTIDENT would write it, and the ways in which a fault may bend it."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from simulators.faults import FaultBook
from simulators.json_types import Json
from simulators.postident.cases import Attempt, Case
from simulators.postident.pdf import record_pdf

_DOCUMENT_FIELDS: Mapping[str, str] = {
    "type": "type",
    "number": "number",
    "firstName": "first_name",
    "lastName": "last_name",
    "birthName": "birth_name",
    "birthDate": "birth_date",
    "birthPlace": "birth_place",
    "nationality": "nationality",
    "dateIssued": "date_issued",
    "dateOfExpiry": "date_of_expiry",
    "authority": "authority",
    "countryOfDocument": "country_of_document",
}
_ADDRESS_FIELDS: Mapping[str, str] = {
    "streetAddress": "street_address",
    "appendix": "appendix",
    "postalCode": "postal_code",
    "city": "city",
    "country": "country",
}
_NOT_RELEASED_BY_EID = frozenset({"number", "dateIssued", "authority"})


def result_payload(case: Case, valid_until: str, now: datetime, *, with_binary_data: bool) -> Json:
    """Return the plain result of a case, as readable at this moment."""
    status, attempts = case.status, case.attempts
    if not case.is_readable(now) and case.earlier is not None:
        status = case.earlier["status"]
        attempts = [Attempt(**attempt) for attempt in case.earlier["attempts"]]
    return {
        "caseId": case.case_id,
        "caseStatus": {
            "status": status,
            "archived": case.archived,
            "validUntil": valid_until,
            "created": case.created,
            "modified": case.modified,
        },
        "orderData": case.order or None,
        "contactData": _contact_data(case),
        "accountingData": {"accountingNumber": f"SIM-{case.client_id}", "accountingProduct": None},
        "identifications": [_identification(case, attempt, with_binary_data) for attempt in attempts] or None,
    }


def _contact_data(case: Case) -> Json | None:
    """Return what was provided, as values that nobody verified."""
    given = case.order.get("contactDataProvided")
    if not given:
        return None
    address = given.get("address")
    values: Json = {
        key: _unchecked(given[key]) for key in ("firstName", "lastName", "mobilePhone", "email") if given.get(key)
    }
    values["address"] = {key: _unchecked(value) for key, value in address.items() if value} if address else None
    return values


def _unchecked(value: object) -> Json:
    return {"status": "unchecked", "value": value}


def _identification(case: Case, attempt: Attempt, with_binary_data: bool) -> Json:
    is_visit = attempt.method == "basic"
    return {
        "identificationMethod": attempt.method,
        "identificationStatus": {
            "status": attempt.status,
            "subStatus": attempt.sub_status,
            "subStatusReason": attempt.sub_status_reason,
            "identificationTime": attempt.identification_time,
            "created": attempt.created,
            "modified": attempt.modified,
        },
        "identificationDocument": _document(case, attempt),
        "records": [_record(case, with_binary_data)] if is_visit and attempt.document else None,
        "additionalDataBasic": {"couponRequestedCounter": 1, "couponUsedCounter": int(bool(attempt.document))}
        if is_visit
        else None,
        "additionalDataEid": _eid_data(attempt) if attempt.method == "eid" and attempt.document else None,
    }


def _document(case: Case, attempt: Attempt) -> Json | None:
    """Return the document as ResultValues: `match` or `change` against the order, `unchecked` when not verified."""
    document = attempt.document
    if document is None:
        return None
    given = _given_values(case.order)
    hidden = _NOT_RELEASED_BY_EID if attempt.method == "eid" else frozenset()
    values: Json = {
        name: _value(document.get(key), given.get(name), attempt.verified)
        for name, key in _DOCUMENT_FIELDS.items()
        if name not in hidden
    }
    address = document.get("address") or {}
    values["address"] = {
        name: _value(address[key], given.get(f"address.{name}"), attempt.verified)
        for name, key in _ADDRESS_FIELDS.items()
        if address.get(key)
    }
    return values


def _given_values(order: Json) -> Json:
    """Return what the client said, by the names that the result uses."""
    contact = order.get("contactDataProvided") or {}
    document = order.get("identificationDocumentProvided") or {}
    given = {key: contact.get(key) for key in ("firstName", "lastName")}
    given |= {key: value for key, value in document.items() if value}
    return given | {f"address.{key}": value for key, value in (contact.get("address") or {}).items()}


def _value(value: object, given: object, verified: bool) -> Json | None:
    if value is None or value == "":
        return None
    if not verified:
        status = "unchecked"
    elif given is None or given == "":
        status = "new"
    else:
        status = "match" if str(given) == str(value) else "change"
    return {"status": status, "value": value}


def _record(case: Case, with_binary_data: bool) -> Json:
    data = base64.b64encode(record_pdf(case.case_id)).decode() if with_binary_data else None
    return {
        "recordId": f"R{case.case_id}",
        "type": "IDENTIFICATION_FORM",
        "mimeType": "application/pdf",
        "fileName": f"{case.case_id}.pdf",
        "documentData": data,
    }


def _eid_data(attempt: Attempt) -> Json:
    """Return a pseudonym that the same person with the same kind of card gets every time."""
    document = attempt.document or {}
    who = "|".join(str(document.get(key)).casefold() for key in ("first_name", "last_name", "birth_date", "type"))
    pseudonym = document.get("pseudonym") or hashlib.sha256(f"simulator|{who}".encode()).hexdigest()
    return {"pseudonym": pseudonym, "cardType": "eAT" if document.get("type") == "3" else "nPA"}


def bent(payload: Json, faults: FaultBook, case_id: str) -> Json:
    """Return the payload as the switched-on faults leave it."""
    for name, bend in _BENDS.items():
        parameters = faults.take(name, case_id)
        if parameters is not None:
            bend(payload, parameters)
    return payload


def _holders(payload: Json) -> list[Json]:
    """Return every object in which an optional group may stand."""
    holders = [payload]
    for identification in payload.get("identifications") or []:
        holders += [identification, identification["identificationStatus"]]
        if identification.get("identificationDocument"):
            holders.append(identification["identificationDocument"])
    return holders


def _null_groups(payload: Json, parameters: Json) -> None:
    for holder in _holders(payload):
        holder.update({group: None for group in parameters["groups"] if group in holder})


def _missing_groups(payload: Json, parameters: Json) -> None:
    for holder in _holders(payload):
        for group in parameters["groups"]:
            holder.pop(group, None)


def _extra_keys(payload: Json, parameters: Json) -> None:
    for holder in [*_holders(payload), payload["caseStatus"]]:
        holder["xNewFeature"] = {"enabled": True, "values": [1, "zwei", None]}


def _null_identifications(payload: Json, parameters: Json) -> None:
    payload["identifications"] = None


def _case_status(payload: Json, parameters: Json) -> None:
    payload["caseStatus"]["status"] = parameters["value"]


def _archived(payload: Json, parameters: Json) -> None:
    payload["caseStatus"]["archived"] = True


def _each_identification(change: Callable[[Json, Any], None]) -> Callable[[Json, Json], None]:
    def bend(payload: Json, parameters: Json) -> None:
        for identification in payload.get("identifications") or []:
            change(identification, parameters["value"])

    return bend


def _method(identification: Json, value: object) -> None:
    identification["identificationMethod"] = value


def _status(identification: Json, value: object) -> None:
    identification["identificationStatus"]["status"] = value


def _value_status(identification: Json, value: object) -> None:
    for entry in (identification["identificationDocument"] or {}).values():
        if entry and "status" in entry:
            entry["status"] = value


def _document_type(identification: Json, value: object) -> None:
    if identification["identificationDocument"]:
        identification["identificationDocument"]["type"]["value"] = value


_BENDS: Mapping[str, Callable[[Json, Json], None]] = {
    "archived": _archived,
    "unknown_case_status": _case_status,
    "unknown_method": _each_identification(_method),
    "unknown_identification_status": _each_identification(_status),
    "unknown_value_status": _each_identification(_value_status),
    "unknown_document_type": _each_identification(_document_type),
    "extra_keys": _extra_keys,
    "null_groups": _null_groups,
    "missing_groups": _missing_groups,
    "null_identifications": _null_identifications,
}
