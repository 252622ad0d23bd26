"""Moving a locked access, and leaving a trace. The only place that writes a state."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit, outbox
from core.actors import SYSTEM, Actor
from core.wake import wake
from epa.models import EpaAccess
from epa.states import AccessState, EndReason, check_move
from identity.cases.models import IdentificationCase
from identity.members.models import Insurant

TOLD_WHEN_ENDED = (EndReason.IDENTIFICATION_WITHDRAWN, EndReason.MEMBERSHIP_ENDED)
"""A case that ends without identification tells of itself."""


def hold_person(insurant_id: uuid.UUID) -> None:
    """Lock a person against a second wish at the same time. Before the case's lock; within a transaction.

    The constraints would catch a second access under way; with the lock it finds the first.
    """
    people = Insurant.objects.select_for_update(of=("self",), no_key=True)
    people.values_list("pk").get(pk=insurant_id)


def locked_access(case: IdentificationCase, **which: Any) -> EpaAccess:
    """Return an access of a locked case with its own row locked, bound to that very case. Raises DoesNotExist."""
    access = EpaAccess.objects.select_for_update().get(case=case, **which)
    access.case, access.insurant = case, case.insurant
    return access


def move(access: EpaAccess, target: AccessState, *, actor: Actor, reason: str = "", told: bool = True) -> None:
    """Move a locked access and write it down with its message and its trace. Raises AccessMoveNotAllowed.

    `reason` is kept as the problem of a stuck access or as the end of a cancelled one. `told=False`: somebody else
    tells the person of this end.
    """
    source, now = AccessState(access.state), timezone.now()
    check_move(source, target)
    access.state = target
    access.problem = reason if target is AccessState.STUCK else ""
    access.end_reason = reason if target is AccessState.CANCELLED else ""
    access.ended_at = now if target is AccessState.CANCELLED else None
    access.opened_at = now if target is AccessState.OPEN else None
    access.next_try_at = now if target is AccessState.OPENING else None
    access.claimed_until, access.tries = None, 0
    access.save()
    if target is AccessState.OPENING:
        wake_worker(access)
    elif target is AccessState.OPEN:
        tell(access, "epa/open")
    elif target is AccessState.STUCK:
        tell(access, "epa/waiting")
    elif told and reason in TOLD_WHEN_ENDED:
        tell(access, "epa/cancelled")
    note(access, target.value, actor=actor, source=source.value, reason=reason)


def note(access: EpaAccess, what: str, *, actor: Actor, **facts: Any) -> None:
    """Record an event about an access; the last statement of a transaction."""
    audit.record(
        f"epa.access.{what}", access, actor=actor, case_id=access.case.public_id, channel=access.channel, **facts
    )


def tell(access: EpaAccess, template: str) -> None:
    """Put a mail to the person into the outbox; each kind is sent once for an access."""
    account = access.insurant.account
    if account is None:
        return  # nobody to tell: recorded at a counter
    outbox.enqueue(
        f"epa.access.{access.public_id}.{template.removeprefix('epa/')}",
        template,
        to=account.email,
        context={
            "access_id": str(access.public_id),
            "channel": access.channel,
            "record_state": access.record_state,
            "end_reason": access.end_reason,
        },
        language=account.language,
    )


def withdraw(access: EpaAccess) -> None:
    """End what was not open yet: an order has withdrawn the identification, and has told the person so itself."""
    move(access, AccessState.CANCELLED, actor=SYSTEM, reason=EndReason.IDENTIFICATION_WITHDRAWN, told=False)


def wake_worker(access: EpaAccess) -> None:
    """Have a worker open it as soon as this transaction has been committed."""
    transaction.on_commit(partial(wake, "epa.open_accesses", str(access.case.public_id)))
