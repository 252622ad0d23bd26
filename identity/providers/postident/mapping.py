"""Our order as the JSON of `POST /scr/v1/{clientId}/cases`.

Nothing goes into `identificationDocumentProvided`: it takes only what was read from a document, and all we have comes
from the register. No KVNR goes anywhere. What is too long is cut, what cannot be cut (an e-mail address, a link) is
left out; both are remembered by the name of the field.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from core.errors import Never
from identity.providers.ports import PostalAddress, StartOrder
from identity.providers.postident.countries import alpha_3

NAME, EMAIL, STREET, PLACE, POSTCODE, LINK, WEBHOOK, CUSTOM = 35, 320, 55, 55, 11, 200, 500, 100
LANGUAGES = {"de": "DE_DE", "en": "EN_UK"}
RETURNS = ("CouponRequested", "ReviewPending", "Incomplete", "Success", "Declined")
REFERENCE = re.compile(r"[A-Za-z0-9-]{1,14}")
SHORTENED = "shortened:"  # begins custom2, see `OrderBody`


@dataclass(slots=True)
class OrderBody:
    """The body, and the fields of theirs that do not hold all we know.

    These names also go along as `custom2` ("shortened:firstName,streetAddress"): custom data comes back with the
    result, so that whoever compares the two sees what was cut.
    """

    body: dict[str, Any] = field(default_factory=dict)
    shortened: list[str] = field(default_factory=list)

    def text(self, name: str, value: str, longest: int) -> str | None:
        """Return a text that fits, cut if need be; None when there is nothing."""
        clean = _clean(value)
        if len(clean) > longest:
            self.shortened.append(name)
            clean = _cut(clean, longest)
        return clean or None

    def whole(self, name: str, value: str, longest: int) -> str | None:
        """Return a text that is worthless when cut; None, and remembered, when it is too long."""
        if len(value) > longest:
            self.shortened.append(name)
            return None
        return value or None


def order_body(order: StartOrder, webhook_url: str) -> OrderBody:
    """Return the order as they want it. Raises Never("bad_order") for a reference or a webhook address too long."""
    if not REFERENCE.fullmatch(order.reference) or len(webhook_url) > WEBHOOK:
        raise Never("bad_order")
    made = OrderBody()
    link = made.whole("callbackUrl", order.return_url, LINK)
    process: dict[str, Any] = {
        "targetCountry": "DEU",
        "preferredLanguage": LANGUAGES.get(order.language, LANGUAGES["de"]),
        "webHookUrl": webhook_url,
        "referenceId": order.reference,
    }
    process |= {f"callbackUrl{event}": _link(link) for event in RETURNS}
    contact = _contact(made, order)
    custom: dict[str, str | None] = {f"custom{number}": None for number in range(1, 6)}
    custom["custom1"] = order.reference  # a result under a new case id may carry nothing else that is ours
    custom["custom2"] = (SHORTENED + ",".join(made.shortened))[:CUSTOM] if made.shortened else None
    made.body = {
        "processData": process,
        "contactDataProvided": contact,
        "identificationDocumentProvided": None,
        "customData": custom,
    }
    return made


def _link(url: str | None) -> dict[str, str | None] | None:
    return {"webUrl": url, "iOSUrl": None, "androidUrl": None} if url else None


def _contact(made: OrderBody, order: StartOrder) -> dict[str, Any]:
    first = made.text("firstName", order.given_names, NAME)
    last = made.text("lastName", order.family_name, NAME)
    both = bool(first and last)  # they drop both when one is missing
    return {
        "firstName": first if both else None,
        "lastName": last if both else None,
        "mobilePhone": None,
        "email": made.whole("email", order.email.strip(), EMAIL),
        "address": _address(made, order.address) if order.address else None,
    }


def _address(made: OrderBody, address: PostalAddress) -> dict[str, str | None]:
    return {
        "streetAddress": _street(made, _clean(address.street), _clean(address.house_number)),
        "appendix": made.text("appendix", address.supplement, STREET),
        "postalCode": made.whole("postalCode", _clean(address.postcode), POSTCODE),
        "city": made.text("city", address.city, PLACE),
        "country": alpha_3(address.country) or None,
    }


def _street(made: OrderBody, street: str, number: str) -> str | None:
    """Street and number in one field; when it is too long the street is cut, so that the number stays."""
    room = STREET - len(number) - 1
    if number and 0 < room < len(street):
        made.shortened.append("streetAddress")
        return f"{_cut(street, room)} {number}"
    return made.text("streetAddress", f"{street} {number}", STREET)


def _clean(text: str) -> str:
    """Composed letters, single blanks, nothing invisible: counted as they count."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(map(_visible, composed)).split())


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    return "" if category == "Cf" else " " if category[0] == "C" else sign


def _cut(text: str, longest: int) -> str:
    """Cut to a length without parting a letter from the accents that follow it."""
    end = longest
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip()
