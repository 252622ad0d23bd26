"""What a person finds on the overview: what there is to do, each with its state."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from identity.cases.models import IdentificationCase
from identity.cases.states import OPEN_CASE, CaseState
from identity.members.models import Insurant
from identity.methods.choices import Purpose

Task = dict[str, Any]
STATE_KIND: dict[str, str] = {
    CaseState.CHOOSING: "warning",
    CaseState.IDENTIFYING: "info",
    CaseState.IN_REVIEW: "info",
    CaseState.OFFERED: "warning",
    CaseState.IDENTIFIED: "success",
}
RECENT = 10


def recent_cases(insurant: Insurant) -> list[IdentificationCase]:
    """Return the last cases, newest first."""
    return list(insurant.cases.select_related("method").order_by("-opened_at")[:RECENT])


def leading_case(cases: list[IdentificationCase], purpose: Purpose) -> IdentificationCase | None:
    """Return the case that the tasks are about: the open one, else one that got somewhere, else none."""
    of_purpose = [case for case in cases if case.purpose == purpose]
    for states in (OPEN_CASE, (CaseState.IDENTIFIED, CaseState.OFFERED)):
        found = next((case for case in of_purpose if case.state in states), None)
        if found:
            return found
    return None


def tasks_of(insurant: Insurant | None, case: IdentificationCase | None) -> list[Task]:
    """Return the tasks in their order. The last one, the access, belongs to the app above: the template adds it."""
    return [_connect(insurant), _apply(insurant, case), _identify(case)]


def _connect(insurant: Insurant | None) -> Task:
    if insurant:
        return {"title": _("Connect your insurance"), "url": None, "status": _("Done"), "kind": "success"}
    return {
        "title": _("Connect your insurance"),
        "url": reverse("identity:link"),
        "status": _("To do"),
        "kind": "warning",
        "hint": _("Have your health card at hand. It takes 2 minutes."),
    }


def _apply(insurant: Insurant | None, case: IdentificationCase | None) -> Task:
    title = _("Apply for access to the ePA")
    if case and case.declared_at:
        url = reverse("identity:declaration", args=[case.public_id])
        return {"title": title, "url": url, "status": _("Done"), "kind": "success"}
    if insurant:
        url = reverse("identity:application", args=[Purpose.EPA.value])
        return {"title": title, "url": url, "status": _("To do"), "kind": "warning"}
    return {"title": title, "url": None, "status": _("Not possible yet"), "kind": "neutral"}


def _identify(case: IdentificationCase | None) -> Task:
    title = _("Identify yourself")
    if case is None or case.declared_at is None:
        return {"title": title, "url": None, "status": _("Not possible yet"), "kind": "neutral"}
    state = CaseState(case.state)
    url = reverse("identity:choice" if state is CaseState.CHOOSING else "identity:case", args=[case.public_id])
    if case.frozen_since is not None:
        return {"title": title, "url": url, "status": _("Paused"), "kind": "info"}
    return {"title": title, "url": url, "status": state.label, "kind": STATE_KIND.get(state, "neutral")}
