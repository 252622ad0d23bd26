"""What has happened with an access and what comes next, in the shape of components/timeline.html."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from epa.models import EpaAccess
from epa.states import AccessState
from identity.cases.states import CaseState

Entry = dict[str, Any]


def entries_of(access: EpaAccess) -> list[Entry]:
    """Return the entries in their order; a step that is still to come has no moment. The case must be loaded."""
    entries: list[Entry] = [{"title": _("You have requested access"), "at": access.requested_at}]
    if access.case.state == CaseState.IDENTIFIED:
        entries.append({"title": _("You have been identified"), "at": access.case.closed_at})
    if access.email_set_at:
        entries.append({"title": _("The ePA knows your e-mail address"), "at": access.email_set_at})
    match access.state:
        case AccessState.OPEN:
            entries.append({"title": _("Your access is open"), "at": access.opened_at})
        case AccessState.CANCELLED:
            entries.append({"title": access.get_end_reason_display(), "at": access.ended_at, "state": "problem"})
        case AccessState.REQUESTED:
            entries += [{"title": _("Identify yourself"), "state": "current"}, _to_come()]
        case _:
            entries += [{"title": _("We set up your access"), "state": "current"}, _to_come()]
    return entries


def _to_come() -> Entry:
    return {"title": _("Your access is open"), "state": "waiting"}
