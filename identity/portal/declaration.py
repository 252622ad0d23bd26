"""What an application says, for the preview before it is sent and for the copy to keep (D5, SGB I § 36a)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from identity.matching import PartialDate
from identity.members.models import Insurant
from identity.methods.choices import Purpose

Row = tuple[str, Any]


def rows_of(insurant: Insurant, purpose: Purpose, email: str, *, sent_at: datetime | None = None) -> list[Row]:
    """Return what goes out, as keys and values. Of the person only what they have typed: no name, no address."""
    rows: list[Row] = [
        (_("What you apply for"), purpose.label),
        (_("Health insurance number (KVNR)"), insurant.kvnr),
        (_("Date of birth"), birth_date_in_words(insurant.birth_date)),
        (_("E-mail address for messages"), email),
        (_("How you apply"), _("Online, on these pages")),
        (_("Required security"), _("high (as the law demands for health data)")),
    ]
    if sent_at is not None:
        rows.append((_("Sent on"), formats.date_format(timezone.localtime(sent_at), "DATETIME_FORMAT")))
    return rows


def birth_date_in_words(iso: str) -> str:
    """Return a birth date as people write it; an incomplete one without what is not known."""
    born = PartialDate.parse(iso)
    if born.month is None:
        return str(born.year)
    if born.day is None:
        return formats.date_format(born.earliest(), "YEAR_MONTH_FORMAT")
    return formats.date_format(born.earliest(), "DATE_FORMAT")
