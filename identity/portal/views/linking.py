"""Connecting an account with an insured person."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.limits import LimitReached
from identity.members.linking import LinkRefused, link_insurance
from identity.portal.access import account_of, insurant_of, private
from identity.portal.forms import LinkForm
from identity.portal.steps import CONNECT, step
from identity.portal.views.applying import staff_page


@private("GET", "HEAD", "POST")
def link(request: HttpRequest) -> HttpResponse:
    """Ask for number, birth date and card. A wrong, an unknown and a foreign number get the very same answer."""
    if insurant_of(request):
        return redirect("identity:home")
    if page := staff_page(request):
        return page
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _connect(request, form)
        except LinkRefused as error:
            form.add_error(None, error.detail)
        except LimitReached as error:
            return _paused(request, error)
        else:
            messages.success(request, _("Your insurance is connected."))
            return redirect("identity:purpose")
    context = {"form": form, "step": step(CONNECT)}
    return render(request, "identity/link.html", context, status=422 if form.errors else 200)


def _connect(request: HttpRequest, form: LinkForm) -> None:
    given = form.cleaned_data
    link_insurance(
        account_of(request),
        kvnr=given["kvnr"],
        birth_date=given["birth_date"],
        card_digits=given["card_digits"],
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _paused(request: HttpRequest, error: LimitReached) -> HttpResponse:
    until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
    response = render(request, "identity/link_paused.html", {"until": until}, status=error.http_status)
    response["Retry-After"] = str(error.retry_after_seconds)
    return response
