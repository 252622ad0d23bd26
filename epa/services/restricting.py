"""Restricting open accesses whose person has let the deadline of a re-verification campaign pass; and letting go."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.actors import SYSTEM
from epa.models import EpaAccess
from epa.services.moving import locked_access, note
from epa.states import AccessState
from identity.campaigns.selectors import is_restricted
from identity.cases.services.moving import locked_case
from identity.methods.choices import Purpose


def follow_restrictions(limit: int = 500) -> int:
    """Mark and free accesses as the campaigns say; return how many changed. Safe to run twice at once.

    An access that is marked stays open (M4); its page asks the person to identify themselves again. The campaign has
    told them.
    """
    wrong = EpaAccess.objects.filter(_to_restrict() | _to_free()).select_related("case")
    found = list(wrong.values_list("pk", "case__public_id")[:limit])
    return sum(_follow(access_id, case_id) for access_id, case_id in found)


def _to_restrict() -> Q:
    return Q(is_restricted(Purpose.EPA), state=AccessState.OPEN, restricted_at=None)


def _to_free() -> Q:
    return Q(~is_restricted(Purpose.EPA), restricted_at__isnull=False)


@transaction.atomic
def _follow(access_id: int, case_id: object) -> bool:
    access = locked_access(locked_case(str(case_id)), pk=access_id)
    rows = EpaAccess.objects.filter(pk=access_id)
    if rows.filter(_to_restrict()).exists():
        access.restricted_at = timezone.now()
    elif rows.filter(_to_free()).exists():
        access.restricted_at = None
    else:
        return False
    access.save(update_fields=["restricted_at"])
    note(access, "restricted" if access.restricted_at else "freed", actor=SYSTEM)
    return True
