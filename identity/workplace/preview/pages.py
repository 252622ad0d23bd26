"""The portal's own pages for an imagined case, with nothing that leads to the person."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from identity.cases.states import OPEN_CASE, AttemptState
from identity.members.contacts import contact_for
from identity.portal.forms import ChoiceForm
from identity.portal.reasons import why
from identity.portal.standing import is_usable, last_day_of
from identity.portal.steps import CHOOSE, step
from identity.portal.timeline import entries_of
from identity.portal.views import cases, choosing
from identity.portal.ways import ways_for
from identity.workplace.preview.imagining import Imagined

NOBODY: Final = UUID("00000000-0000-4000-8000-000000000000")
"""Stands where the case's address would: its pages do not exist."""
_ADDRESS = re.compile(rf'\s(?:href|action|data-status-url)="[^"]*{NOBODY}[^"]*"')

Page = tuple[str, dict[str, Any]]


def case_page(imagined: Imagined) -> Page:
    """Return template and values of the page of the case, as `portal.views.cases.case` makes them."""
    case, attempts = imagined.case, imagined.attempts
    context: dict[str, Any] = {
        "panel": f"identity/case/{case.state}.html",
        "entries": entries_of(case, attempts),
        "contact": contact_for(case.insurant),
        "is_open": case.state in OPEN_CASE,
        "why": why(case.end_reason) if case.end_reason else None,
        "last_day": last_day_of(case.expires_at),
        "paused_since": case.frozen_since,
    }
    context |= cases._more(case, attempts)
    case.public_id = NOBODY
    return "identity/case.html", {"case": case, **context}


def choice_page(imagined: Imagined) -> Page:
    """Return template and values of the page that offers ways, as `portal.views.choosing.choice` makes them."""
    case = imagined.case
    usable = [each for each in imagined.attempts if is_usable(each)]
    ways = ways_for(case, [each for each in usable if each.state == AttemptState.STARTED])
    begun = {each.method_id for each in usable if each.state in (AttemptState.STARTED, AttemptState.STOPPED)}
    offered = {method.code for method in ways.offered}
    context: dict[str, Any] = {
        "form": ChoiceForm(),
        "ways": ways,
        "cards": choosing._cards(case, ways, offered & begun, chosen=""),
        "running": bool(offered & begun),
        "may_finish": any(each.method_id not in offered for each in ways.may_go_on),
        "paused_since": case.frozen_since,
        "why": why(case.end_reason) if case.end_reason else None,
        "contact": contact_for(case.insurant),
        "step": step(CHOOSE),
    }
    case.public_id = NOBODY
    return "identity/choice.html", {"case": case, **context}


def leading_nowhere(html: str) -> str:
    """Take the addresses of the imagined case out of a page: its links and buttons can be seen, not used."""
    return _ADDRESS.sub(' aria-disabled="true"', html)
