"""All about one order, for its page: proposals to lift it, how far it has been carried out, whom it has met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.accounts.models import Account
from identity.cases.effects.carrying import due_phases
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.models import Result
from identity.cases.states import AttemptState
from identity.methods.models import UNDO_WITHIN, Suspension
from identity.methods.records import Lifting
from identity.workplace.events import staff_named
from identity.workplace.orders import OrderState, described, needs_second_person, state_of

OUTCOMES = {each.value: each.label for each in AffectedCase.Outcome}
CLOSINGS = {each.value: each.label for each in AffectedCase.Closing}
HELD = {
    AttemptState.QUARANTINED.value: _("In quarantine until the suspension is lifted"),
    AttemptState.WITHHELD.value: _("Withheld: grants nothing"),
}


@dataclass(frozen=True, slots=True)
class People:
    """How many an order has met with an outcome, and what has become of it `since`; codes, and in words."""

    outcome: str
    since: str
    count: int

    @property
    def words(self) -> str:
        outcome = str(OUTCOMES.get(self.outcome, self.outcome))
        return f"{outcome} → {CLOSINGS.get(self.since, self.since)}" if self.since else outcome


@dataclass(frozen=True, slots=True)
class Held:
    """How many results an order holds in a state; a code, and in words."""

    state: str
    count: int

    @property
    def words(self) -> str:
        return str(HELD[self.state])


@dataclass(frozen=True, slots=True)
class Counts:
    people: list[People]
    held: list[Held]


@dataclass(frozen=True, slots=True)
class Run:
    """One phase of carrying out an order. `run` is None while it waits for a worker."""

    phase: Any
    run: OrderRun | None

    @property
    def is_finished(self) -> bool:
        return self.run is not None and self.run.finished_at is not None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal to lift an order, with who wrote, approved and withdrew it by their addresses."""

    lifting: Lifting
    proposed_by: str
    approved_by: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What the page of an order shows to one administrator."""

    words: dict[str, Any]
    open_proposals: list[Proposal]
    past_proposals: list[Proposal]
    runs: list[Run]
    counts: Counts
    imposed_by: str
    confirmed_by: str
    undone_by: str
    stopped_again: Suspension | None
    me: str
    now: datetime

    @property
    def order(self) -> Suspension:
        order: Suspension = self.words["order"]
        return order

    @property
    def is_carried_out(self) -> bool:
        return all(each.is_finished for each in self.runs)

    @property
    def can_confirm(self) -> bool:
        return needs_second_person(self.order) and self.order.imposed_by != self.me

    @property
    def waits_for_another(self) -> bool:
        return needs_second_person(self.order) and self.order.imposed_by == self.me

    @property
    def undo_minutes(self) -> int:
        """For how many minutes more it can be taken back; 0 when it cannot."""
        order = self.order
        if order.undone_at or order.confirmed_by or order.evidence:
            return 0
        left = (order.imposed_at + UNDO_WITHIN - self.now).total_seconds()
        return max(0, ceil(left / 60))

    @property
    def proposal(self) -> Proposal | None:
        return self.open_proposals[0] if self.open_proposals else None

    @property
    def proposal_is_stale(self) -> bool:
        return self.proposal is not None and self.now > self.proposal.lifting.lasts_until

    @property
    def proposal_is_mine(self) -> bool:
        return self.proposal is not None and self.proposal.lifting.proposed_by == self.me

    @property
    def can_approve(self) -> bool:
        return self.proposal is not None and not self.proposal_is_stale and not self.proposal_is_mine

    @property
    def can_propose(self) -> bool:
        return self.proposal is None and bool(self.words["can_end"])


def order_file(order: Suspension, account: Account) -> OrderFile:
    """Return all there is about an order, with four queries, five while it is admitted again in steps.

    The order brings its method and insurer.
    """
    now = timezone.now()
    liftings = list(order.liftings.all())
    written = [order.imposed_by, order.confirmed_by, order.undone_by]
    written += [name for each in liftings for name in (each.proposed_by, each.approved_by, each.withdrawn_by)]
    names = staff_named(written)

    def named(reference: str) -> str:
        return names.get(reference, reference)

    proposals = [
        Proposal(each, named(each.proposed_by), named(each.approved_by), named(each.withdrawn_by)) for each in liftings
    ]
    return OrderFile(
        words=described(order, now),
        open_proposals=[each for each in proposals if each.lifting.is_open],
        past_proposals=[each for each in proposals if not each.lifting.is_open],
        runs=_runs(order, now),
        counts=counts_of(order),
        imposed_by=named(order.imposed_by),
        confirmed_by=named(order.confirmed_by),
        undone_by=named(order.undone_by),
        stopped_again=_stopped_again(order, now),
        me=str(account.public_id),
        now=now,
    )


def _stopped_again(order: Suspension, now: datetime) -> Suspension | None:
    """Return an order that stops the method while this one lets it in again step by step."""
    if state_of(order, now) is not OrderState.READMISSION:
        return None
    others = Suspension.objects.filter(method=order.method_id).exclude(pk=order.pk).in_force(now)
    return others[0] if others else None


def _runs(order: Suspension, now: datetime) -> list[Run]:
    """Return the phases that have begun or are due, in their order."""
    begun = {run.phase: run for run in order.runs.all()}
    due = due_phases(order, now)
    listed = [phase for phase in OrderRun.Phase if phase in due or phase in begun]
    return [Run(phase.label, begun.get(phase)) for phase in listed]


def counts_of(order: Suspension) -> Counts:
    """Return whom an order has met and which results it holds: one query."""
    people: QuerySet[Any, Any] = order.affected.order_by().annotate(what=Value("people"))
    results = Result.objects.filter(held_by=order, attempt__state__in=HELD).order_by()
    held: QuerySet[Any, Any] = results.annotate(what=Value("held"), nothing=Value(""))
    rows = list(
        people.values_list("what", "outcome", "closing")
        .annotate(count=Count("pk"))
        .union(held.values_list("what", "attempt__state", "nothing").annotate(count=Count("pk")), all=True)
    )
    met = [People(outcome, closing, count) for what, outcome, closing, count in rows if what == "people"]
    kept = [Held(state, count) for what, state, _closing, count in rows if what == "held"]
    return Counts(
        sorted(met, key=lambda each: (each.outcome, each.since)), sorted(kept, key=lambda each: each.state)
    )  # fmt: skip
