"""What every change of a method leaves behind, and who may make it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.errors import DomainError
from core.wake import wake
from identity.methods.gate import hold
from identity.methods.models import Suspension
from identity.methods.records import MethodChange

CARRY_OUT = "identity.carry_out_orders"


class AdministratorNeeded(DomainError):
    code = "administrator_needed"
    http_status = 403
    message = _("Only an administrator may suspend a method or admit it again.")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    http_status = 403
    message = _("Somebody else has to do this: it takes two people, and two accounts of one person count as one.")


class OrderChanged(DomainError):
    """The order is not as the page showed it: it has ended, was taken back, or was confirmed meanwhile."""

    code = "order_changed"
    message = _("This suspension has changed meanwhile. The page shows how things stand now.")


def require_administrator(actor: Actor) -> None:
    """Raise AdministratorNeeded unless this is an administrator or the system itself."""
    if actor.kind not in (ActorKind.ADMINISTRATOR, ActorKind.SYSTEM):
        raise AdministratorNeeded


def require_somebody_else(actor: Actor, first: str) -> None:
    """Raise SecondPersonNeeded unless the actor is an administrator and another person than the first one (M7)."""
    if actor.kind is not ActorKind.ADMINISTRATOR or not actor.reference:
        raise SecondPersonNeeded
    if _person(actor.reference) == _person(first):
        raise SecondPersonNeeded


def _person(reference: str) -> str:
    """Return whom an account stands for: several accounts of one person are flagged as the same."""
    accounts = Account.objects.select_related("same_person_as")
    account = accounts.filter(public_id=reference).first() if len(reference) == 36 else None
    return str((account.same_person_as or account).public_id) if account else reference


def name_of(actor: Actor) -> str:
    return actor.reference or actor.kind.value


def locked(suspension_id: int) -> Suspension:
    """Return an order with its method's exclusive lock and its row lock taken."""
    hold([Suspension.objects.values_list("method_id", flat=True).get(pk=suspension_id)], exclusive=True)
    return Suspension.objects.select_for_update().get(pk=suspension_id)


def write_down(
    kind: MethodChange.Kind, suspension: Suspension, actor: Actor, subject: Any = None, **facts: Any
) -> None:
    """Add a line to the history and to the audit trail; wake who carries it out. The last step of a transaction."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
    MethodChange.objects.create(
        kind=kind, method_id=suspension.method_id, suspension=suspension, actor=name_of(actor), facts=plain
    )
    audit.record(f"identity.suspension.{kind.value}", subject or suspension, actor=actor, method=suspension.method_id,
                 **plain)  # fmt: skip
    transaction.on_commit(partial(wake, CARRY_OUT))
