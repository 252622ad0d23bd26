"""The operators' page: accesses that the record system has refused, or that have waited for long."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor, ActorKind
from epa.models import EpaAccess
from epa.services import try_again, try_all_again
from epa.states import AccessState
from identity.portal.access import account_of, private

SHOWN = 100
may_retry = permission_required("epa.retry_accesses", raise_exception=True)


@private("GET", "HEAD")
@may_retry
def desk(request: HttpRequest) -> HttpResponse:
    """List what is stuck and what waits, oldest first, without a word about the person."""
    stuck = EpaAccess.objects.filter(state=AccessState.STUCK).order_by("requested_at")
    waiting = EpaAccess.objects.filter(state=AccessState.OPENING).exclude(problem="").order_by("requested_at")
    context = {
        "stuck": stuck[:SHOWN],
        "stuck_count": stuck.count(),
        "waiting_head": [_("Number"), _("Reason"), _("Requested"), _("Next try")],
        "waiting": [_row(access) for access in waiting[:SHOWN]],
        "waiting_count": waiting.count(),
    }
    return render(request, "epa/desk.html", context)


def _row(access: EpaAccess) -> list[str]:
    return [access.short_id, access.problem, _moment(access.requested_at), _moment(access.next_try_at)]


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


@private("POST")
@may_retry
def retry(request: HttpRequest, access_id: uuid.UUID) -> HttpResponse:
    """Let one stuck access try again."""
    get_object_or_404(EpaAccess, public_id=access_id)
    try_again(access_id, actor=_operator(request))
    messages.success(request, _("It is tried again now."))
    return redirect("epa:desk")


@private("POST")
@may_retry
def retry_all(request: HttpRequest) -> HttpResponse:
    """Let all stuck accesses try again."""
    count = try_all_again(actor=_operator(request))
    messages.success(
        request, ngettext("%(count)d is tried again now.", "%(count)d are tried again now.", count) % {"count": count}
    )
    return redirect("epa:desk")


def _operator(request: HttpRequest) -> Actor:
    return Actor(ActorKind.CLERK, str(account_of(request).public_id))
