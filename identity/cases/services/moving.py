"""Moving a locked case or attempt, and leaving a trace. The only place that writes a state."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from core import audit, outbox
from core.actors import Actor
from core.bulk import write_changed
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import OPEN_CASE, AttemptState, CaseState, check_attempt_move, check_case_move
from identity.methods.choices import Action, AssuranceLevel, Purpose
from identity.methods.rules import Question

SETTLED = tuple(
    state
    for state in AttemptState
    if state not in (AttemptState.INTENDED, AttemptState.UNREACHED, AttemptState.STARTED)
)


class Trail:
    """What one transaction leaves behind: audit events and messages, written together at its end.

    The audit chain is locked until the commit, so nothing may be locked after `write`.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._events: list[audit.Event] = []
        self._messages: list[outbox.Message] = []

    def note(self, name: str, subject: Any, **facts: Any) -> None:
        """Keep one event for the audit trail: codes and ids only."""
        self._events.append(audit.Event(name, subject, self.actor, facts))

    def tell(self, case: IdentificationCase, template: str, *, once: str = "", **context: Any) -> None:
        """Keep one message to the person of a case; the outbox sends each key once."""
        account = case.insurant.account
        if account is None:
            return  # nobody to tell: recorded at a counter
        key = f"identity.case.{case.public_id}.{template}" + (f".{once}" if once else "")
        self._messages.append(
            outbox.Message(
                key,
                f"identity/{template}",
                to=account.email,
                context={"case_id": str(case.public_id), "purpose": case.purpose, **context},
                language=account.language,
            )
        )

    def write(self) -> None:
        """Write everything down; the last statement of a transaction."""
        outbox.enqueue_many(self._messages)
        audit.record_many(self._events)
        self._events, self._messages = [], []


def locked_case(public_id: uuid.UUID | str) -> IdentificationCase:
    """Return a case with its row locked. Raises IdentificationCase.DoesNotExist."""
    cases = IdentificationCase.objects.select_for_update(of=("self",))
    return cases.select_related("insurant", "insurant__account", "insurer").get(public_id=public_id)


def move_case(case: IdentificationCase, target: CaseState, *, trail: Trail, reason: str = "", **facts: Any) -> None:
    """Move a locked case, in memory; the caller saves it. Raises MoveNotAllowed."""
    source = CaseState(case.state)
    check_case_move(source, target)
    case.state = target
    case.end_reason = reason
    case.closed_at = None if target in OPEN_CASE else timezone.now()
    if target not in (*OPEN_CASE, CaseState.OFFERED):
        case.frozen_since = None  # its clocks matter no more
    trail.note(f"identity.case.{target.value}", case, source=source.value, reason=reason, **facts)


def move_attempt(attempt: Attempt, target: AttemptState, *, trail: Trail, reason: str = "") -> None:
    """Move an attempt of a locked case, in memory; the caller saves it. Raises MoveNotAllowed."""
    source = AttemptState(attempt.state)
    check_attempt_move(source, target)
    attempt.state = target
    attempt.reason = reason
    if target in SETTLED:
        attempt.decided_at = timezone.now()
    trail.note(
        f"identity.attempt.{target.value}",
        attempt,
        case_id=str(attempt.case.public_id),
        method=attempt.method_id,
        source=source.value,
        reason=reason,
    )


def question_about(
    case: IdentificationCase,
    action: Action,
    method: str,
    *,
    identified_at: datetime | None = None,
    begun_at: datetime | None = None,
    by_staff: bool = False,
) -> Question:
    """Return what the gate is to be asked about a case."""
    insurant = case.insurant
    day = timezone.localdate(identified_at) if identified_at else timezone.localdate()
    return Question(
        action=action,
        method=method,
        purpose=Purpose(case.purpose),
        insurer_id=case.insurer_id,
        region=case.insurer.region,
        age=insurant.age_on(day),
        by_staff=by_staff,
        level_demanded=AssuranceLevel(case.level_demanded),
        person=str(insurant.public_id),
        begun_at=begun_at,
        identified_at=identified_at,
    )


CASE_FIELDS = ["state", "method", "expires_at", "offered_until", "frozen_since", "closed_at", "end_reason"]
ATTEMPT_FIELDS = ["state", "progress", "reason", "suspected_fraud", "provider_case_id", "started_at", "valid_until",
                  "decided_at"]  # fmt: skip


def save_moved(cases: Iterable[IdentificationCase], attempts: Iterable[Attempt]) -> None:
    """Write moved rows, one statement a table."""
    write_changed(list(cases), CASE_FIELDS)
    write_changed(list(attempts), ATTEMPT_FIELDS)
