"""An order that is valid by default; a test names only what matters."""

import secrets
from typing import Any

from identity.providers.ports import PostalAddress, StartOrder

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def an_address(**given: str) -> PostalAddress:
    usual = {
        "street": "Hauptstraße",
        "house_number": "5a",
        "supplement": "",
        "postcode": "24103",
        "city": "Kiel",
        "country": "DEU",
    }
    return PostalAddress(**usual | given)


def an_order(**given: Any) -> StartOrder:
    usual: dict[str, Any] = {
        "reference": "".join(secrets.choice(ALPHABET) for _ in range(14)),
        "method": "postident_branch",
        "given_names": "Jörg-Uwe",
        "family_name": "von Weiß",
        "birth_name": "Schwarz",
        "birth_date": "1980-04-05",
        "email": "joerg@example.org",
        "language": "de",
        "return_url": "https://vorweis.example/vorgang/7/",
        "address": an_address(),
    }
    return StartOrder(**usual | given)
