"""One attempt: ready to go, on to the provider, and its address as a QR code."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from identity.cases.services import resume_attempt
from identity.cases.services.opening import CaseClosed
from identity.cases.services.starting import STARTABLE, AttemptStopped
from identity.members.contacts import contact_for
from identity.methods.gate import MethodNotOffered
from identity.portal.access import actor_of, own_attempt, private
from identity.portal.progress import version_of
from identity.portal.qr import qr_svg
from identity.portal.standing import standings
from identity.portal.steps import IDENTIFY, step


class ToProvider(HttpResponseRedirect):
    """On to the provider's page, as the answer to a GET: a POST must not lead to another host (CSP form-action)."""

    status_code = 303
    allowed_schemes = ["https", "http"]


@private("GET", "HEAD")
def attempt(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Show how to go on, or what an order has done to it. What is over leads to the case."""
    attempt = own_attempt(request, attempt_id)
    case = attempt.case
    standing = next(iter(standings(case, [attempt])), None) if case.state in STARTABLE else None
    if standing is None:
        return redirect("identity:case", case_id=case.public_id)
    until = standing.finish_until
    last_day = timezone.localdate(until) if until else standing.last_day
    context = {
        "attempt": attempt,
        "case": case,
        "standing": standing,
        "last_day": last_day,
        "days_left": (last_day - timezone.localdate()).days if last_day else None,
        "contact": contact_for(case.insurant),
        "version": version_of(case, list(case.attempts.all())),
        "step": step(IDENTIFY),
    }
    return render(request, "identity/attempt.html", context)


@private("GET")
def proceed(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Go on to the provider, if the gate lets us. An old link never leads further than this."""
    attempt = own_attempt(request, attempt_id)
    if not attempt.continue_url:
        return redirect("identity:case", case_id=attempt.case.public_id)
    try:
        resumed = resume_attempt(attempt.pk, actor=actor_of(request))
    except (MethodNotOffered, AttemptStopped) as error:
        messages.warning(request, error.detail)
        page = "identity:case" if attempt.case.frozen_since else "identity:choice"
        return redirect(page, case_id=attempt.case.public_id)
    except CaseClosed as error:
        messages.warning(request, error.detail)
        return redirect("identity:case", case_id=attempt.case.public_id)
    return ToProvider(resumed.continue_url)


@private("GET", "HEAD")
def qr(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """The address of the attempt's page, ours and without a secret: whoever opens it has to log in."""
    attempt = own_attempt(request, attempt_id)
    address = settings.BASE_URL + reverse("identity:attempt", args=[attempt.pk])
    return HttpResponse(qr_svg(address), content_type="image/svg+xml")
