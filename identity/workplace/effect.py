"""What a suspension would do if it were imposed now (M7): running cases and attempts, and which ways would be left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import OPEN_CASE, AttemptState, CaseState
from identity.methods.choices import Purpose
from identity.methods.models import Suspension
from identity.status.method_states import MethodState, method_states


@dataclass(frozen=True, slots=True)
class Effect:
    """`cases` and `attempts` are (what, how many); `remarks` for grey. Closed doors are told by `methods.doors`."""

    cases: list[tuple[str, int]]
    attempts: list[tuple[str, int]]
    remarks: list[str]

    @property
    def total(self) -> int:
        return sum(count for _what, count in self.cases)


def effect_of(draft: Suspension) -> Effect:
    """Return what the order would meet as things stand now. Three queries beside those for the methods' states."""
    states = method_states()
    return Effect(_cases(draft), _attempts(draft), _remarks(draft, states))


def _scope(draft: Suspension, prefix: str = "") -> Q:
    """The cases that purpose, insurer and region of an order cover."""
    wanted: dict[str, Any] = {"purpose": draft.purpose, "insurer": draft.insurer_id, "insurer__region": draft.region}
    return Q(**{f"{prefix}{name}": value for name, value in wanted.items() if value})


def _cases(draft: Suspension) -> list[tuple[str, int]]:
    found = IdentificationCase.objects.filter(_scope(draft), method=draft.method_id, state__in=OPEN_CASE)
    counts = dict(found.values_list("state").annotate(Count("pk")))
    return [(str(state.label), counts.get(state, 0)) for state in OPEN_CASE]


def _attempts(draft: Suspension) -> list[tuple[str, int]]:
    since = timezone.now() - timedelta(days=settings.LATE_OFFER_DAYS)
    kinds = {
        _("Under way: link or coupon given out"): Q(state__in=[AttemptState.INTENDED, AttemptState.STARTED]),
        _("Expired, but a late result could still come"): Q(state=AttemptState.EXPIRED, valid_until__gt=since),
        _("Result waits for a clerk's decision"): Q(state=AttemptState.SUCCEEDED, case__state=CaseState.IN_REVIEW),
        _("Late result offered to the person"): Q(state=AttemptState.LATE, case__state=CaseState.OFFERED),
    }
    found = Attempt.objects.filter(_scope(draft, "case__"), method=draft.method_id)
    counts = found.aggregate(**{f"n{place}": Count("pk", filter=each) for place, each in enumerate(kinds.values())})
    return [(what, counts[f"n{place}"]) for place, what in enumerate(kinds)]


def _is_open(state: MethodState, purpose: Purpose) -> bool:
    return any(each.purpose == purpose and each.allowed for each in state.purposes)


def _remarks(draft: Suspension, states: list[MethodState]) -> list[str]:
    mine = next(state for state in states if state.method.code == draft.method_id)
    found = []
    if mine.orders:
        found.append(_("This method is suspended already. Another order stands beside it and ends by itself."))
    if not any(_is_open(mine, purpose) for purpose in Purpose):
        found.append(_("Nobody can use this method at the moment."))
    if draft.effective_from > timezone.now() + timedelta(minutes=1):
        found.append(_("The counts are those of today. They may be others when the order takes effect."))
    return found
