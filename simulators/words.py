"""German words for what the programs say in English, as filters of the templates."""

from collections.abc import Mapping
from datetime import datetime

from simulators.clock import BERLIN, moment
from simulators.postident.people import DIFFERENCE_LABELS, DOCUMENT_TYPES

METHODS: Mapping[str, str] = {
    "basic": "Filiale (Post)",
    "eid": "Online-Ausweis (eID)",
    "video": "Videochat",
    "photo": "Fotoverfahren",
    "autoid": "Automatische Prüfung (AutoID)",
}
OUTCOMES: Mapping[str, str] = {
    "success": "Erfolgreich",
    "declined": "Abgelehnt",
    "declined_fraud": "Abgelehnt, Verdacht auf Betrug",
    "incomplete": "Unvollständig abgebrochen",
    "review_pending": "Nachprüfung nötig",
    "pin_blocked": "PIN gesperrt",
    "eid_disabled": "Online-Funktion ausgeschaltet oder Karte gesperrt",
    "card_expired": "Ausweis abgelaufen",
    "not_supported": "Ausweis oder Handy wird nicht unterstützt",
    "cancelled": "Von der Person abgebrochen",
    "connection_lost": "Verbindung zur Karte verloren",
}
STATUS: Mapping[str, str] = {
    "new": "neu",
    "in progress": "in Arbeit",
    "closed": "abgeschlossen",
    "started": "begonnen",
    "coupon requested": "Coupon ausgestellt",
    "incomplete": "unvollständig",
    "review pending": "in Nachprüfung",
    "declined": "abgelehnt",
    "success": "erfolgreich",
    "waiting": "wartet",
    "sending": "wird gesendet",
    "held": "zurückgehalten",
    "delivered": "zugestellt",
    "failed": "gescheitert",
    "lost": "verloren (Störung)",
}
_KINDS: Mapping[str, str] = {
    "success": "success",
    "delivered": "success",
    "closed": "success",
    "declined": "danger",
    "failed": "danger",
    "lost": "danger",
    "incomplete": "warning",
    "review pending": "warning",
    "held": "warning",
}


def when(value: str | float | None) -> str:
    """Write an ISO text or seconds since 1970 as a German date and time; nothing for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, int | float):
        return f"{datetime.fromtimestamp(value, BERLIN):%d.%m.%Y, %H:%M:%S}"
    return f"{moment(str(value)).astimezone(BERLIN):%d.%m.%Y, %H:%M}"


def status_kind(status: str) -> str:
    """Return the kind of badge for a status: success, danger, warning or info."""
    return _KINDS.get(status, "info")


FILTERS = {
    "when": when,
    "method": lambda code: METHODS.get(code, code),
    "outcome": lambda code: OUTCOMES.get(code, code),
    "status": lambda code: STATUS.get(code, code),
    "status_kind": status_kind,
    "difference": lambda code: DIFFERENCE_LABELS.get(code, code),
    "document_type": lambda code: DOCUMENT_TYPES.get(str(code), f"Art {code}"),
}
