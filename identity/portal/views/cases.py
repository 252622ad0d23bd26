"""One case: how it stands, its time line, and what the person can do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import DomainError
from identity.cases.models import PAUSED_OUT, Attempt, IdentificationCase
from identity.cases.services import accept_late_result, cancel_case
from identity.cases.services.ending import OfferOver
from identity.cases.states import OPEN_CASE, AttemptState, CaseState, MoveNotAllowed
from identity.members.contacts import contact_for
from identity.methods.choices import Action
from identity.methods.gate import MethodNotOffered
from identity.portal.access import actor_of, own_case, private
from identity.portal.export import csv_of
from identity.portal.progress import version_of
from identity.portal.reasons import why
from identity.portal.standing import Stand, is_usable, last_day_of, may_result_count, standings
from identity.portal.timeline import entries_of
from identity.portal.views.choosing import best_way
from identity.portal.ways import ways_for

NO_WAY_ON = {Stand.SUSPENDED, Stand.STOPPED, Stand.NOT_YET}
BY_ORDER = ("method_suspended", "suspended", "identification_withdrawn", PAUSED_OUT)
MET_BY_AN_ORDER = (AttemptState.STOPPED, AttemptState.WITHHELD)
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
        "watched": case.state in WATCHED or case.frozen_since is not None,
        "is_open": case.state in OPEN_CASE,
        "why": why(case.end_reason) if case.end_reason else None,
        "last_day": last_day_of(case.expires_at),
        "paused_since": case.frozen_since,
    }
    context |= _more(case, attempts)
    return render(request, "identity/case.html", context)


def _attempts_of(case: IdentificationCase) -> list[Attempt]:
    return list(case.attempts.select_related("method", "result").defer("result__person").order_by("intended_at"))


def _more(case: IdentificationCase, attempts: list[Attempt]) -> dict[str, Any]:
    """What only some states need. `order`: the one that the panel tells of, so that no banner repeats it."""
    match case.state:
        case CaseState.CHOOSING:
            return _choosing(case, attempts)
        case CaseState.IDENTIFYING:
            return _identifying(case, attempts)
        case CaseState.OFFERED:
            ruling = may_result_count(case, attempts, Action.ACCEPT)
            may_take_up = ruling is None or ruling.allowed  # without a result the verb says why
            return {
                "last_day": last_day_of(case.offered_until),
                "may_take_up": may_take_up,
                "order": ruling.suspension if ruling else None,
            }
        case CaseState.IDENTIFIED:
            ruling = may_result_count(case, attempts, Action.USE)
            if ruling and not ruling.allowed:
                return {"panel": "identity/case/withdrawn.html", "order": ruling.suspension}
    return {}


def _choosing(case: IdentificationCase, attempts: list[Attempt]) -> dict[str, Any]:
    """`by_order`: it was an order that led back here; `again`: a stopped attempt that may be gone on with;
    `not_yet`: its method is open again, for others first.
    """
    ways = ways_for(case)
    by_order = case.end_reason in BY_ORDER
    stopped = [each for each in attempts if each.state == AttemptState.STOPPED and is_usable(each)]
    open_codes = {method.code for method in ways.offered}
    met = {case.method_id, *(each.method_id for each in attempts if each.state in MET_BY_AN_ORDER)}
    suspended = next((each for each in ways.suspended if by_order and each.method.code in met), None)
    return {
        "ways": ways,
        "best": best_way(case, ways),
        "by_order": by_order,
        "suspended": suspended,
        "not_yet": next((each for each in ways.unsuitable if by_order and each.method.code in met), None),
        "order": suspended.order if suspended else None,
        "again": next((each for each in reversed(stopped) if each.method_id in open_codes), None),
    }


def _identifying(case: IdentificationCase, attempts: list[Attempt]) -> dict[str, Any]:
    """`headline` says which of the pictures it is: a result is kept, the place is kept, go on, or nothing goes on."""
    running = standings(case, attempts)
    stands = {each.stand for each in running}
    paused = next((each for each in running if each.stand is Stand.PAUSED and each.order), None)
    since = case.frozen_since or (paused.order.effective_from if paused and paused.order else None)
    headline = "go_on"
    if Stand.RESULT_KEPT in stands:
        headline = "result_kept"
    elif since is not None and not any(each.may_go_on for each in running):
        headline = "paused"
    elif running and stands <= NO_WAY_ON:
        headline = "stopped"
    order = next((each.order for each in running if each.order), None)
    return {"running": running, "headline": headline, "paused_since": since, "order": order}


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
