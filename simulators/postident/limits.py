"""What a create call may hold: every field, its length and its shape. Anything else is a 400."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

from simulators.json_types import Json

Problem: TypeAlias = tuple[str, str]
Check: TypeAlias = Callable[[str, str], str | None]

CALLBACKS = ("CouponRequested", "ReviewPending", "Incomplete", "Success", "Declined")
LANGUAGES = ("DE_DE", "EN_UK")
_ALPHA_3 = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _alpha_3(name: str, value: str) -> str | None:
    return None if _ALPHA_3.fullmatch(value) else "must be a country of three capital letters"


def _language(name: str, value: str) -> str | None:
    return None if value in LANGUAGES else f"must be one of {', '.join(LANGUAGES)}"


def _date(name: str, value: str) -> str | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "must be a date YYYY-MM-DD"
    return None if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else "must be a date YYYY-MM-DD"


def _email(name: str, value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else "must be an e-mail address"


def _document_type(name: str, value: str) -> str | None:
    return None if value in {str(number) for number in range(1, 13)} else 'must be "1" to "12"'


def _filled(name: str, value: str) -> str | None:
    return None if value.strip() else "must not be empty"


def _any(name: str, value: str) -> str | None:
    return None


PROCESS: Mapping[str, tuple[int, Check]] = {
    "targetCountry": (3, _alpha_3),
    "preferredLanguage": (5, _language),
    "webHookUrl": (500, _any),
    "referenceId": (14, _filled),
}
CONTACT: Mapping[str, tuple[int, Check]] = {
    "firstName": (35, _any),
    "lastName": (35, _any),
    "mobilePhone": (20, _any),
    "email": (320, _email),
}
ADDRESS: Mapping[str, tuple[int, Check]] = {
    "streetAddress": (55, _any),
    "appendix": (55, _any),
    "postalCode": (11, _any),
    "city": (55, _any),
    "country": (3, _alpha_3),
}
DOCUMENT: Mapping[str, tuple[int, Check]] = {
    "firstName": (35, _any),
    "lastName": (35, _any),
    "birthName": (35, _any),
    "birthDate": (10, _date),
    "birthPlace": (55, _any),
    "nationality": (3, _alpha_3),
    "type": (2, _document_type),
    "number": (20, _any),
    "dateIssued": (10, _date),
    "dateOfExpiry": (10, _date),
}
CUSTOM: Mapping[str, tuple[int, Check]] = {f"custom{number}": (100, _any) for number in range(1, 6)}
WAY_BACK: Mapping[str, tuple[int, Check]] = dict.fromkeys(("webUrl", "iOSUrl", "androidUrl"), (200, _any))
GROUPS: Mapping[str, Mapping[str, tuple[int, Check]]] = {
    "processData": PROCESS,
    "contactDataProvided": CONTACT,
    "identificationDocumentProvided": DOCUMENT,
    "customData": CUSTOM,
}


def problems(order: object, *, allow_http_webhooks: bool) -> list[Problem]:
    """Return field and message for everything that is wrong with a create body; an empty list when nothing is."""
    if not isinstance(order, dict):
        return [("", "must be an object")]
    found = [(key, "unknown field") for key in order if key not in GROUPS]
    for name, fields in GROUPS.items():
        inner = {"contactDataProvided": ["address"], "processData": [f"callbackUrl{each}" for each in CALLBACKS]}
        found += _group(name, order.get(name), fields, inner.get(name, []))
    contact = order.get("contactDataProvided")
    if isinstance(contact, dict):
        found += _group("contactDataProvided.address", contact.get("address"), ADDRESS)
    process = order.get("processData")
    if isinstance(process, dict):
        for each in CALLBACKS:
            found += _group(f"processData.callbackUrl{each}", process.get(f"callbackUrl{each}"), WAY_BACK)
        found += _webhook(process.get("webHookUrl"), allow_http_webhooks)
    return found


def _group(
    path: str, values: object, fields: Mapping[str, tuple[int, Check]], inner: list[str] | None = None
) -> list[Problem]:
    """Check one group of text fields; null stands for a missing group or value."""
    if values is None:
        return []
    if not isinstance(values, dict):
        return [(path, "must be an object or null")]
    found = []
    for key, value in values.items():
        if key in (inner or []) or (key in fields and value is None):
            continue
        message = _field(key, value, fields)
        if message:
            found.append((f"{path}.{key}", message))
    return found


def _field(key: str, value: object, fields: Mapping[str, tuple[int, Check]]) -> str | None:
    if key not in fields:
        return "unknown field"
    if key == "type" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return "must be text or null"
    longest, check = fields[key]
    if len(value) > longest:
        return f"must have at most {longest} characters"
    return check(key, value)


def _webhook(url: object, allow_http: bool) -> list[Problem]:
    if not isinstance(url, str) or url.startswith("https://") or (allow_http and url.startswith("http://")):
        return []
    return [("processData.webHookUrl", "must be an HTTPS address")]


def cleaned(order: Json) -> Json:
    """Return a checked body as it is kept: all four groups, and no half name."""
    kept: Json = {name: order.get(name) for name in GROUPS}
    contact = kept["contactDataProvided"]
    if contact and bool(contact.get("firstName")) != bool(contact.get("lastName")):
        kept["contactDataProvided"] = {**contact, "firstName": None, "lastName": None}
    return kept
