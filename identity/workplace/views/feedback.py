"""What readers say about the status page: counts by week, and the texts."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import audit
from identity.status.feedback import feedback_by_week
from identity.status.models import StatusFeedback
from identity.workplace.access import METHODS, account_of, actor_of, staff_required

PER_PAGE = 25


@staff_required(METHODS)
@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    """Show the answers. The texts may name somebody, so the look is recorded before anything is shown (B4)."""
    texts = StatusFeedback.objects.filter(has_text=True)
    page = Paginator(texts, PER_PAGE).get_page(request.GET.get("page"))
    with transaction.atomic():
        audit.record(
            "identity.feedback.viewed", ("identity.statusfeedback", "texts"), actor=actor_of(account_of(request)),
            page=page.number, shown=len(page),
        )  # fmt: skip
    return render(request, "workplace/feedback.html", {"page": page, "weeks": feedback_by_week()})
