"""The audit trail for administrators."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from identity.workplace.access import METHODS, staff_required
from identity.workplace.events import in_words
from identity.workplace.forms import TrailFilterForm
from identity.workplace.trail import anchor_state, latest


@staff_required(METHODS)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show the latest events, narrowed by kind (`art`) and subject (`gegenstand`), and the state of the last anchor."""
    form = TrailFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    narrowed = {"art": asked.get("art", ""), "gegenstand": asked.get("gegenstand", "")}
    events, before = latest(narrowed["art"], narrowed["gegenstand"], asked.get("vor"))
    context = {
        "form": form.without_optional(),
        "entries": in_words(events),
        "anchor": anchor_state(),
        "older": urlencode({**narrowed, "vor": before}) if before else "",
        "newest": urlencode(narrowed) if asked.get("vor") else "",
    }
    return render(request, "workplace/audit.html", context, status=422 if form.errors else 200)
