"""The form of the accessibility statement: for everybody, with or without a log-in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.limits import LimitReached
from identity.portal.feedback import send_feedback
from identity.portal.forms import FeedbackForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """Ask what is in the way; by POST send it on. What was written stays in the form when it cannot be sent."""
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            send_feedback(**form.cleaned_data, address=request.META.get("REMOTE_ADDR", ""))
        except LimitReached as error:
            form.add_error(None, error.detail)
            status = error.http_status
        else:
            return redirect("identity:feedback_sent")
    elif form.errors:
        status = 422
    return render(request, "identity/feedback.html", {"form": form}, status=status)


@login_not_required
@require_safe
def feedback_sent(request: HttpRequest) -> HttpResponse:
    """Say that it has arrived and what happens with it."""
    return render(request, "identity/feedback_sent.html")
