"""The state of every method, and the orders that steer them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.methods.choices import Purpose
from identity.methods.models import Method, Suspension
from identity.methods.records import Lifting
from identity.methods.services import impose_suspension, propose_lifting
from identity.methods.services.imposing import AlreadyImposed
from identity.methods.services.lifting import SuspensionEnded
from identity.portal.method_states import method_states
from identity.workplace.access import METHODS, account_of, actor_of, staff_required
from identity.workplace.effect import effect_of
from identity.workplace.events import staff_named
from identity.workplace.suspension_forms import EndSuspensionForm, SuspensionForm, show_errors

PER_PAGE = 25


@staff_required(METHODS)
@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """Show all methods with the orders in force and planned."""
    states = [{"state": each, "orders": [_order(order) for order in [*each.orders, *each.planned_orders]]}
              for each in method_states()]  # fmt: skip
    return render(request, "workplace/methods.html", {"states": states})


@staff_required(METHODS)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Show every order there has ever been (M8): who, when, and on what evidence it ended."""
    orders = Suspension.objects.select_related("method", "insurer")
    page = Paginator(orders, PER_PAGE).get_page(request.GET.get("page"))
    staff = staff_named(each for order in page for each in (order.imposed_by, order.confirmed_by))
    rows = [_order(order) | {"imposed_by": staff.get(order.imposed_by, order.imposed_by),
                             "confirmed_by": staff.get(order.confirmed_by, order.confirmed_by)}
            for order in page]  # fmt: skip
    return render(request, "workplace/history.html", {"page": page, "rows": rows})


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Take an order. The first POST shows what it would do, the second (`step=confirm`) puts it in force."""
    method = get_object_or_404(Method, pk=code)
    form = SuspensionForm(request.POST if request.method == "POST" else None, method=method)
    if request.method != "POST" or request.POST.get("step") == "change":
        return _suspend_page(request, method, _unchecked(form))
    if not form.is_valid():
        return _suspend_page(request, method, form)
    draft = form.instance
    if request.POST.get("step") != "confirm":
        context = {"method": method, "form": form, "order": _order(draft), "effect": effect_of(draft)}
        return render(request, "workplace/suspend_confirm.html", context)
    try:
        impose_suspension(draft, actor=actor_of(account_of(request)))
    except AlreadyImposed as error:
        messages.info(request, error.detail)
        return redirect("workplace:methods")
    except ValidationError as error:
        show_errors(form, error)
        return _suspend_page(request, method, form)
    messages.success(request, _("Suspended: %(method)s. It works from the next request on.") % {"method": method.name})
    return redirect("workplace:methods")


def _unchecked(form: SuspensionForm) -> SuspensionForm:
    """Return the form with what was typed, and without errors."""
    if not form.is_bound:
        return form
    again = SuspensionForm(method=form.instance.method)
    again.initial = {name: form[name].value() for name in form.fields}
    return again


def _suspend_page(request: HttpRequest, method: Method, form: SuspensionForm) -> HttpResponse:
    context = {"method": method, "form": form}
    return render(request, "workplace/suspend.html", context, status=422 if form.errors else 200)


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """End an order with a reference to the evidence (M7)."""
    order = get_object_or_404(Suspension.objects.select_related("method", "insurer"), pk=suspension_id)
    form = EndSuspensionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            draft = Lifting(suspension=order, evidence=given["evidence"], at=given["at"])
            propose_lifting(draft, actor=actor_of(account_of(request)))
        except SuspensionEnded as error:
            messages.warning(request, error.detail)
            return redirect("workplace:history")
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, _("The end of the suspension has been recorded."))
            return redirect("workplace:methods")
    elif order.ends_at is not None and order.ends_at <= timezone.now():
        messages.warning(request, SuspensionEnded.message)
        return redirect("workplace:history")
    context = {"order": _order(order), "form": form}
    return render(request, "workplace/end.html", context, status=422 if form.errors else 200)


def _order(order: Suspension) -> dict[str, Any]:
    """Return an order with its title and scope in words, and whether it can still be ended."""
    scope = [
        str(Purpose(order.purpose).label) if order.purpose else "",
        _("provider %(name)s") % {"name": order.provider} if order.provider else "",
        order.insurer.name if order.insurer else "",
        _("region %(name)s") % {"name": order.region} if order.region else "",
    ]
    now = timezone.now()
    named = order.authority in order.order_reference
    return {
        "order": order,
        "title": order.order_reference if named else f"{order.authority}, {order.order_reference}",
        "scope": ", ".join(part for part in scope if part) or _("everywhere"),
        "is_planned": order.effective_from > now,
        "can_end": order.ends_at is None or order.ends_at > now,
    }
