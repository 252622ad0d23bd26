"""The history of methods: to look at, to print, and as data. Who takes it out of the house is in the audit trail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import audit
from identity.methods.models import Suspension
from identity.workplace.access import METHODS, account_of, actor_of, staff_required
from identity.workplace.events import staff_named
from identity.workplace.forms import HistoryFilterForm
from identity.workplace.history import as_csv, as_json, changes, older_orders, order_as_json, row_of
from identity.workplace.orders import described

PER_PAGE = 25


@staff_required(METHODS)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Show every change there has ever been (M8), of one method (`verfahren`) or order (`aussetzung`) if asked."""
    form, narrowed = _asked(request)
    found = changes(narrowed["verfahren"], narrowed["aussetzung"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    older = [] if page.has_next() else list(older_orders(narrowed["verfahren"], narrowed["aussetzung"]))
    staff = staff_named(each.actor for each in page)
    context = {
        "form": form.without_optional(),
        "page": page,
        "rows": [row_of(each, staff) for each in page],
        "older": [described(each) for each in older],
        "query": urlencode({name: value for name, value in narrowed.items() if value}),
    }
    return render(request, "workplace/history.html", context, status=422 if form.errors else 200)


@staff_required(METHODS)
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Give the history away, as `csv`, `json`, or a page to `print`: staff by public ids only."""
    asked, narrowed = _asked(request)
    method = narrowed["verfahren"]
    found, older = changes(method), older_orders(method)
    _note(request, "identity.suspension.history_exported", ("identity.methodchange", method or "all"), form=form)
    match form:
        case "csv":
            body = "\ufeff" + as_csv(found, older)  # the mark tells spreadsheets that it is UTF-8
            return _file(HttpResponse(body, content_type="text/csv; charset=utf-8"), "verlauf.csv")
        case "json":
            return _file(JsonResponse(as_json(found, older, method)), "verlauf.json")
    context = {
        "rows": [row_of(each, {}) for each in found],
        "older": [described(each) for each in older],
        "method": asked.method_names.get(method, "") if method else "",
        "now": timezone.now(),
        "by": account_of(request).public_id,
    }
    return render(request, "workplace/history_print.html", context)


@staff_required(METHODS)
@require_safe
def export_order(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """Give all about one order away as JSON."""
    order = get_object_or_404(Suspension, pk=suspension_id)
    _note(request, "identity.suspension.exported", order, form="json")
    return _file(JsonResponse(order_as_json(order)), f"aussetzung-{order.pk}.json")


def _asked(request: HttpRequest) -> tuple[HistoryFilterForm, dict[str, Any]]:
    form = HistoryFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    return form, {"verfahren": asked.get("verfahren", ""), "aussetzung": asked.get("aussetzung")}


@transaction.atomic
def _note(request: HttpRequest, name: str, subject: Any, *, form: str) -> None:
    """The record stands before anything is given away."""
    audit.record(name, subject, actor=actor_of(account_of(request)), form=form)


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
