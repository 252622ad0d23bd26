"""Overview, purpose, and the application with its preview and its copy."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from identity.cases.models import IdentificationCase
from identity.cases.services import declare, open_case
from identity.members.contacts import contact_for
from identity.methods.choices import Purpose
from identity.portal.access import account_of, actor_of, insurant_of, own_case, private
from identity.portal.declaration import rows_of
from identity.portal.overview import leading_case, recent_cases, tasks_of
from identity.portal.steps import APPLY, step

OFFERED_PURPOSES = (Purpose.EPA,)


def staff_page(request: HttpRequest) -> HttpResponse | None:
    """Tell staff without an insurance of their own here where to go; None for everybody else."""
    if not account_of(request).is_staff:
        return None
    return render(request, "identity/staff.html")


@private("GET", "HEAD")
def home(request: HttpRequest) -> HttpResponse:
    """Show what is done and what comes next."""
    insurant = insurant_of(request)
    if insurant is None and (page := staff_page(request)):
        return page
    cases = recent_cases(insurant) if insurant else []
    case = leading_case(cases, Purpose.EPA)
    context = {
        "insurant": insurant,
        "case": case,
        "cases": cases,
        "tasks": tasks_of(insurant, case),
        "contact": contact_for(insurant),
    }
    return render(request, "identity/home.html", context)


@private("GET", "HEAD")
def purpose(request: HttpRequest) -> HttpResponse:
    """Ask what the person wants to be identified for."""
    insurant = insurant_of(request)
    if insurant is None:
        return staff_page(request) or redirect("identity:link")
    return render(request, "identity/purpose.html", {"contact": contact_for(insurant), "step": step(APPLY)})


@private("GET", "HEAD", "POST")
def application(request: HttpRequest, purpose: str) -> HttpResponse:
    """Show everything that is sent before it is sent (D5); by POST send it and go on to the choice."""
    if purpose not in OFFERED_PURPOSES:
        raise Http404
    insurant = insurant_of(request)
    if insurant is None:
        return staff_page(request) or redirect("identity:link")
    wanted = Purpose(purpose)
    if request.method == "POST":
        case = open_case(insurant, wanted, actor=actor_of(request))
        declare(case.public_id, actor=actor_of(request))
        return redirect("identity:choice", case_id=case.public_id)
    running = IdentificationCase.objects.open().filter(insurant=insurant, purpose=wanted).first()
    if running and running.declared_at:
        return redirect("identity:case", case_id=running.public_id)
    context = {
        "rows": rows_of(insurant, wanted, account_of(request).email),
        "step": step(APPLY),
        "contact": contact_for(insurant),
    }
    return render(request, "identity/application.html", context)


@private("GET", "HEAD")
def declaration(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show an application that was sent, to print or to keep."""
    case = own_case(request, case_id)
    if case.declared_at is None:
        return redirect("identity:application", purpose=case.purpose)
    account = account_of(request)
    rows = rows_of(case.insurant, Purpose(case.purpose), account.email, sent_at=case.declared_at)
    return render(request, "identity/declaration.html", {"case": case, "rows": rows})
