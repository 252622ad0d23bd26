"""Finding a case by a number, and the page that tells all about it but names."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.workplace import words
from identity.workplace.access import INBOX, REVIEWS, account_of, note_look, refuse_own, staff_required
from identity.workplace.case_file import case_badge, case_or_404, file_of, find_case
from identity.workplace.forms import CaseSearchForm


@staff_required(REVIEWS, INBOX)
@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """Search by a number, by POST: what is typed stands in no address and no log."""
    form = CaseSearchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = find_case(form.cleaned_data["number"])
        if found:
            return redirect("workplace:case", case_id=found)
        form.add_error("number", _("There is no case with this number."))
    return render(request, "workplace/cases.html", {"form": form}, status=422 if form.errors else 200)


@staff_required(REVIEWS, INBOX)
@require_safe
def case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show a case with its trail. Each look is recorded, and the person sees that it happened."""
    account = account_of(request)
    case = case_or_404(case_id)
    refuse_own(account, case)
    note_look(account, [case], page="case")
    context = {
        "file": file_of(case),
        "case": case,
        "badge": case_badge(case),
        "reason": words.reason(case.end_reason) if case.end_reason else "",
        "may_review": account.has_perm(REVIEWS),
    }
    return render(request, "workplace/case.html", context)
