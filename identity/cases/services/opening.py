"""Opening a case and taking the declaration that goes with it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import DomainError, violates
from identity.cases.models import IdentificationCase
from identity.cases.services.moving import Trail, locked_case
from identity.cases.states import OPEN_CASE
from identity.members.models import Insurant
from identity.methods.choices import AssuranceLevel, Purpose


class NotAMember(DomainError):
    code = "not_a_member"
    message = _("Your membership with us has ended or not begun yet. Please call us; we will help you.")


class CaseClosed(DomainError):
    code = "case_closed"
    message = _("This case is closed. The page shows how things stand now.")


def open_case(insurant: Insurant, purpose: Purpose, *, actor: Actor) -> IdentificationCase:
    """Return the open case of this person and purpose, or open one. A second click continues the first (C1).

    The unique constraint decides between two at once, not a look-up. Raises NotAMember.
    """
    today = timezone.localdate()
    if not insurant.is_member_on(today):
        raise NotAMember
    with transaction.atomic():
        case = IdentificationCase(
            insurant=insurant,
            insurer=insurant.insurer,
            purpose=purpose,
            level_demanded=AssuranceLevel.HIGH,
            expires_at=timezone.now() + timedelta(days=settings.CASE_DAYS),
        )
        try:
            with transaction.atomic():
                case.save(force_insert=True)
        except IntegrityError as error:
            if not violates(error, "identity_case_one_open"):
                raise
            return IdentificationCase.objects.open().get(insurant=insurant, purpose=purpose)
        trail = Trail(actor)
        trail.note("identity.case.opened", case, purpose=purpose.value)
        trail.write()
    return case


@transaction.atomic
def declare(case_id: uuid.UUID, *, actor: Actor) -> IdentificationCase:
    """Take the declaration after its preview (D5). A second time changes nothing. Raises CaseClosed."""
    case = locked_case(case_id)
    if case.state not in OPEN_CASE:
        raise CaseClosed
    if case.declared_at is None:
        case.declared_at = timezone.now()
        case.save(update_fields=["declared_at"])
        trail = Trail(actor)
        trail.note("identity.case.declared", case)
        trail.tell(case, "declared")
        trail.write()
    return case
