"""The first page of the workplace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity.workplace.access import INBOX, METHODS, REVIEWS, account_of, staff_required
from identity.workplace.orders import attention, orders_that_matter
from identity.workplace.overview import inbox_card, methods_card, quarantine_card, reviews_card


@staff_required(REVIEWS, INBOX, METHODS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits, as counts, and orders that need a look; only what this member of staff may work on."""
    account = account_of(request)
    cards, waiting = [], None
    if account.has_perm(REVIEWS):
        cards.append(reviews_card(account))
    if account.has_perm(INBOX):
        cards.append(inbox_card())
    if account.has_perm(METHODS):
        now = timezone.now()
        orders = orders_that_matter(now)
        cards.append(methods_card(orders, now))
        waiting = attention(orders, now)
    if account.has_perm(REVIEWS) or account.has_perm(METHODS):
        cards.append(quarantine_card())
    return render(request, "workplace/overview.html", {"cards": cards, "attention": waiting})
