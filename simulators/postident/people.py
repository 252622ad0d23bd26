"""What stands on a document, and how it may differ from what the register knows.

A document is a dict in snake case: type, first_name, last_name, birth_name, birth_date, birth_place, nationality,
address (dict or None), number, date_issued, date_of_expiry, authority, country_of_document, pseudonym.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from simulators.json_types import Json

PASSPORTS = frozenset({"2", "5"})
DOCUMENT_TYPES: Mapping[str, str] = {
    "1": "Personalausweis",
    "2": "Reisepass (ohne Anschrift)",
    "3": "Aufenthaltstitel",
    "4": "vorläufiger Personalausweis",
    "5": "vorläufiger Reisepass (ohne Anschrift)",
    "6": "Reiseausweis für Ausländer",
    "7": "Reiseausweis für Flüchtlinge",
    "8": "Reiseausweis für Staatenlose",
    "9": "Diplomatenpass",
    "10": "Dienstpass",
    "11": "Ersatz-Personalausweis",
    "12": "sonstiges Reisedokument",
}
INVENTED: Mapping[str, object] = {
    "type": "1",
    "first_name": "Erika",
    "last_name": "Mustermann",
    "birth_name": None,
    "birth_date": "1964-08-12",
    "birth_place": "Berlin",
    "nationality": "DEU",
    "address": {"street_address": "Heidestraße 17", "postal_code": "51147", "city": "Köln", "country": "DEU"},
    "authority": "Stadt Köln",
    "country_of_document": "DEU",
}
_ADDRESS_KEYS = {"street_address": "streetAddress", "postal_code": "postalCode", "city": "city", "country": "country"}
_DOCUMENT_KEYS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "birth_name": "birthName",
    "birth_date": "birthDate",
    "birth_place": "birthPlace",
    "nationality": "nationality",
    "type": "type",
    "number": "number",
    "date_issued": "dateIssued",
    "date_of_expiry": "dateOfExpiry",
}
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


def document_for(order: Json, case_id: str, today: date) -> Json:
    """Return the document that shows just what was ordered; what the order leaves out is invented."""
    given = order.get("identificationDocumentProvided") or {}
    contact = order.get("contactDataProvided") or {}
    document: Json = dict(INVENTED) | {
        "number": f"SIM{case_id[:6]}",
        "date_issued": (today - timedelta(days=5 * 365)).isoformat(),
        "date_of_expiry": (today + timedelta(days=5 * 365)).isoformat(),
    }
    for own, theirs in _DOCUMENT_KEYS.items():
        value = given.get(theirs) or contact.get(theirs)
        if value:
            document[own] = str(value)
    address = contact.get("address") or {}
    if address.get("streetAddress"):
        document["address"] = {own: address.get(theirs) for own, theirs in _ADDRESS_KEYS.items()}
    return document


def altered(document: Json, overrides: Json, today: date) -> Json:
    """Return the document with given values laid over it: `expired` and `difference` are switches, not values."""
    values = {key: value for key, value in overrides.items() if key not in {"expired", "difference"}}
    changed = {**document, **values}
    if changed["type"] in PASSPORTS and "address" not in overrides:
        changed["address"] = None
    if overrides.get("expired"):
        changed["date_of_expiry"] = (today - timedelta(days=1)).isoformat()
    return with_differences(changed, overrides.get("difference"))


def with_differences(document: Json, names: str | Iterable[str] | None) -> Json:
    """Apply one named difference or several in turn; raise ValueError for an unknown name."""
    for name in [names] if isinstance(names, str) else names or ():
        if name not in _DIFFERENCES:
            raise ValueError(f"unknown difference {name}")
        document = _DIFFERENCES[name][1](document)
    return document


def _on_names(change: Callable[[str], str], *keys: str, places: bool = False) -> Callable[[Json], Json]:
    """Make a change of some text fields of a document; `places` takes street and city along."""

    def apply(document: Json) -> Json:
        changed: Json = {key: change(document[key]) for key in keys if document.get(key)}
        address = document.get("address")
        if places and address:
            parts = {key: change(address[key]) for key in ("street_address", "city") if address.get(key)}
            changed["address"] = {**address, **parts}
        return {**document, **changed}

    return apply


def transcribed(text: str) -> str:
    """Write MUELLER for MÜLLER; a text without umlauts gets them where it could have had them."""
    if not any(letter in text for letter in _UMLAUTS):
        for umlaut, pair in _UMLAUTS.items():
            text = text.replace(pair, umlaut).replace(pair.upper(), umlaut.upper())
        return text
    capitals = text == text.upper()
    for umlaut, pair in _UMLAUTS.items():
        text = text.replace(umlaut, pair.upper() if capitals else pair)
    return text


def _all_given_names(document: Json) -> Json:
    return {**document, "first_name": f"{document['first_name']} Maria Alexandra"}


def _changed_last_name(document: Json) -> Json:
    new = "Neumann" if document["last_name"].casefold() != "neumann" else "Altmann"
    return {**document, "last_name": new, "birth_name": document["last_name"]}


def _other_birth_date(document: Json) -> Json:
    try:
        birth = date.fromisoformat(document["birth_date"])
    except ValueError:
        return {**document, "birth_date": "1964-08-12"}
    return {**document, "birth_date": (birth + timedelta(days=1)).isoformat()}


def _birth_year_only(document: Json) -> Json:
    return {**document, "birth_date": re.sub(r"^([0-9]{4}).*", r"\1-00-00", document["birth_date"])}


def _birth_name_as_last_name(document: Json) -> Json:
    return {**document, "last_name": document.get("birth_name") or "Gabler", "birth_name": document["last_name"]}


_DIFFERENCES: Mapping[str, tuple[str, Callable[[Json], Json]]] = {
    "capitals": (
        "alles in Großbuchstaben",
        _on_names(str.upper, "first_name", "last_name", "birth_name", "birth_place", places=True),
    ),
    "all_given_names": ("alle Vornamen", _all_given_names),
    "umlaut_transcribed": (
        "MUELLER statt MÜLLER (oder umgekehrt)",
        _on_names(transcribed, "first_name", "last_name", "birth_name"),
    ),
    "sharp_s_as_ss": (
        "ß als SS (oder umgekehrt)",
        _on_names(
            lambda text: text.replace("ß", "ss") if "ß" in text else text.replace("ss", "ß"),
            "first_name",
            "last_name",
            "birth_name",
        ),
    ),
    "hyphen_as_blank": (
        "Leerzeichen statt Bindestrich",
        _on_names(lambda text: text.replace("-", " "), "first_name", "last_name", "birth_name"),
    ),
    "blank_as_hyphen": (
        "Bindestrich statt Leerzeichen",
        _on_names(lambda text: text.replace(" ", "-"), "first_name", "last_name", "birth_name"),
    ),
    "cut_35": ("nach 35 Zeichen abgeschnitten", _on_names(lambda text: text[:35], "first_name", "last_name")),
    "changed_last_name": ("anderer Familienname", _changed_last_name),
    "other_birth_date": ("anderes Geburtsdatum", _other_birth_date),
    "swapped_names": (
        "Vor- und Familienname vertauscht",
        lambda document: {**document, "first_name": document["last_name"], "last_name": document["first_name"]},
    ),
    "title_added": (
        "Doktorgrad beim Namen",
        lambda document: {**document, "last_name": f"Dr. {document['last_name']}"},
    ),
    "birth_year_only": ("nur das Geburtsjahr", _birth_year_only),
    "birth_name_as_last_name": ("Geburtsname als Familienname", _birth_name_as_last_name),
}
DIFFERENCES: tuple[str, ...] = tuple(_DIFFERENCES)
DIFFERENCE_LABELS: Mapping[str, str] = {name: label for name, (label, _) in _DIFFERENCES.items()}
