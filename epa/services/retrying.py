"""What an operator does about accesses that the record system has refused."""

from __future__ import annotations

import uuid

from django.db import transaction

from core.actors import Actor
from epa.models import EpaAccess
from epa.services.moving import locked_access, move
from epa.states import AccessState
from identity.cases.services.moving import locked_case


@transaction.atomic
def try_again(access_id: uuid.UUID, *, actor: Actor) -> EpaAccess:
    """Let a stuck access try again; a second time changes nothing. Raises AccessMoveNotAllowed, DoesNotExist."""
    case_id = EpaAccess.objects.values_list("case__public_id", flat=True).get(public_id=access_id)
    access = locked_access(locked_case(case_id), public_id=access_id)
    if access.state != AccessState.OPENING:
        move(access, AccessState.OPENING, actor=actor)
    return access


def try_all_again(problem: str = "", *, actor: Actor) -> int:
    """Let all stuck accesses try again, or those with one problem, each by itself; return how many."""
    stuck = EpaAccess.objects.filter(state=AccessState.STUCK)
    if problem:
        stuck = stuck.filter(problem=problem)
    access_ids = list(stuck.order_by("requested_at").values_list("public_id", flat=True))
    for access_id in access_ids:
        try_again(access_id, actor=actor)
    return len(access_ids)
