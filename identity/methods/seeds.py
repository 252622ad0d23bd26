"""The methods of rules.md as they stand when an installation is new: names and plain words, admissions, two suspensions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

HIGH, SUBSTANTIAL = 3, 2
ORDER_OF_2022: Final = datetime(2022, 8, 9, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SINCE: Final = date(2021, 1, 1)

METHODS: Final[list[dict[str, Any]]] = [
    {
        "code": "postident_eid", "provider": "postident", "setting": "online", "minimum_age": 16, "position": 10,
        "name_de": "Online-Ausweis", "name_en": "Online ID card",
        "summary_de": "Sie halten Ihren Personalausweis an das Handy und geben Ihre Ausweis-PIN ein. Das geht sofort und von zu Hause.",
        "summary_en": "You hold your ID card to your phone and enter its PIN. It works at once and from home.",
        "needs_de": "Personalausweis, eID-Karte oder Aufenthaltstitel mit Online-Funktion\nIhre 6-stellige Ausweis-PIN\nein Handy mit NFC",
        "needs_en": "ID card, eID card or residence permit with the online function\nyour 6-digit card PIN\na phone with NFC",
        "duration_de": "etwa 10 Minuten", "duration_en": "about 10 minutes",
    },
    {
        "code": "postident_branch", "provider": "postident", "setting": "post_office", "minimum_age": 16, "position": 20,
        "name_de": "In einer Postfiliale", "name_en": "In a post office",
        "summary_de": "Sie bekommen einen Coupon und zeigen ihn mit Ihrem Ausweis in einer Postfiliale vor.",
        "summary_en": "You get a coupon and show it with your ID in a post office.",
        "needs_de": "Personalausweis oder Reisepass (kein Führerschein)\nden Coupon, gedruckt oder auf dem Handy",
        "needs_en": "ID card or passport (no driving licence)\nthe coupon, printed or on your phone",
        "duration_de": "etwa 15 Minuten in der Filiale, Ergebnis meist am selben Tag",
        "duration_en": "about 15 minutes in the post office, result mostly on the same day",
    },
    {
        "code": "insurer_branch", "provider": "", "setting": "branch", "minimum_age": 15, "position": 30, "staff_only": True,
        "represented_below": True,
        "name_de": "In unserer Geschäftsstelle", "name_en": "In our branch",
        "summary_de": "Sie kommen mit Ausweis und Gesundheitskarte zu uns. Sie brauchen kein Handy und keinen Computer.",
        "summary_en": "You come to us with your ID and health card. You need no phone and no computer.",
        "needs_de": "Personalausweis oder Reisepass\nIhre Gesundheitskarte\nunter 15 Jahren: eine sorgeberechtigte Person mit Ausweis",
        "needs_en": "ID card or passport\nyour health card\nbelow 15 years: a legal guardian with ID",
        "duration_de": "etwa 15 Minuten", "duration_en": "about 15 minutes",
    },
    {
        "code": "video_ident", "provider": "videoident", "setting": "online", "minimum_age": 16, "position": 40,
        "document_check": SUBSTANTIAL, "person_check": SUBSTANTIAL,
        "name_de": "Video-Anruf (Video-Ident)", "name_en": "Video call (Video-Ident)",
        "summary_de": "Sie zeigen Ihren Ausweis in einem Video-Anruf.", "summary_en": "You show your ID in a video call.",
    },
    {
        "code": "robo_ident", "provider": "videoident", "setting": "online", "minimum_age": 16, "position": 50,
        "document_check": SUBSTANTIAL, "person_check": SUBSTANTIAL,
        "name_de": "Automatisches Video (Robo-Ident)", "name_en": "Automated video (Robo-Ident)",
        "summary_de": "Ein Programm prüft ein Video von Ihnen und Ihrem Ausweis.",
        "summary_en": "A program checks a video of you and your ID.",
    },
    {
        "code": "nect_epass", "provider": "nect", "setting": "online", "minimum_age": 16, "position": 60,
        "name_de": "Nect ePass", "name_en": "Nect ePass",
        "summary_de": "Sie lesen in der App des Anbieters den Chip Ihres Ausweises aus und machen ein Selfie.",
        "summary_en": "In the provider's app you read the chip of your ID and take a selfie.",
    },
    {
        "code": "egk_pin", "provider": "egk", "setting": "online", "minimum_age": 15, "position": 70,
        "name_de": "Gesundheitskarte mit PIN", "name_en": "Health card with PIN",
        "summary_de": "Sie halten Ihre Gesundheitskarte an das Handy und geben deren PIN ein.",
        "summary_en": "You hold your health card to your phone and enter its PIN.",
    },
    {
        "code": "gesundheitsid", "provider": "gesundheitsid", "setting": "online", "minimum_age": 15, "position": 80,
        "name_de": "GesundheitsID", "name_en": "GesundheitsID (digital identity)",
        "summary_de": "Sie melden sich mit Ihrer vorhandenen GesundheitsID an.",
        "summary_en": "You log in with the GesundheitsID that you have.",
    },
    {
        "code": "embassy", "provider": "", "setting": "paper", "minimum_age": 16, "position": 90, "staff_only": True,
        "name_de": "Deutsche Auslandsvertretung", "name_en": "German embassy or consulate",
        "summary_de": "Im Ausland: Eine deutsche Botschaft oder ein Konsulat bestätigt Ihre Identität auf Papier.",
        "summary_en": "Abroad: a German embassy or consulate certifies your identity on paper.",
    },
    {
        "code": "notary", "provider": "", "setting": "paper", "minimum_age": 16, "position": 100, "staff_only": True,
        "name_de": "Notariat", "name_en": "Notary",
        "summary_de": "Eine Notarin oder ein Notar bestätigt Ihre Identität auf Papier.",
        "summary_en": "A notary certifies your identity on paper.",
    },
    {
        "code": "pharmacy", "provider": "apoident", "setting": "branch", "minimum_age": 16, "position": 110,
        "name_de": "Apotheke (Apo-Ident)", "name_en": "Pharmacy (Apo-Ident)",
        "summary_de": "Geplant: Sie zeigen Ihren Ausweis in einer Apotheke.",
        "summary_en": "Planned: you show your ID in a pharmacy.",
    },
]  # fmt: skip

ADMISSIONS: Final[list[tuple[str, str, date]]] = [
    *[(code, purpose, SINCE) for code in ("postident_branch", "insurer_branch", "video_ident", "robo_ident", "embassy", "notary")
      for purpose in ("epa", "pin")],
    ("postident_eid", "epa", SINCE),
    ("postident_eid", "pin", date(2023, 11, 1)),  # SGB V § 291 (3) no. 2: eID has to be offered
    ("nect_epass", "pin", date(2025, 8, 1)),
    ("nect_epass", "epa", date(2025, 12, 1)),
    ("egk_pin", "epa", SINCE),
    ("gesundheitsid", "pin", SINCE),
]  # fmt: skip

SUSPENSION_TEXTS: Final = {
    "authority": "gematik",
    "order_reference": "gematik, 9. August 2022",
    "reason": (
        "gematik has ordered all statutory health insurers to stop Video-Ident (and Robo-Ident) for issuing means of "
        "identification in the telematics infrastructure, after parts of several documents had been combined on the picture."
    ),
    "public_text_de": (
        "Die gematik hat allen gesetzlichen Krankenkassen untersagt, dieses Verfahren zu nutzen, weil es sich täuschen ließ. "
        "Bestehende Zugänge zur ePA sind nicht betroffen."
    ),
    "public_text_plain": (
        "Dieses Verfahren ist im Moment verboten. Fachleute haben gezeigt: Man kann es täuschen. Wer schon einen Zugang zur "
        "ePA hat, behält ihn. Es gibt andere Wege."
    ),
    "link": "https://www.gematik.de/",
    "review_on": date(2027, 2, 9),
    "public_text_en": (
        "gematik has forbidden all statutory health insurers to use this method because it could be deceived. "
        "Existing access to the ePA is not affected."
    ),
}


def seed_methods(method: Any, admission: Any, suspension: Any) -> None:
    """Create what is missing; change nothing that is there. Takes the model classes, historical ones in a migration."""
    levels = {"document_check": HIGH, "person_check": HIGH, "binding": HIGH, "delivery": HIGH}
    for row in METHODS:
        method.objects.get_or_create(code=row["code"], defaults={**levels, **row})
    for code, purpose, since in ADMISSIONS:
        admission.objects.get_or_create(method_id=code, purpose=purpose, valid_from=since)
    for code in ("video_ident", "robo_ident"):
        if not suspension.objects.filter(method_id=code).exists():
            known = {field.name for field in suspension._meta.fields}  # a migration's model may lack later ones
            texts = {name: value for name, value in SUSPENSION_TEXTS.items() if name in known}
            suspension.objects.create(method_id=code, effective_from=ORDER_OF_2022, imposed_by="system", **texts)
