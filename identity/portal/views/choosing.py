"""The page that offers ways. It is never empty (M6), and a no from the gate comes back here, not to a dead end."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import DomainError
from identity.cases.models import IdentificationCase
from identity.cases.services import start_attempt
from identity.cases.services.opening import CaseClosed
from identity.cases.services.starting import STARTABLE, DeclarationMissing, ProviderAway, TooManyAttempts
from identity.cases.states import AttemptState
from identity.members.contacts import contact_for
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Method
from identity.portal.access import actor_of, address_of_case, own_case, private
from identity.portal.forms import ChoiceForm
from identity.portal.reasons import why
from identity.portal.standing import is_usable
from identity.portal.steps import CHOOSE, step
from identity.portal.ways import Ways, ways_for

Card = dict[str, Any]


@private("GET", "HEAD", "POST")
def choice(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Offer the ways that are open; by POST (`method`) start one and go to its page."""
    case = own_case(request, case_id)
    if case.state not in STARTABLE:
        return redirect("identity:case", case_id=case_id)
    if case.declared_at is None:
        return redirect("identity:application", purpose=case.purpose)
    form = ChoiceForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _choice_page(request, case, form)
    if not form.is_valid():
        return _choice_page(request, case, form, status=422)
    return _start(request, case, form)


def _start(request: HttpRequest, case: IdentificationCase, form: ChoiceForm) -> HttpResponse:
    method, actor = form.cleaned_data["method"], actor_of(request)
    try:
        attempt = start_attempt(case.public_id, method, return_url=address_of_case(case), actor=actor)
    except CaseClosed as error:
        messages.warning(request, error.detail)
        return redirect("identity:case", case_id=case.public_id)
    except DeclarationMissing:
        return redirect("identity:application", purpose=case.purpose)
    except (MethodNotOffered, ProviderAway, TooManyAttempts) as error:
        return _choice_page(request, case, form, problem=error, status=error.http_status)
    return redirect("identity:attempt", attempt_id=attempt.pk)


def _choice_page(
    request: HttpRequest,
    case: IdentificationCase,
    form: ChoiceForm,
    *,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    begun = case.attempts.filter(state__in=[AttemptState.STARTED, AttemptState.STOPPED]).order_by("intended_at")
    usable = [attempt for attempt in begun if is_usable(attempt)]
    ways = ways_for(case, [attempt for attempt in usable if attempt.state == AttemptState.STARTED])
    offered = {method.code for method in ways.offered}
    running = offered & {attempt.method_id for attempt in usable}  # a coupon of a suspended way is no use
    context = {
        "case": case,
        "form": form,
        "ways": ways,
        "cards": _cards(case, ways, running, chosen=form.data.get("method", "")),
        "running": bool(running),
        "open_again": any(each.state == AttemptState.STOPPED and each.method_id in offered for each in usable),
        "may_finish": any(attempt.method_id not in offered for attempt in ways.may_go_on),
        "paused_since": case.frozen_since,
        "problem": problem.detail if problem else "",
        "why": why(case.end_reason) if case.end_reason else None,
        "contact": contact_for(case.insurant),
        "step": step(CHOOSE),
    }
    return render(request, "identity/choice.html", context, status=status)


def _cards(case: IdentificationCase, ways: Ways, running: set[str], *, chosen: str) -> list[Card]:
    """After a step that did not succeed the way that does not hit the same wall stands first and is ticked."""
    best = best_way(case, ways)
    offered = sorted(ways.offered, key=lambda method: method != best)
    return [
        {
            "method": method,
            "checked": method.code == chosen or (not chosen and method == best),
            "is_best": method == best,
            "is_running": method.code in running,
        }
        for method in offered
    ]


def best_way(case: IdentificationCase, ways: Ways) -> Method | None:
    """Return the way to suggest after a step that did not succeed; None: nothing failed, or only the branch is left."""
    return ways.best(why(case.end_reason).avoid) if case.end_reason else None
