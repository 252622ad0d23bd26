"""Imposing and ending a suspension: the only writers of the record that steers a method."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.actors import Actor, ActorKind
from core.errors import DomainError
from identity.methods.gate import hold
from identity.methods.models import Suspension


class SuspensionEnded(DomainError):
    code = "suspension_ended"
    message = _("This suspension has ended already. The page shows how things stand now.")


class AdministratorNeeded(DomainError):
    code = "administrator_needed"
    http_status = 403
    message = _("Only an administrator may suspend a method or admit it again.")


@transaction.atomic
def impose_suspension(draft: Suspension, *, actor: Actor) -> Suspension:
    """Put an order in force. Works at the next request of every process: nothing is cached (M2).

    An order that was given just now begins at the moment the lock is held, so that who was let in before that was let
    in before it took effect.
    """
    _require_administrator(actor)
    hold([draft.method_id], exclusive=True)
    now = timezone.now()
    if now - timedelta(minutes=1) < draft.effective_from < now:
        draft.effective_from = now
    draft.imposed_by = actor.reference or actor.kind.value
    draft.full_clean(exclude=["imposed_by"])
    draft.save(force_insert=True)
    audit.record(
        "identity.suspension.imposed",
        draft,
        actor=actor,
        method=draft.method_id,
        purpose=draft.purpose,
        provider=draft.provider,
        insurer_id=draft.insurer_id,
        region=draft.region,
        effective_from=draft.effective_from.isoformat(),
        ends_at=draft.ends_at.isoformat() if draft.ends_at else None,
        order_reference=draft.order_reference,
    )
    return draft


@transaction.atomic
def end_suspension(suspension_id: int, *, evidence: str, actor: Actor, at: datetime | None = None) -> Suspension:
    """End an order now or at a later moment, with a reference to the evidence (M7).

    Raises SuspensionEnded when it has ended before.
    """
    _require_administrator(actor)
    method = Suspension.objects.values_list("method_id", flat=True).get(pk=suspension_id)
    hold([method], exclusive=True)
    suspension = Suspension.objects.select_for_update().get(pk=suspension_id)
    now = timezone.now()
    if suspension.ends_at is not None and suspension.ends_at <= now:
        raise SuspensionEnded
    suspension.ends_at = max(at or now, suspension.effective_from)
    suspension.evidence = evidence
    suspension.ended_by = actor.reference or actor.kind.value
    suspension.full_clean()
    suspension.save(update_fields=["ends_at", "evidence", "ended_by"])
    audit.record(
        "identity.suspension.ended",
        suspension,
        actor=actor,
        method=method,
        ends_at=suspension.ends_at.isoformat(),
        evidence=evidence,
    )
    return suspension


def _require_administrator(actor: Actor) -> None:
    if actor.kind not in (ActorKind.ADMINISTRATOR, ActorKind.SYSTEM):
        raise AdministratorNeeded
