"""The page of one order, and the buttons on it: confirm, take back, approve and withdraw a proposal to lift it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from identity.methods.models import Suspension
from identity.methods.records import Lifting
from identity.methods.services import (
    approve_lifting,
    confirm_suspension,
    propose_lifting,
    undo_suspension,
    withdraw_lifting,
)
from identity.methods.services.lifting import LiftingOpen, SuspensionEnded
from identity.workplace.access import METHODS, account_of, actor_of, staff_required
from identity.workplace.lifting_forms import LiftingForm
from identity.workplace.order_file import order_file
from identity.workplace.orders import can_be_lifted, described
from identity.workplace.suspension_forms import show_errors

log = structlog.get_logger(__name__)


@staff_required(METHODS)
@require_safe
def order(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """Show everything about an order and how far it has been carried out."""
    found = _order_or_404(suspension_id)
    return render(request, "workplace/order.html", {"file": order_file(found, account_of(request))})


@staff_required(METHODS)
@require_POST
def confirm(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """Confirm an order that somebody else has imposed."""
    _order_or_404(suspension_id)
    service = partial(confirm_suspension, suspension_id)
    return _act(request, suspension_id, service, _("The suspension is confirmed."))


@staff_required(METHODS)
@require_POST
def undo(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """Take an order back, within minutes and before it is confirmed."""
    _order_or_404(suspension_id)
    service = partial(undo_suspension, suspension_id)
    return _act(request, suspension_id, service, _("The suspension is taken back. Everything becomes as it was."))


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, suspension_id: int) -> HttpResponse:
    """Propose to lift an order (M7). Nothing changes until somebody else has approved it."""
    found = _order_or_404(suspension_id)
    form = LiftingForm(request.POST if request.method == "POST" else None, order=found)
    if request.method == "POST" and form.is_valid():
        try:
            propose_lifting(form.draft(), actor=actor_of(account_of(request)))
        except ValidationError as error:
            show_errors(form, error)
        except DomainError as error:
            return _refused(request, suspension_id, error)
        else:
            messages.success(request, _("Proposed. The suspension stays until a second person approves it."))
            return redirect("workplace:order", suspension_id=suspension_id)
    elif not can_be_lifted(found, timezone.now()):
        return _refused(request, suspension_id, SuspensionEnded())
    elif found.liftings.filter(approved_at=None, withdrawn_at=None).exists():
        return _refused(request, suspension_id, LiftingOpen())
    context = {"words": described(found), "form": form}
    return render(request, "workplace/lift.html", context, status=422 if form.errors else 200)


@staff_required(METHODS)
@require_POST
def approve(request: HttpRequest, lifting_id: int) -> HttpResponse:
    """Approve a proposal of somebody else: exactly the one whose page was shown, for its text cannot change."""
    proposal = get_object_or_404(Lifting, pk=lifting_id)
    done = _("Approved. The suspension ends as proposed.")
    return _act(request, proposal.suspension_id, partial(approve_lifting, lifting_id), done)


@staff_required(METHODS)
@require_POST
def withdraw(request: HttpRequest, lifting_id: int) -> HttpResponse:
    """Take a proposal back."""
    proposal = get_object_or_404(Lifting, pk=lifting_id)
    done = _("The proposal is withdrawn. The suspension stays.")
    return _act(request, proposal.suspension_id, partial(withdraw_lifting, lifting_id), done)


def _order_or_404(suspension_id: int) -> Suspension:
    return get_object_or_404(Suspension.objects.select_related("method", "insurer"), pk=suspension_id)


def _act(request: HttpRequest, suspension_id: int, service: Callable[..., Any], done: str) -> HttpResponse:
    """Do it in the name of who is logged in, and show the order with what has come of it."""
    try:
        service(actor=actor_of(account_of(request)))
    except DomainError as error:
        return _refused(request, suspension_id, error)
    messages.success(request, done)
    return redirect("workplace:order", suspension_id=suspension_id)


def _refused(request: HttpRequest, suspension_id: int, error: DomainError) -> HttpResponse:
    log.info("refused", reason=error.code, suspension=suspension_id)
    messages.warning(request, error.detail)
    return redirect("workplace:order", suspension_id=suspension_id)
