"""Single values of their payload. Whatever cannot be read is remarked on, and never stops the rest from being read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from identity.matching.births import PartialDate
from identity.providers.postident.countries import alpha_3

BERLIN: Final = ZoneInfo("Europe/Berlin")
YEARS: Final = range(1900, 2200)
TEXT_MAX: Final = 200
CODE_LIKE = re.compile(r"[A-Za-z0-9 _.-]{1,40}")
KNOWN_STATUSES = frozenset({"new", "match", "change", "unchecked"})
CHECKED = frozenset({"new", "match", "change"})


class Remarks(dict[str, str]):
    """What was odd: a code, and what stood there if it looks like a code itself (never a name, a date, a free text)."""

    def note(self, code: str, value: object = "") -> None:
        text = str(value) if isinstance(value, str | int) else type(value).__name__
        self.setdefault(code, text if CODE_LIKE.fullmatch(text) else "")


def group(value: object, name: str, remarks: Remarks) -> dict[str, Any]:
    """Return a group of fields; an empty one for null, for missing and, with a remark, for anything else."""
    if isinstance(value, dict):
        return value
    if value is not None:
        remarks.note(f"odd_{name}")
    return {}


def plain(value: object) -> str:
    """Return a text with composed letters and single blanks; empty for anything else."""
    return " ".join(unicodedata.normalize("NFC", value).split())[:TEXT_MAX] if isinstance(value, str) else ""


def moment(value: object, remarks: Remarks) -> datetime | None:
    """Return an aware time. One without a zone is taken as German time, with a remark."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > len("2026-11-24") else None
    except ValueError:
        at = None
    if at is None or at.year not in YEARS:
        remarks.note("unreadable_time")
        return None
    if at.tzinfo is None:
        remarks.note("time_without_zone")
        at = at.replace(tzinfo=BERLIN)
    return at


def day(value: str, remarks: Remarks) -> date | None:
    """Return a date of the form 2026-11-24; None, with a remark if there was something else."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        remarks.note("unreadable_date")
        return None


def birth_date(value: str, remarks: Remarks) -> str:
    """Return a birth date with zeros for what the document leaves out: 1964-08-00, 1964-00-00; empty if unreadable."""
    if not value:
        return ""
    try:
        return PartialDate.parse(value.replace("XX", "00")).isoformat()
    except ValueError:
        remarks.note("unreadable_birth_date")
        return ""


def country(value: str, remarks: Remarks) -> str:
    """Return a known country in three letters; an unknown one as it stands if it looks like a code, with a remark."""
    known = alpha_3(value)
    if known or not value:
        return known
    remarks.note("unknown_country", value[:3])
    return value if re.fullmatch(r"[A-Z]{3}", value) else ""
