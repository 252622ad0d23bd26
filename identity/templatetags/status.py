"""Orders as banners and words: `{% suspension_notices insurer=contact purpose=case.purpose %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import DatabaseError
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from identity.members.models import Insurer
from identity.methods.models import Suspension
from identity.status.notices import Notice, notices
from identity.status.words import scope_of, title_of, until_of

register = template.Library()
WORDS_SHOWN = 40


@register.inclusion_tag("status/notice.html")
def suspension_notices(
    insurer: Insurer | None = None, purpose: str = "", told: Suspension | None = None
) -> dict[str, Any]:
    """The banner of a page that orders concern, but for the one it tells of itself: nothing when there is none.

    One query.
    """
    try:
        found = [each for each in notices(insurer or None, purpose) if each.order != told]
    except DatabaseError:
        return {"unknown": True}
    if len(found) == 1:
        return {"notices": found, "kind": _kind(found), "title": _title(found[0]), "body": _body(found[0])}
    return {
        "notices": found,
        "kind": _kind(found),
        "title": _("Some ways are suspended or will be"),
        "items": [" ".join([f"{_title(each)}.", scope_of(each.order)]).strip() for each in found],
    }


def _kind(found: list[Notice]) -> str:
    return "info" if all(each.is_planned for each in found) else "warning"


def _title(notice: Notice) -> str:
    return title_of(notice.order, planned=notice.is_planned)


def _body(notice: Notice) -> str:
    """The beginning of what the order says; the whole of it stands on the status page."""
    text = Truncator(notice.order.public_text).words(WORDS_SHOWN)
    return " ".join(part for part in (scope_of(notice.order), text) if part)


@register.filter
def scope_in_words(order: Suspension) -> str:
    return scope_of(order)


@register.filter
def until_in_words(order: Suspension) -> str:
    return until_of(order)
