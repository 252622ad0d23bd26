"""An access follows its case: opened when the person is identified, ended when the case ends without, or when an
order withdraws the identification before it is open."""

from __future__ import annotations

import uuid

import structlog
from django.db import transaction

from core.actors import SYSTEM
from epa.models import EpaAccess
from epa.services.moving import hold_person, move, withdraw
from epa.states import AccessState, EndReason
from identity.cases.models import IdentificationCase
from identity.cases.services.moving import locked_case

log = structlog.get_logger(__name__)


def follow_cases(limit: int = 500) -> int:
    """Follow every case whose news was missed; return how many accesses moved. Safe to run twice at once.

    The ended ones come first: they make room for a late result that was taken up in their place.
    """
    moved, accesses = 0, EpaAccess.objects
    for behind in (accesses.of_ended_cases(), accesses.of_withdrawn_cases(), accesses.of_identified_cases()):
        moved += sum(_follow(case_id) for case_id in behind.values_list("case__public_id", flat=True)[:limit])
    return moved


def _follow(case_id: uuid.UUID) -> int:
    """Follow one case; one that breaks holds up nobody else."""
    try:
        return follow_case(case_id)
    except Exception:
        log.exception("access_cannot_follow", case=str(case_id))
        return 0


@transaction.atomic
def follow_case(case_id: uuid.UUID) -> int:
    """Move the accesses behind one case to where it stands; return how many moved. Said twice it changes nothing.

    Raises IdentificationCase.DoesNotExist.
    """
    hold_person(IdentificationCase.objects.values_list("insurant_id", flat=True).get(public_id=case_id))
    case = locked_case(case_id)
    behind = EpaAccess.objects.filter(case=case)
    begun, ended, withdrawn = (
        set(found.values_list("pk", flat=True))
        for found in (behind.of_identified_cases(), behind.of_ended_cases(), behind.of_withdrawn_cases())
    )
    moving = begun | ended | withdrawn
    for access in EpaAccess.objects.select_for_update().filter(pk__in=moving).order_by("pk"):
        access.case, access.insurant = case, case.insurant
        if access.pk in withdrawn:
            withdraw(access)
        elif access.pk in ended:
            move(access, AccessState.CANCELLED, actor=SYSTEM, reason=EndReason.CASE_ENDED)
        else:
            move(access, AccessState.OPENING, actor=SYSTEM)
    return len(moving)
