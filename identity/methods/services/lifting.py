"""Lifting an order: one administrator proposes, another approves exactly what was proposed (M7)."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.errors import DomainError, violates
from identity.methods.choices import Effect, QuarantineEnd
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.services.writing import (
    OrderChanged,
    locked,
    name_of,
    require_administrator,
    require_somebody_else,
    write_down,
)


class SuspensionEnded(DomainError):
    code = "suspension_ended"
    message = _("This suspension has ended already. The page shows how things stand now.")


class LiftingOpen(DomainError):
    code = "lifting_open"
    message = _("Somebody has proposed to lift this suspension already. Approve that proposal, or withdraw it first.")


class ProposalStale(DomainError):
    """Withdrawn, approved, or older than it may be: what was true may not be true any more."""

    code = "proposal_stale"
    message = _("This proposal can no longer be approved. Please look at the suspension and propose again if need be.")


@transaction.atomic
def propose_lifting(draft: Lifting, *, actor: Actor) -> Lifting:
    """Write down how a suspension shall end. Nothing changes for anybody yet.

    Raises SuspensionEnded, LiftingOpen, and ValidationError with what is wrong at which field.
    """
    require_administrator(actor)
    suspension = locked(draft.suspension_id)
    _require_running(suspension)
    draft.proposed_by, draft.proposed_at = name_of(actor), timezone.now()
    if suspension.effect == Effect.FREEZE:
        draft.quarantine_end = draft.quarantine_end or QuarantineEnd.REFUSE
    draft.full_clean(exclude=["proposed_by"], validate_constraints=False)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError as error:
        if violates(error, "identity_lifting_one_open"):
            raise LiftingOpen from error
        raise
    write_down(MethodChange.Kind.LIFTING_PROPOSED, suspension, actor, draft, evidence=draft.evidence)
    return draft


@transaction.atomic
def withdraw_lifting(lifting_id: int, *, actor: Actor) -> Lifting:
    """Take a proposal back; any administrator may. Raises ProposalStale once it is decided."""
    require_administrator(actor)
    lifting, suspension = _locked_lifting(lifting_id)
    if not lifting.is_open:
        raise ProposalStale
    lifting.withdrawn_at, lifting.withdrawn_by = timezone.now(), name_of(actor)
    lifting.save(update_fields=["withdrawn_at", "withdrawn_by"])
    write_down(MethodChange.Kind.LIFTING_WITHDRAWN, suspension, actor, lifting)
    return lifting


@transaction.atomic
def approve_lifting(lifting_id: int, *, actor: Actor) -> Suspension:
    """Approve another administrator's proposal, word for word: the row cannot change. The order ends as it says.

    Raises SecondPersonNeeded, ProposalStale, SuspensionEnded.
    """
    require_administrator(actor)
    lifting, suspension = _locked_lifting(lifting_id)
    now = timezone.now()
    if not lifting.is_open or now > lifting.lasts_until:
        raise ProposalStale
    _require_running(suspension)
    require_somebody_else(actor, lifting.proposed_by)
    lifting.approved_by, lifting.approved_at = name_of(actor), now
    lifting.save(update_fields=["approved_by", "approved_at"])
    suspension.ends_at = max(lifting.at or now, now, suspension.effective_from)
    suspension.evidence = lifting.evidence
    suspension.quarantine_end = lifting.quarantine_end
    suspension.readmission_percents = lifting.percents
    suspension.readmission_step_hours = lifting.step_hours
    suspension.over_at = suspension.ends_at + timedelta(hours=lifting.step_hours * len(lifting.percents))
    suspension.save(
        update_fields=["ends_at", "evidence", "quarantine_end", "readmission_percents", "readmission_step_hours",
                       "over_at"]
    )  # fmt: skip
    write_down(
        MethodChange.Kind.LIFTED, suspension, actor, lifting, ends_at=suspension.ends_at, evidence=lifting.evidence,
        quarantine_end=lifting.quarantine_end, percents=lifting.percents, step_hours=lifting.step_hours,
        proposed_by=lifting.proposed_by,
    )  # fmt: skip
    return suspension


def _require_running(suspension: Suspension) -> None:
    """Not taken back, not ended, and no end by two people that is only waiting for its moment."""
    if suspension.undone_at is not None:
        raise OrderChanged
    if suspension.evidence or (suspension.end is not None and suspension.end <= timezone.now()):
        raise SuspensionEnded


def _locked_lifting(lifting_id: int) -> tuple[Lifting, Suspension]:
    suspension = locked(Lifting.objects.values_list("suspension_id", flat=True).get(pk=lifting_id))
    return Lifting.objects.select_for_update().get(pk=lifting_id), suspension
