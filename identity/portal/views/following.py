"""Where the button of a message leads: to the log-in, then to what there is to do about the case."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from identity.cases.links import case_id_in
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.portal.access import account_of, private


@login_not_required  # it asks for the log-in itself, and tells those whose link is no good before they log in
@private("GET", "HEAD")
def go_on(request: HttpRequest, token: str) -> HttpResponse:
    """Lead the person of a case to it. Changes nothing: mail programs open links before people do.

    A case of somebody else and one that does not exist get the very same answer, and so does a token that is no good.
    """
    case_id = case_id_in(token)
    if case_id is None:
        return _no_good(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    case = IdentificationCase.objects.filter(public_id=case_id, insurant__account=account_of(request)).first()
    if case is None:
        return _no_good(request)
    page = "identity:choice" if case.state == CaseState.CHOOSING else "identity:case"
    return redirect(page, case_id=case.public_id)


def _no_good(request: HttpRequest) -> HttpResponse:
    return render(request, "identity/link_no_good.html", status=404)
