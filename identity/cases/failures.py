"""How often attempts of a method fail, for those who watch over a readmission."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from identity.cases.effects.finding import concerned, scope_of
from identity.cases.models import Attempt
from identity.cases.states import AttemptState
from identity.methods.models import Suspension
from identity.methods.services.readmitting import Figures

A = AttemptState
FAILED = (A.FAILED, A.REJECTED)
DECIDED = (*FAILED, A.SUCCEEDED, A.SURPLUS, A.LATE)
"""What a provider has said something final about. Our own stops, cancellations and expired coupons say nothing."""


def failures_of(order: Suspension, since: datetime, until: datetime) -> Figures:
    """Return the figures of an order's scope, of attempts begun from `since` until before `until`."""
    begun = Attempt.objects.filter(
        scope_of(order, "case__"), concerned(order), intended_at__gte=since, intended_at__lt=until
    )
    decided = Q(state__in=DECIDED) | Q(suspected_fraud=True)
    failed = Q(state__in=FAILED) | Q(suspected_fraud=True)
    counted = begun.aggregate(decided=Count("pk", filter=decided), failed=Count("pk", filter=failed))
    return Figures(counted["failed"], counted["decided"])
