"""The list of results that orders hold back, for clerks and administrators."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from identity.cases.states import AttemptState
from identity.workplace.access import INBOX, METHODS, REVIEWS, account_of, note_look, staff_required
from identity.workplace.forms import QuarantineFilterForm
from identity.workplace.quarantine import held_results, row_of

PER_PAGE = 25


@staff_required(REVIEWS, METHODS)
@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what is in quarantine (or withheld: `stand`), of one order (`aussetzung`) if asked. Looks are recorded."""
    account = account_of(request)
    form = QuarantineFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    state, order = asked.get("stand") or AttemptState.QUARANTINED.value, asked.get("aussetzung")
    page = Paginator(held_results(state, order), PER_PAGE).get_page(request.GET.get("page"))
    rows = [row_of(each, account) for each in page]
    note_look(account, [row["case"] for row in rows if not row["is_own"]], page="quarantine")
    context = {
        "form": form.without_optional(),
        "page": page,
        "rows": rows,
        "query": urlencode({"stand": state} | ({"aussetzung": order} if order else {})),
        "is_quarantine": state == AttemptState.QUARANTINED,
        "opens_cases": account.has_perm(REVIEWS) or account.has_perm(INBOX),
        "opens_orders": account.has_perm(METHODS),
    }
    return render(request, "workplace/quarantine.html", context, status=422 if form.errors else 200)
