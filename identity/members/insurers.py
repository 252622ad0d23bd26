"""Fictional insurers for demo and tests: one per region, so that each German postcode has one that is responsible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from identity.members.models import Insurer, InsurerArea

Range = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DemoInsurer:
    """An insurer that does not exist. Its telephone number is one of those kept free for fiction."""

    ik: str
    name: str
    region: str
    phone: str
    street: str
    postcode: str
    city: str
    portal_url: str
    areas: tuple[Range, ...]


NAMED = ("name", "region", "phone", "street", "postcode", "city", "portal_url")
HOURS = "Mo–Fr 8–18 Uhr"
DEMO_INSURERS = (
    DemoInsurer(
        "109500969", "Muster-Krankenkasse Nord", "north", "040 66969 100", "Musterweg 1", "20095", "Hamburg",
        "https://nord.muster-krankenkasse.example", (("17000", "29999"),),
    ),
    DemoInsurer(
        "108100111", "Muster-Krankenkasse Ost", "east", "030 23125 200", "Beispielallee 20", "10115", "Berlin",
        "https://ost.muster-krankenkasse.example", (("01000", "16999"), ("98000", "99999")),
    ),
    DemoInsurer(
        "108200225", "Muster-Krankenkasse Mitte", "central", "069 90009 300", "Am Probeplatz 3", "34117", "Kassel",
        "https://mitte.muster-krankenkasse.example", (("30000", "39999"),),
    ),
    DemoInsurer(
        "108300339", "Muster-Krankenkasse West", "west", "0221 4710 400", "Modellring 44", "50667", "Köln",
        "https://west.muster-krankenkasse.example", (("40000", "59999"),),
    ),
    DemoInsurer(
        "108400443", "Muster-Krankenkasse Südwest", "southwest", "069 90009 500", "Schaustraße 5", "60311",
        "Frankfurt am Main", "https://suedwest.muster-krankenkasse.example", (("60000", "79999"),),
    ),
    DemoInsurer(
        "108500558", "Muster-Krankenkasse Süd", "south", "089 99998 600", "Vorlagenplatz 6", "80331", "München",
        "https://sued.muster-krankenkasse.example", (("80000", "97999"),),
    ),
)  # fmt: skip


@transaction.atomic
def seed_insurers() -> list[Insurer]:
    """Create the insurers that are not there yet, with their areas. Twice changes nothing."""
    return [_seed(insurer) for insurer in DEMO_INSURERS]


def _seed(demo: DemoInsurer) -> Insurer:
    named = {name: getattr(demo, name) for name in NAMED}
    insurer, _ = Insurer.objects.get_or_create(ik=demo.ik, defaults={**named, "hours": HOURS})
    for first, last in demo.areas:
        InsurerArea.objects.get_or_create(postcode_from=first, postcode_to=last, defaults={"insurer": insurer})
    return insurer


def demo_areas() -> Mapping[str, list[str]]:
    """Return each IK with the first two digits of its postcodes, as the generator of demo people takes them."""
    return {insurer.ik: [start for area in insurer.areas for start in _starts(*area)] for insurer in DEMO_INSURERS}


def _starts(first: str, last: str) -> list[str]:
    return [f"{start:02d}" for start in range(int(first[:2]), int(last[:2]) + 1)]
