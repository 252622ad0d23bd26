"""The insured person's pages: choose how to use the ePA, and how far it is. What is not theirs does not exist."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from epa.forms import ChannelForm
from epa.models import EpaAccess
from epa.selectors import accesses_of, overview_of
from epa.services import request_access
from epa.states import AccessState, Channel
from epa.timeline import entries_of
from epa.words import WORDS, words_of
from identity.cases.states import OPEN_CASE
from identity.members.contacts import contact_for
from identity.methods.choices import Purpose
from identity.portal.access import account_of, actor_of, insurant_of, private

WATCHED = (AccessState.REQUESTED, AccessState.OPENING)  # something may happen while one waits


@private("GET", "HEAD", "POST")
def request_page(request: HttpRequest) -> HttpResponse:
    """Let the person request access; who has requested it already sees how far it is."""
    found = overview_of(account_of(request))
    if request.method != "POST" and found.main and found.main.state != AccessState.CANCELLED:
        return redirect("epa:access", access_id=found.main.public_id)
    return channel_page(request)


@private("GET", "HEAD", "POST")
def channel_page(request: HttpRequest) -> HttpResponse:
    """Let the person choose how to use the ePA: at first, another way while it is set up, or a further one."""
    insurant = insurant_of(request)
    if insurant is None:
        return redirect("identity:home")
    found = overview_of(account_of(request))
    chosen = found.under_way.channel if found.under_way else None
    form = ChannelForm(request.POST if request.method == "POST" else None, initial={"channel": chosen})
    if form.is_valid():
        access = request_access(insurant, Channel(form.cleaned_data["channel"]), actor=actor_of(request))
        return _then(access)
    open_channels = {access.channel for access in found.open}
    cards = [
        {
            "value": channel.value,
            "title": channel.label,
            "words": words,
            "checked": channel == (form["channel"].value() or None),
            "is_open": channel in open_channels,
        }
        for channel, words in WORDS.items()
    ]
    context = {"form": form, "cards": cards, "overview": found, "contact": contact_for(insurant)}
    return render(request, "epa/request.html", context)


def _then(access: EpaAccess) -> HttpResponse:
    """Go on to the declaration when that is what comes next, else to how things stand."""
    case = access.case
    if access.state == AccessState.REQUESTED and case.state in OPEN_CASE and case.declared_at is None:
        return redirect("identity:application", purpose=Purpose.EPA.value)
    return redirect("epa:access", access_id=access.public_id)


@private("GET", "HEAD")
def access_page(request: HttpRequest, access_id: uuid.UUID) -> HttpResponse:
    """Show one access in whatever state it is, and what to do next."""
    access = own_access(request, access_id)
    context = {
        "access": access,
        "case_is_open": access.case.state in OPEN_CASE,
        "panel": f"epa/access/{access.state}.html",
        "words": words_of(access.channel),
        "entries": entries_of(access),
        "version": version_of(access),
        "watched": access.state in WATCHED,
        "contact": contact_for(access.insurant),
    }
    return render(request, "epa/access.html", context)


@private("GET", "HEAD")
def status(request: HttpRequest, access_id: uuid.UUID) -> JsonResponse:
    """Answer a waiting page: `version` changes when there is something new to see."""
    access = own_access(request, access_id)
    return JsonResponse({"state": access.state, "version": version_of(access)})


def own_access(request: HttpRequest, access_id: uuid.UUID) -> EpaAccess:
    """Return an access of the person who asks. Raises Http404."""
    return get_object_or_404(accesses_of(account_of(request)), public_id=access_id)


def version_of(access: EpaAccess) -> str:
    """Return a word that changes when the page should; it says nothing about the person."""
    return f"{access.state}-{access.problem}-{access.channel}-{access.case.state}"
