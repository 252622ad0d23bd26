"""The changes that everybody may know of: for the status page and the feeds (M8).

They come from the history of methods, and from the orders themselves for what the clock alone has done. Nothing in
them names who did it: an order comes from an authority.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.methods.models import Suspension
from identity.methods.records import MethodChange
from identity.status.moments import clock_moments
from identity.status.words import moment_in_words, people_in_the_middle, scope_of, title_of

_Words = Callable[[Suspension, datetime | None], str]
LANGUAGES: Final = ("de", "en")
NEWEST: Final = 50
"""How many changes the feeds hold."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told as it was when it was made. `title` and `text` by language."""

    name: str
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
        return f"tag:{host},{timezone.localtime(self.at):%Y-%m-%d}:methods/{self.name}"

    @property
    def headline(self) -> str:
        """The title in the language of the page."""
        return self.title["en" if (translation.get_language() or "de").startswith("en") else "de"]


def latest_change() -> tuple[str, datetime] | None:
    """Return a mark and the moment of the last public change: one query, without the words."""
    clock = Subquery(clock_moments(timezone.now()).values("moment")[:1])
    found = _public().annotate(clock=clock).order_by("-pk").values_list("pk", "at", "clock").first()
    if found is None:
        return None
    number, at, clock_at = found
    return f"{number}-{clock_at.timestamp() if clock_at else 0}", max(at, clock_at or at)


def public_changes(limit: int = NEWEST) -> list[Change]:
    """Return the last public changes, newest first. Two queries."""
    rows = _public().select_related("method", "suspension__insurer").order_by("-pk")[:limit]
    orders = clock_moments(timezone.now()).select_related("method", "insurer")[:limit]
    found = [_change(row) for row in rows] + [each for order in orders for each in _by_the_clock(order)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:limit]


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
    return Change(
        f"changes/{row.pk}",
        row.kind,
        row.at,
        row.method_id,
        order.purpose,
        order.effective_from,
        ends_at,
        titles,
        texts,
    )


def _by_the_clock(order: Any) -> list[Change]:
    """What the clock has done to an order from `clock_moments`: told as it stood at that moment."""
    told_end = datetime.fromisoformat(order.told_end) if order.told_end else None
    found = []
    if order.has_ended:
        found.append(_moment_of(order, "ended", order.ends_at, order.ends_at, _ended_title, _ended_text))
    if order.has_begun:
        found.append(_moment_of(order, "begun", order.effective_from, told_end, _begun_title, _begun_text))
    return found


def _moment_of(
    order: Suspension, kind: str, at: datetime, ends_at: datetime | None, title: _Words, text: _Words
) -> Change:
    titles, texts = {}, {}
    for language in LANGUAGES:
        with translation.override(language):
            titles[language], texts[language] = title(order, ends_at), text(order, ends_at)
    name = f"orders/{order.pk}/{kind}"
    return Change(name, kind, at, order.method_id, order.purpose, order.effective_from, ends_at, titles, texts)


def _begun_title(order: Suspension, ends_at: datetime | None) -> str:
    return title_of(order, planned=False)


def _begun_text(order: Suspension, ends_at: datetime | None) -> str:
    said = [order.public_text, _until(ends_at), people_in_the_middle(order), scope_of(order)]
    return " ".join(part for part in said if part)


def _ended_title(order: Suspension, ends_at: datetime | None) -> str:
    return _("%(method)s: suspension over") % {"method": order.method.name}


def _ended_text(order: Suspension, ends_at: datetime | None) -> str:
    return " ".join(part for part in [_open_again(in_steps=bool(order.readmission_percents)), scope_of(order)] if part)


def _open_again(*, in_steps: bool) -> str:
    if in_steps:
        return _("The way opens again for some people first, then for more and more, and at last for all.")
    return _("The way can be used again by everybody who may use it.")


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
        case MethodChange.Kind.LIFTED:
            said = [_open_again(in_steps=bool(row.facts.get("percents")))]
        case MethodChange.Kind.READMISSION_STOPPED:
            said = [_("Too many identifications did not succeed. The way is closed again until we know why.")]
        case _:
            said = [order.public_text, _until(_moment(row, "ends_at")), people_in_the_middle(order)]
    return " ".join(part for part in [*said, scope_of(order)] if part)


def _moment(row: MethodChange, name: str) -> datetime | None:
    text = row.facts.get(name)
    return datetime.fromisoformat(text) if text else None


def _until(end: datetime | None) -> str:
    """An end that the order names itself still has to be confirmed: it is only expected."""
    if end is None:
        return _("Until further notice.")
    return _("Expected until %(moment)s.") % {"moment": moment_in_words(end)}
