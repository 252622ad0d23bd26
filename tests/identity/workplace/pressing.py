"""What tests of orders do at the desk, and the orders they do it with."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.methods.models import Suspension
from tests.identity.workplace.conftest import text_of


def press(desk: Client, name: str, key: int) -> str:
    """Press a button; return what the page says then."""
    response = desk.post(reverse(f"workplace:{name}", args=[key]), follow=True)
    assert response.redirect_chain[-1][0].startswith("/arbeitsplatz/aussetzungen/")
    return text_of(response)


def shown(desk: Client, order: Suspension) -> str:
    return text_of(desk.get(reverse("workplace:order", args=[order.pk])))


def stands(order: Suspension) -> bool:
    order.refresh_from_db()
    return order.covers(timezone.now())


def propose(desk: Client, order: Suspension, **given: str) -> Any:
    return desk.post(reverse("workplace:lift", args=[order.pk]), {"evidence": "Report 9", "how": "at_once"} | given)
