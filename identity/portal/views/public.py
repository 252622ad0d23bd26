"""Pages without a log-in: what this is, and whom to ask."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from core.accounts.models import Account
from core.accounts.services import choose_language
from identity.members.contacts import responsible_insurer
from identity.methods.choices import Purpose, Setting
from identity.portal.forms import PostcodeForm
from identity.status.method_states import MethodState, State, method_states

OPEN = (State.AVAILABLE, State.RESTRICTED)


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what this is, what one needs and how long it takes; the door for everybody."""
    states = method_states()
    context = {
        "open_methods": [each.method for each in states if _is_open_to_people(each)],
        "suspended_methods": [each.method for each in states if each.state is State.SUSPENDED],
        "unknown": any(each.state is State.UNREADABLE for each in states),
        "form": PostcodeForm(),
    }
    return render(request, "identity/start.html", context)


def _is_open_to_people(state: MethodState) -> bool:
    in_person = state.method.setting == Setting.BRANCH
    for_epa = any(each.allowed for each in state.purposes if each.purpose is Purpose.EPA)
    return for_epa and state.state in OPEN and (in_person or not state.method.staff_only)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the usual questions and name who is responsible for a postcode."""
    form = PostcodeForm(request.GET if "plz" in request.GET else None)
    asked = form.is_bound and form.is_valid()
    context = {
        "form": form,
        "asked": asked,
        "insurer": responsible_insurer(form.cleaned_data["plz"]) if asked else None,
    }
    return render(request, "identity/help.html", context, status=422 if form.errors else 200)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages and go back; for somebody who is logged in also that of their mails."""
    if isinstance(request.user, Account):
        choose_language(request.user, request.POST.get("language", ""))
    return set_language(request)
