"""The state of every method, and the form of the orders that stop them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.methods.doors import last_doors
from identity.methods.models import Method, Suspension
from identity.methods.services import impose_suspension
from identity.methods.services.imposing import AlreadyImposed, LastDoorReasonMissing
from identity.status.method_states import method_states
from identity.workplace.access import METHODS, account_of, actor_of, staff_required
from identity.workplace.orders import attention, described, door_warnings, title_of
from identity.workplace.preview import preview_of
from identity.workplace.suspension_forms import SuspensionForm, show_errors


@staff_required(METHODS)
@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """Show all methods with the orders in force and planned, and which orders somebody has to look at."""
    now = timezone.now()
    listed = [(state, [*state.orders, *state.planned_orders]) for state in method_states()]
    states = [{"state": state, "orders": [described(order, now) for order in orders]} for state, orders in listed]
    context = {"states": states, "attention": attention((order for _s, orders in listed for order in orders), now)}
    return render(request, "workplace/methods.html", context)


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Take an order. The first POST shows what it would do, the second (`step=confirm`) puts it in force."""
    method = get_object_or_404(Method, pk=code)
    form = SuspensionForm(request.POST if request.method == "POST" else None, method=method)
    if request.method != "POST" or request.POST.get("step") == "change":
        return _form_page(request, _unchecked(form))
    if not form.is_valid():
        return _form_page(request, form)
    if request.POST.get("step") != "confirm":
        return _confirm_page(request, form)
    return _impose(request, form)


def _impose(request: HttpRequest, form: SuspensionForm) -> HttpResponse:
    method = form.instance.method
    try:
        order = impose_suspension(form.instance, actor=actor_of(account_of(request)))
    except AlreadyImposed as error:
        messages.info(request, error.detail)
        return redirect("workplace:methods")
    except LastDoorReasonMissing as error:
        form.add_error("last_door_reason", error.detail)
    except ValidationError as error:
        show_errors(form, error)
    else:
        messages.success(
            request, _("Suspended: %(method)s. It works from the next request on.") % {"method": method.name}
        )
        return redirect("workplace:order", suspension_id=order.pk)
    return _form_page(request, form)


def _unchecked(form: SuspensionForm) -> SuspensionForm:
    """Return the form with what was typed, and without errors."""
    if not form.is_bound:
        return form
    again = SuspensionForm(method=form.instance.method)
    again.initial = {name: form[name].value() for name in form.fields}
    return again


def _form_page(request: HttpRequest, form: SuspensionForm) -> HttpResponse:
    """Show the form; the question about the last door only where it was asked or answered."""
    doors = door_warnings(last_doors(form.instance)) if "last_door_reason" in form.errors else []
    asks_why = bool(doors or form["last_door_reason"].value())
    context = {"method": form.instance.method, "form": form, "doors": doors, "asks_why": asks_why}
    return render(request, "workplace/suspend.html", context, status=422 if form.errors else 200)


def _confirm_page(request: HttpRequest, form: SuspensionForm) -> HttpResponse:
    """Show what the order would do, and what stands beside it already (M7)."""
    draft = form.instance
    standing = Suspension.objects.filter(method=draft.method_id).in_force(timezone.now())
    context = {
        "method": draft.method,
        "form": form,
        "words": described(draft),
        "preview": preview_of(draft),
        "standing": [title_of(order) for order in standing],
    }
    return render(request, "workplace/suspend_confirm.html", context)
