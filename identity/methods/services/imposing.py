"""Imposing an order, confirming it, and taking it back within minutes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import Actor, ActorKind
from core.errors import DomainError
from identity.methods.doors import last_doors
from identity.methods.gate import hold
from identity.methods.models import UNDO_WITHIN, Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.services.writing import (
    OrderChanged,
    locked,
    name_of,
    require_administrator,
    require_somebody_else,
    write_down,
)


class AlreadyImposed(DomainError):
    """A second click, or a colleague who had the same letter."""

    code = "already_imposed"
    message = _("This very order is in force already. Nothing more needs to be done.")


class LastDoorReasonMissing(DomainError):
    code = "last_door_reason_missing"
    message = _("This order closes the last online way for a purpose, or the online ID. Please give a reason for that.")


class TooLateToUndo(DomainError):
    code = "too_late_to_undo"
    message = _(
        "An order can be taken back for ten minutes, and only until a second person has confirmed it. Now it has to be "
        "lifted by two people."
    )


@transaction.atomic
def impose_suspension(draft: Suspension, *, actor: Actor) -> Suspension:
    """Put an order in force. Works at the next request of every process: nothing is cached (M2).

    One administrator is enough, a second one confirms afterwards (M7). An order begins, at the earliest, at the moment
    the lock is held, so that who was let in before that was let in before it took effect.
    Raises AlreadyImposed, LastDoorReasonMissing, and ValidationError with what is wrong at which field.
    """
    require_administrator(actor)
    hold([draft.method_id], exclusive=True)
    now = timezone.now()
    draft.imposed_at = now
    draft.effective_from = max(draft.effective_from, now)
    draft.imposed_by = name_of(actor)
    draft.full_clean(exclude=["imposed_by"])
    if _stands_already(draft):
        raise AlreadyImposed
    if not draft.last_door_reason.strip() and last_doors(draft):
        raise LastDoorReasonMissing
    draft.save(force_insert=True)
    write_down(
        MethodChange.Kind.IMPOSED, draft, actor, purpose=draft.purpose, provider=draft.provider,
        insurer_id=draft.insurer_id, region=draft.region, effect=draft.effect, effective_from=draft.effective_from,
        ends_at=draft.ends_at, finish_until=draft.finish_until, void_since=draft.void_since,
        order_reference=draft.order_reference,
    )  # fmt: skip
    return draft


def _stands_already(draft: Suspension) -> bool:
    """The same order for the same scope, not ended. If lifting it has been proposed, a second one counts."""
    proposed = Lifting.objects.filter(suspension=OuterRef("pk"), approved_at=None, withdrawn_at=None)
    same = Suspension.objects.exclude(Exists(proposed)).filter(
        method=draft.method_id, provider=draft.provider, purpose=draft.purpose, insurer=draft.insurer_id,
        region=draft.region, order_reference=draft.order_reference,
    )  # fmt: skip
    return any(order.covers(draft.effective_from) for order in same)


@transaction.atomic
def confirm_suspension(suspension_id: int, *, actor: Actor) -> Suspension:
    """Confirm an order that somebody else has imposed. Twice changes nothing.

    Raises SecondPersonNeeded, OrderChanged.
    """
    require_administrator(actor)
    suspension = locked(suspension_id)
    if suspension.confirmed_by:
        return suspension
    if suspension.undone_at is not None:
        raise OrderChanged
    require_somebody_else(actor, suspension.imposed_by)
    suspension.confirmed_by, suspension.confirmed_at = name_of(actor), timezone.now()
    if suspension.ends_at is not None and not suspension.evidence:  # until now it did not end by itself
        suspension.over_at = suspension.ends_at = max(suspension.ends_at, timezone.now())
    suspension.save(update_fields=["confirmed_by", "confirmed_at", "ends_at", "over_at"])
    write_down(MethodChange.Kind.CONFIRMED, suspension, actor)
    return suspension


@transaction.atomic
def undo_suspension(suspension_id: int, *, actor: Actor) -> Suspension:
    """Take back an order as if it had never been: within ten minutes, while nobody else has confirmed it.

    Raises TooLateToUndo, and OrderChanged when it was taken back before.
    """
    require_administrator(actor)
    if actor.kind is not ActorKind.ADMINISTRATOR:
        raise TooLateToUndo
    suspension = locked(suspension_id)
    now = timezone.now()
    if suspension.undone_at is not None:
        raise OrderChanged
    if suspension.confirmed_by or suspension.evidence or now > suspension.imposed_at + UNDO_WITHIN:
        raise TooLateToUndo
    suspension.undone_at, suspension.undone_by = now, name_of(actor)
    suspension.save(update_fields=["undone_at", "undone_by"])
    write_down(MethodChange.Kind.UNDONE, suspension, actor)
    return suspension
