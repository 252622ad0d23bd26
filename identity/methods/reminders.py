"""Nagging: an order that no second person has confirmed (M7), and one whose review date has come.

The outbox holds each mail once, by order, person and slot of time. So this may run as often as anybody likes, and after
an outage only the mail of the present slot goes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import outbox
from core.accounts.models import Account
from identity.methods.models import Suspension
from identity.methods.records import MethodChange


@transaction.atomic
def remind_administrators() -> None:
    """Put the mails that are due into the outbox. What is there already stays as it is."""
    now = timezone.now()
    orders = Suspension.objects.filter(undone_at=None, evidence="").select_related("method")
    # What came with the installation has no line in the history: there is nobody whose order it was.
    given = orders.filter(confirmed_by="", changes__kind=MethodChange.Kind.IMPOSED).distinct()
    unconfirmed = list(given)
    to_review = [each for each in orders.filter(review_on__lte=timezone.localdate(now)) if not _is_over(each, now)]
    if unconfirmed or to_review:
        staff = administrators()
        mails = [mail for order in unconfirmed for mail in _nag(order, staff, now)]
        mails += [mail for order in to_review for mail in _ask_to_review(order, staff)]
        outbox.enqueue_many(mails)


def administrators() -> list[Account]:
    """Return the active members of staff who may steer methods, by themselves or by a group."""
    own = Q(user_permissions__codename="steer_methods", user_permissions__content_type__app_label="identity")
    by_group = Q(groups__permissions__codename="steer_methods", groups__permissions__content_type__app_label="identity")
    may = Q(is_superuser=True) | own | by_group
    return list(Account.objects.filter(may, is_active=True, is_staff=True).distinct().order_by("pk"))


def _is_over(order: Suspension, now: datetime) -> bool:
    return order.end is not None and order.end <= now


def _nag(order: Suspension, staff: Sequence[Account], now: datetime) -> Iterator[outbox.Message]:
    """At once, then at every slot. Who has imposed it cannot confirm it, under any of their accounts."""
    slot = (now - order.imposed_at) // timedelta(hours=settings.UNCONFIRMED_REMINDER_HOURS)
    for account in [each for each in staff if not _imposed_by(order, each, staff)] or staff:
        key = f"identity.suspension.{order.pk}.unconfirmed.{account.public_id}.{slot}"
        yield _mail(key, "identity/order_unconfirmed", order, account)


def _imposed_by(order: Suspension, account: Account, staff: Sequence[Account]) -> bool:
    first = next((each for each in staff if str(each.public_id) == order.imposed_by), None)
    if first is None:
        return str(account.public_id) == order.imposed_by
    return (account.same_person_as_id or account.pk) == (first.same_person_as_id or first.pk)


def _ask_to_review(order: Suspension, staff: Sequence[Account]) -> Iterator[outbox.Message]:
    for account in staff:
        key = f"identity.suspension.{order.pk}.review.{account.public_id}"
        yield _mail(key, "identity/order_review_due", order, account)


def _mail(key: str, template: str, order: Suspension, account: Account) -> outbox.Message:
    context: dict[str, Any] = {
        "method": order.method_id,
        "authority": order.authority,
        "order_reference": order.order_reference,
        "imposed_at": order.imposed_at.isoformat(),
        "review_on": order.review_on.isoformat(),
    }
    return outbox.Message(key, template, account.email, context, account.language)
