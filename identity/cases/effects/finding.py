"""Who is in the middle when a method is suspended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import OPEN_CASE, AttemptState, CaseState
from identity.methods.choices import Effect
from identity.methods.models import Suspension

A = AttemptState
UNDER_WAY = (A.INTENDED, A.UNREACHED, A.STARTED, A.FAILED, A.QUARANTINED)
"""A failed one, too: whoever holds a coupon may go to the post office again as long as it is valid."""


def scope_of(order: Suspension, prefix: str = "") -> Q:
    """Return the cases that purpose, insurer and region of an order cover."""
    wanted: dict[str, Any] = {"purpose": order.purpose, "insurer": order.insurer_id, "insurer__region": order.region}
    return Q(**{f"{prefix}{name}": value for name, value in wanted.items() if value})


def concerned(order: Suspension) -> Q:
    """Return the attempts with the method, and the provider if it names one, of an order."""
    return Q(method=order.method_id) & (Q(provider=order.provider) if order.provider else Q())


def attempts_in_the_middle(order: Suspension) -> QuerySet[Attempt]:
    """Return the attempts of an order's scope that are under way, or whose result is not used yet."""
    since = order.effective_from if order.pk else timezone.now()
    way = Q(state__in=[A.INTENDED, A.UNREACHED, A.STARTED, A.QUARANTINED], case__state__in=OPEN_CASE)
    again = Q(state=A.FAILED, valid_until__gt=since, case__state__in=[CaseState.CHOOSING, CaseState.IDENTIFYING])
    unused = Q(state=A.SUCCEEDED, case__state=CaseState.IN_REVIEW) | Q(state=A.LATE, case__state=CaseState.OFFERED)
    return Attempt.objects.filter(scope_of(order, "case__"), concerned(order), way | again | unused)


def cases_in_the_middle(order: Suspension) -> QuerySet[IdentificationCase]:
    """Return the cases of those attempts, each once, by primary key."""
    mine = attempts_in_the_middle(order).filter(case=OuterRef("pk"))
    running = IdentificationCase.objects.filter(state__in=[*OPEN_CASE, CaseState.OFFERED])
    return running.filter(Exists(mine)).order_by("pk")


def results_to_void(order: Suspension) -> QuerySet[Result]:
    """Return the results that have identified people since the moment an order with the effect void names."""
    if order.void_since is None:
        return Result.objects.none()
    granted = Result.objects.filter(scope_of(order, "case__"), granted_at__isnull=False, voided_by=None)
    mine = granted.filter(method_used=order.method_id, identified_at__gte=order.void_since)
    return mine.filter(attempt__provider=order.provider) if order.provider else mine


def freezing_orders(cases: Sequence[IdentificationCase]) -> dict[int, list[Suspension]]:
    """Return the orders that stop the clocks of these cases, by the primary key of the case.

    Those too whose end has come, as long as the deadlines have not been moved.
    """
    begun = Suspension.objects.filter(effect=Effect.FREEZE, undone_at=None, effective_from__lte=timezone.now())
    orders = list(begun.exclude(runs__phase="thaw", runs__finished_at__isnull=False))
    if not orders:
        return {}
    keys = [case.pk for case in cases]
    found: dict[int, list[Suspension]] = {}
    for order in orders:
        for key in cases_in_the_middle(order).filter(pk__in=keys).values_list("pk", flat=True):
            found.setdefault(key, []).append(order)
    return found
