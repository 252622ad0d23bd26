"""A provider that says what a test tells it to: for the verbs of cases. HTTP is tested with the simulators."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from core.errors import OutsideError
from identity.callbacks.models import InboxEntry
from identity.callbacks.services import note_hint
from identity.callbacks.states import Origin
from identity.cases.models import Attempt
from identity.providers.ports import Hint, ProviderCase, Started, StartOrder


class ScriptedProvider:
    """Keeps the orders it got; answers from `answers`, raises what is in there."""

    def __init__(self) -> None:
        self.orders: list[StartOrder] = []
        self.answers: dict[str, ProviderCase | OutsideError] = {}
        self.on_start: Callable[[StartOrder], None] = lambda order: None
        self.on_fetch: Callable[[str], None] = lambda number: None
        self._numbers = itertools.count(1)

    def offers(self, method: str) -> bool:
        return method in ("postident_branch", "postident_eid")

    def start(self, order: StartOrder) -> Started:
        self.orders.append(order)
        self.on_start(order)
        number = f"C{next(self._numbers):011d}"
        until = timezone.now() + timedelta(days=14)
        return Started(number, f"https://provider.example/{number}", until, f"postident://cases/{number}")

    def fetch(self, contract: str, provider_case_id: str) -> ProviderCase:
        self.on_fetch(provider_case_id)
        answer = self.answers[provider_case_id]
        if isinstance(answer, OutsideError):
            raise answer
        return answer

    def contract_of(self, token: str) -> str | None:
        return None

    def read_callback(self, body: bytes) -> Hint | None:
        return None


def hint_about(attempt: Attempt, reference: str | None = None, number: str = "") -> InboxEntry:
    """Store a hint as a callback would, and return its entry."""
    told = attempt.reference if reference is None else reference
    number = number or attempt.provider_case_id
    note_hint("postident", "postident_branch", number, told, Origin.CALLBACK)
    return InboxEntry.objects.get(provider_case_id=number, reference=told)
