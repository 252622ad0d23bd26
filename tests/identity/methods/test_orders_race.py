"""Two administrators at once: what they do to a method has one strict order, and whoever suspends wins.

Threads of their own on PostgreSQL. Each test fails when the locks are taken out; for two proposals at once the unique
constraint decides, not a lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from core.actors import Actor
from core.audit.models import AuditEvent
from identity.methods.choices import Action, Purpose
from identity.methods.gate import decide
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.rules import Question
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import (
    approve_lifting,
    confirm_suspension,
    impose_suspension,
    imposing,
    lifting,
    propose_lifting,
    undo_suspension,
)
from identity.methods.services.imposing import AlreadyImposed, TooLateToUndo
from identity.methods.services.lifting import LiftingOpen, ProposalStale, SuspensionEnded
from identity.methods.services.writing import OrderChanged, name_of
from tests.factories import an_administrator
from tests.identity.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db(transaction=True)
AtOnce = Callable[..., list[Any]]
Kind = MethodChange.Kind
METHOD = "postident_branch"
TIMES = 500
QUESTION = Question(Action.START, METHOD, Purpose.EPA, 1, "north", 40, person="somebody")
PATIENCE_SECONDS = 60


def a_draft(number: int = 0) -> Suspension:
    return Suspension(method_id=METHOD, **SUSPENSION_TEXTS | {"order_reference": f"letter {number}"})


def a_proposal(order: Suspension, actor: Actor) -> Lifting:
    return propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=actor)


def in_force() -> list[int]:
    return [each.pk for each in Suspension.objects.in_force(timezone.now()) if each.method_id == METHOD]


@pytest.fixture
def administrators(transactional_db: None, provider: ScriptedProvider) -> list[Actor]:
    return [an_administrator() for _ in range(3)]


@pytest.fixture
def order(administrators: list[Actor]) -> Suspension:
    return impose_suspension(a_draft(), actor=administrators[0])


@pytest.fixture
def between_check_and_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make two verbs wait for each other when each has checked and not yet changed anything: a lock keeps one away."""
    meeting, original = threading.Barrier(2), name_of

    def waiting(actor: Actor) -> str:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.3)
        return original(actor)

    for module in (imposing, lifting):
        monkeypatch.setattr(module, "name_of", waiting)


@dataclass
class Crowd:
    """People who begin again and again. `let_in_against` counts starts before whose commit an order was committed."""

    over: threading.Event = field(default_factory=threading.Event)
    let_in: int = 0
    let_in_against: int = 0
    refused: int = 0

    def run(self) -> None:
        while not self.over.is_set():
            self._start()

    @transaction.atomic
    def _start(self) -> None:
        if not decide(QUESTION).allowed:
            self.refused += 1
            return
        self.let_in += 1
        standing = [in_force() for _ in range(5)]  # each statement sees what is committed; the shared lock is held
        self.let_in_against += any(standing)


@dataclass
class Desk:
    """Two who work against each other, round by round, beginning each round together."""

    first: Actor
    second: Actor
    third: Actor
    latest: Suspension
    meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=PATIENCE_SECONDS))
    open_after: list[int] = field(default_factory=list)

    def suspend(self) -> None:
        for number in range(1, TIMES + 1):
            self.meeting.wait()
            order = impose_suspension(a_draft(number), actor=self.first)
            self.meeting.wait()
            self.latest = order
            self.meeting.wait()

    def lift(self) -> None:
        for number in range(1, TIMES + 1):
            proposal = a_proposal(self.latest, self.second)
            self.meeting.wait()
            approve_lifting(proposal.pk, actor=self.third)
            self.meeting.wait()
            if not in_force():
                self.open_after.append(number)
            self.meeting.wait()


def run_together(crowd: Crowd, *calls: Callable[[], Any]) -> list[BaseException]:
    """Run each in a thread of its own while the crowd begins; return what was raised."""
    raised: list[BaseException] = []

    def one(call: Callable[[], Any]) -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(call,), daemon=True) for call in calls]
    people = threading.Thread(target=one, args=(crowd.run,), daemon=True)
    for thread in (*threads, people):
        thread.start()
    for thread in threads:
        thread.join(10 * PATIENCE_SECONDS)
    crowd.over.set()
    people.join(PATIENCE_SECONDS)
    return raised


def history() -> list[MethodChange]:
    return list(MethodChange.objects.filter(method=METHOD).order_by("pk").select_related("suspension"))


def assert_one_strict_order() -> None:
    """History and audit tell the same in the same order, no time goes back, and only what stands is lifted."""
    told = AuditEvent.objects.filter(name__startswith="identity.suspension.").order_by("seq")
    assert [(each.kind, each.actor) for each in history()] == [
        (each.name.rpartition(".")[2], each.actor_reference) for each in told
    ]
    standing: set[int | None] = set()
    moments = []
    for change in history():
        order = change.suspension
        assert order is not None
        if change.kind == Kind.IMPOSED:
            standing.add(order.pk)
            moments.append(order.effective_from)
        elif change.kind == Kind.LIFTED:
            standing.remove(order.pk)
            assert order.ends_at is not None
            moments.append(order.ends_at)
        moments.append(change.at)
    assert moments == sorted(moments)
    assert standing == set(in_force())


@pytest.mark.slow
def test_of_suspending_and_lifting_at_once_suspending_wins_five_hundred_times(administrators, order):
    first, second, third = administrators
    crowd, desk = Crowd(), Desk(first, second, third, order)

    assert run_together(crowd, desk.suspend, desk.lift) == []
    assert desk.open_after == []
    assert (crowd.let_in_against, crowd.refused > 0) == (0, True)
    assert [sum(each.kind == kind for each in history()) for kind in (Kind.IMPOSED, Kind.LIFTED)] == [TIMES + 1, TIMES]
    assert in_force() == [desk.latest.pk]
    assert_one_strict_order()


def test_an_order_waits_for_who_was_let_in_and_is_seen_by_who_comes_after(administrators, at_once: AtOnce):
    let_in, imposed = threading.Event(), threading.Event()

    @transaction.atomic
    def begin() -> tuple[bool, list[int]]:
        allowed = decide(QUESTION).allowed
        let_in.set()
        imposed.wait(0.3)
        return allowed, in_force()

    def suspend() -> None:
        let_in.wait(10)
        impose_suspension(a_draft(), actor=administrators[0])
        imposed.set()

    assert at_once(begin, suspend) == [(True, []), None]
    with transaction.atomic():
        assert not decide(QUESTION).allowed


def names(results: list[Any]) -> set[str]:
    return {type(each).__name__ for each in results}


@pytest.mark.usefixtures("between_check_and_change")
def test_approving_twice_at_once_is_one_lifting(administrators, order, at_once: AtOnce):
    first, second, third = administrators
    proposal = a_proposal(order, first)

    results = at_once(*(partial(approve_lifting, proposal.pk, actor=actor) for actor in (second, third)))

    assert names(results) <= {"Suspension", ProposalStale.__name__, SuspensionEnded.__name__}
    assert sum(isinstance(each, Suspension) for each in results) == 1
    assert [each.kind for each in history()].count(Kind.LIFTED) == 1
    assert_one_strict_order()


@pytest.mark.usefixtures("between_check_and_change")
def test_of_confirming_and_undoing_at_once_exactly_one_happens(administrators, order, at_once: AtOnce):
    first, second, _ = administrators

    results = at_once(
        partial(confirm_suspension, order.pk, actor=second), partial(undo_suspension, order.pk, actor=first)
    )

    order.refresh_from_db()
    assert bool(order.confirmed_by) != (order.undone_at is not None)
    assert names(results) in ({"Suspension", OrderChanged.__name__}, {"Suspension", TooLateToUndo.__name__})
    assert len({Kind.CONFIRMED, Kind.UNDONE} & {each.kind for each in history()}) == 1


@pytest.mark.usefixtures("between_check_and_change")
def test_of_lifting_and_undoing_at_once_exactly_one_happens(administrators, order, at_once: AtOnce):
    first, second, third = administrators
    proposal = a_proposal(order, second)

    results = at_once(
        partial(approve_lifting, proposal.pk, actor=third), partial(undo_suspension, order.pk, actor=first)
    )

    order.refresh_from_db()
    assert bool(order.evidence) != (order.undone_at is not None)
    assert names(results) in ({"Suspension", OrderChanged.__name__}, {"Suspension", TooLateToUndo.__name__})


@pytest.mark.usefixtures("between_check_and_change")
def test_confirming_twice_at_once_is_written_down_once(administrators, order, at_once: AtOnce):
    _, second, third = administrators

    results = at_once(*(partial(confirm_suspension, order.pk, actor=actor) for actor in (second, third)))

    assert names(results) == {"Suspension"}
    assert [each.kind for each in history()].count(Kind.CONFIRMED) == 1


def test_proposing_twice_at_once_is_one_proposal(administrators, order, meet_at, at_once: AtOnce):
    meet_at(lifting, "name_of")

    results = at_once(*(partial(a_proposal, order, actor) for actor in administrators[:2]))

    assert names(results) == {"Lifting", LiftingOpen.__name__}
    assert [each.kind for each in history()].count(Kind.LIFTING_PROPOSED) == 1


def test_imposing_the_same_order_twice_at_once_is_one_order(administrators, meet_at, at_once: AtOnce):
    meet_at(imposing, "last_doors")

    results = at_once(*(partial(impose_suspension, a_draft(), actor=actor) for actor in administrators[:2]))

    assert names(results) == {"Suspension", AlreadyImposed.__name__}
    assert len(in_force()) == 1
    assert_one_strict_order()
