"""One case: how it stands, its time line, and what the person can do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import DomainError
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services import accept_late_result, cancel_case
from identity.cases.services.ending import OfferOver
from identity.cases.states import OPEN_CASE, CaseState, MoveNotAllowed
from identity.members.contacts import contact_for
from identity.methods.gate import MethodNotOffered
from identity.portal.access import actor_of, own_case, private
from identity.portal.export import csv_of
from identity.portal.progress import version_of
from identity.portal.reasons import why
from identity.portal.timeline import entries_of
from identity.portal.views.attempts import can_go_on, last_day_of
from identity.portal.views.choosing import best_way
from identity.portal.ways import resumable, ways_for

WATCHED = (CaseState.CHOOSING, CaseState.IDENTIFYING, CaseState.IN_REVIEW)  # something may happen while one waits


@private("GET", "HEAD")
def case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show a case in whatever state it is: what it means, what to do next, and what has happened."""
    case = own_case(request, case_id)
    attempts = _attempts_of(case)
    context: dict[str, Any] = {
        "case": case,
        "panel": f"identity/case/{case.state}.html",
        "entries": entries_of(case, attempts),
        "contact": contact_for(case.insurant),
        "version": version_of(case, attempts),
        "watched": case.state in WATCHED,
        "is_open": case.state in OPEN_CASE,
        "why": why(case.end_reason) if case.end_reason else None,
    }
    context |= _more(case, attempts)
    return render(request, "identity/case.html", context)


def _attempts_of(case: IdentificationCase) -> list[Attempt]:
    return list(case.attempts.select_related("method").order_by("intended_at"))


def _more(case: IdentificationCase, attempts: list[Attempt]) -> dict[str, Any]:
    """What only some states need."""
    match case.state:
        case CaseState.CHOOSING:
            ways = ways_for(case)
            return {"ways": ways, "best": best_way(case, ways)}
        case CaseState.IDENTIFYING:
            return {"running": _running(case, attempts)}
        case CaseState.OFFERED:
            return {"last_day": last_day_of(case.offered_until)}
    return {}


def _running(case: IdentificationCase, attempts: list[Attempt]) -> list[dict[str, Any]]:
    usable = [each for each in attempts if can_go_on(each)]
    rulings = resumable(case, [each.method_id for each in usable])
    return [
        {
            "attempt": each,
            "last_day": last_day_of(each.valid_until),
            "suspension": rulings[each.method_id].suspension,
            "may_go_on": rulings[each.method_id].allowed,
        }
        for each in reversed(usable)
    ]


@private("GET", "HEAD")
def status(request: HttpRequest, case_id: uuid.UUID) -> JsonResponse:
    """Answer a waiting page: `version` changes when there is something new to see."""
    case = own_case(request, case_id)
    return JsonResponse({"state": case.state, "version": version_of(case, list(case.attempts.all()))})


@private("GET", "HEAD")
def history(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Give the time line as a file (D3). Its name tells nothing about whose it is."""
    case = own_case(request, case_id)
    response = HttpResponse(csv_of(entries_of(case, _attempts_of(case))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verlauf.csv"'
    return response


@private("GET", "HEAD", "POST")
def cancel(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Ask whether to cancel, and by POST do it."""
    case = own_case(request, case_id)
    if request.method == "POST":
        return _then_case(request, case, lambda: cancel_case(case_id, actor=actor_of(request)))
    if case.state not in OPEN_CASE:
        return redirect("identity:case", case_id=case_id)
    return render(request, "identity/cancel.html", {"case": case})


@private("POST")
def accept(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Take up a success that came after the end of the case."""
    case = own_case(request, case_id)
    return _then_case(request, case, lambda: accept_late_result(case_id, actor=actor_of(request)))


def _then_case(request: HttpRequest, case: IdentificationCase, act: Any) -> HttpResponse:
    """Do it and show the case; when it cannot be done any more, say why on the same page."""
    try:
        act()
    except (MoveNotAllowed, OfferOver, MethodNotOffered) as error:
        messages.warning(request, _reason(error))
    return redirect("identity:case", case_id=case.public_id)


def _reason(error: DomainError) -> str:
    if isinstance(error, MethodNotOffered):
        return _("The way that this result came from has been suspended meanwhile. It cannot be taken up.")
    return error.detail
