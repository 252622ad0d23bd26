"""The changes that everybody may know of, from the history of methods: for the status page and the feeds (M8).

Nothing in them names who did it: an order comes from an authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.methods.models import Suspension
from identity.methods.records import MethodChange
from identity.status.words import moment_in_words, people_in_the_middle, scope_of, title_of

LANGUAGES: Final = ("de", "en")
NEWEST: Final = 50
"""How many changes the feeds hold."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told as it was when it was made. `title` and `text` by language."""

    number: int
    kind: str
    at: datetime
    method: str
    purpose: str
    effective_from: datetime
    ends_at: datetime | None
    title: dict[str, str]
    text: dict[str, str]

    @property
    def uri(self) -> str:
        """A name for ever (RFC 4151), whatever the page's address will be."""
        host = urlsplit(settings.BASE_URL).hostname or "localhost"
        return f"tag:{host},{timezone.localtime(self.at):%Y-%m-%d}:methods/changes/{self.number}"

    @property
    def headline(self) -> str:
        """The title in the language of the page."""
        return self.title["en" if (translation.get_language() or "de").startswith("en") else "de"]


def latest_change() -> tuple[int, datetime] | None:
    """Return number and moment of the last public change: one query, without the words."""
    return _public().order_by("-pk").values_list("pk", "at").first()


def public_changes(limit: int = NEWEST) -> list[Change]:
    """Return the last public changes, newest first. One query."""
    found = _public().select_related("method", "suspension__insurer").order_by("-pk")[:limit]
    return [_change(row) for row in found]


def _public() -> QuerySet[MethodChange]:
    return MethodChange.objects.filter(kind__in=MethodChange.PUBLIC, suspension__isnull=False)


def _change(row: MethodChange) -> Change:
    order = row.suspension
    assert order is not None  # noqa: S101  # filtered
    order.method = row.method
    titles, texts = {}, {}
    for language in LANGUAGES:
        with translation.override(language):
            titles[language], texts[language] = _title(row, order), _text(row, order)
    ends_at = _moment(row, "ends_at")
    return Change(row.pk, row.kind, row.at, row.method_id, order.purpose, order.effective_from, ends_at, titles, texts)


def _title(row: MethodChange, order: Suspension) -> str:
    given = {"method": order.method.name}
    end = _moment(row, "ends_at")
    match row.kind:
        case MethodChange.Kind.UNDONE:
            return _("%(method)s: suspension taken back") % given
        case MethodChange.Kind.LIFTED if end and end <= order.effective_from:
            return _("%(method)s: planned suspension called off") % given
        case MethodChange.Kind.LIFTED if end and end > row.at:
            return _("%(method)s: suspension ends on %(moment)s") % {**given, "moment": moment_in_words(end)}
        case MethodChange.Kind.LIFTED:
            return _("%(method)s: suspension lifted") % given
        case MethodChange.Kind.READMISSION_STOPPED:
            return _("%(method)s: readmission stopped") % given
    return title_of(order, planned=order.effective_from > row.at)


def _text(row: MethodChange, order: Suspension) -> str:
    match row.kind:
        case MethodChange.Kind.UNDONE:
            said = [_("The suspension was taken back after a few minutes. Everything is as if it had never been.")]
        case MethodChange.Kind.LIFTED if row.facts.get("percents"):
            said = [_("The way opens again for some people first, then for more and more, and at last for all.")]
        case MethodChange.Kind.LIFTED:
            said = [_("The way can be used again by everybody who may use it.")]
        case MethodChange.Kind.READMISSION_STOPPED:
            said = [_("Too many identifications did not succeed. The way is closed again until we know why.")]
        case _:
            said = [order.public_text, _until(row), people_in_the_middle(order)]
    return " ".join(part for part in [*said, scope_of(order)] if part)


def _moment(row: MethodChange, name: str) -> datetime | None:
    text = row.facts.get(name)
    return datetime.fromisoformat(text) if text else None


def _until(row: MethodChange) -> str:
    """An end that the order names itself still has to be confirmed: it is only expected."""
    end = _moment(row, "ends_at")
    if end is None:
        return _("Until further notice.")
    return _("Expected until %(moment)s.") % {"moment": moment_in_words(end)}
