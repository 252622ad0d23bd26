"""Results that an order holds: in quarantine until it is lifted, or withheld for good. Without names."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from core.accounts.models import Account
from identity.cases.models import Result
from identity.cases.states import AttemptState
from identity.workplace import words
from identity.workplace.orders import title_of

STATES = (AttemptState.QUARANTINED, AttemptState.WITHHELD)


def held_results(state: str, suspension_id: int | None) -> QuerySet[Result]:
    """Return the results that orders hold, in the order of their identification: so they are released, too."""
    found = (
        Result.objects.filter(held_by__isnull=False, attempt__state=state)
        .select_related("attempt__method", "case", "held_by")
        .defer("person", "attempt__continue_url", "attempt__app_url")
        .annotate(owner=F("case__insurant__account"))
        .order_by("identified_at", "pk")
    )
    return found.filter(held_by=suspension_id) if suspension_id else found


def row_of(result: Result, account: Account) -> dict[str, Any]:
    """Return a row of the list; of one's own case only that there is one."""
    state = AttemptState(result.attempt.state)
    order = result.held_by
    return {
        "result": result,
        "case": result.case,
        "short_id": str(result.case.public_id)[:8],
        "method": result.attempt.method.name,
        "state": state.label,
        "badge": words.ATTEMPT_BADGES.get(state, "neutral"),
        "days": (timezone.now() - result.received_at).days,
        "order_title": title_of(order) if order else "",
        "is_own": getattr(result, "owner", None) == account.pk,
    }
