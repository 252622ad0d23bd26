"""The changes as feeds: Atom (RFC 4287) and JSON Feed 1.1. Addresses are whole ones, built from BASE_URL."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.translation import gettext as _

from identity.status.changes import Change

ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
JSON_TYPE: Final = "application/feed+json; charset=utf-8"


def address_of(name: str) -> str:
    """Return the whole address of a public page."""
    return settings.BASE_URL + reverse(f"identity:{name}")


def atom_feed(changes: list[Change], updated: datetime | None, language: str) -> str:
    """Return the changes as Atom in one language. `updated` is the moment of the newest, None when there is none."""
    with translation.override(language):
        own = "status_atom" if language == "de" else f"status_atom_{language}"
        feed = _Atom(
            title=_("Ways to identify yourself: changes"),
            link=address_of("methods"),
            description=_("Which ways are suspended and admitted again."),
            language=language,
            author_name=settings.SITE_NAME,
            feed_url=address_of(own),
            feed_guid=address_of(own),
        )
        feed.updated = updated
        for change in changes:
            feed.add_item(
                title=change.title[language],
                link=address_of("methods"),
                description=format_html("<p>{}</p>", change.text[language]),
                unique_id=change.uri if language == "de" else f"{change.uri}:{language}",
                pubdate=change.at,
                updateddate=change.at,
                categories=[change.kind, change.method],
            )
        return feed.writeString("utf-8")


class _Atom(Atom1Feed):
    """An empty feed was updated long ago, not now: otherwise it would be new at every look."""

    updated: datetime | None = None

    def latest_post_date(self) -> datetime:
        return self.updated or datetime.fromisoformat("2022-08-09T00:00:00+02:00")


def json_feed(changes: list[Change]) -> dict[str, Any]:
    """Return the changes as JSON Feed: German for readers, both languages and the codes under `_vorweis`."""
    with translation.override("de"):
        return {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _("Ways to identify yourself: changes"),
            "home_page_url": address_of("methods"),
            "feed_url": address_of("status_changes"),
            "language": "de",
            "authors": [{"name": settings.SITE_NAME}],
            "items": [_item(change) for change in changes],
        }


def _item(change: Change) -> dict[str, Any]:
    return {
        "id": change.uri,
        "url": address_of("methods"),
        "title": change.title["de"],
        "content_text": change.text["de"],
        "date_published": change.at.isoformat(),
        "date_modified": change.at.isoformat(),
        "language": "de",
        "tags": [change.kind, change.method],
        "_vorweis": {
            "kind": change.kind,
            "method": change.method,
            "purpose": change.purpose or None,
            "effective_from": change.effective_from.isoformat(),
            "ends_at": change.ends_at.isoformat() if change.ends_at else None,
            "title": change.title,
            "text": change.text,
        },
    }
