"""Carrying out an order: killed on the way, twice at once, and without anybody switching it on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from identity import tasks
from identity.cases.effects import carrying
from identity.cases.effects.applying import apply_order
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.models import Attempt
from identity.cases.services.moving import question_about
from identity.cases.states import AttemptState
from identity.methods.choices import Action
from identity.methods.gate import decide
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from identity.methods.services.writing import CARRY_OUT
from tests.factories import an_administrator, an_attempt

ACTIONS = (Action.START, Action.RESUME, Action.ACCEPT)


def imposed(effect: str = "move", method: str = "postident_branch", **given: Any) -> Suspension:
    draft = Suspension(method_id=method, effect=effect, **SUSPENSION_TEXTS | {"last_door_reason": "ordered"} | given)
    return impose_suspension(draft, actor=an_administrator())


def told() -> int:
    return OutgoingMessage.objects.filter(template__startswith="identity/suspended_").count()


def traced() -> int:
    return AuditEvent.objects.filter(name="identity.case.met_by_order").count()


def stopped() -> int:
    return Attempt.objects.filter(state=AttemptState.STOPPED).count()


@pytest.mark.django_db
def test_the_wake_up_and_the_sweep_call_the_same_task():
    an_attempt()
    imposed()
    assert CARRY_OUT in current_app.tasks
    assert CARRY_OUT in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.carry_out_orders()
    assert stopped() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("effect", ["move", "freeze"])
def test_a_kill_in_the_middle_of_a_batch_costs_that_batch_only(monkeypatch, effect):
    monkeypatch.setattr(carrying, "BATCH", 2)
    for _ in range(5):
        an_attempt()
    order = imposed(effect)
    with monkeypatch.context() as patch:
        patch.setattr(carrying, "write", dying_in_the_second_batch())
        with pytest.raises(Killed):
            carry_out_orders()
    run = OrderRun.objects.get(suspension=order)
    assert (AffectedCase.objects.count(), told(), traced(), run.done) == (2, 2, 2, 2)
    assert run.finished_at is None
    carry_out_orders()
    run.refresh_from_db()
    assert (AffectedCase.objects.count(), told(), traced(), run.done) == (5, 5, 5, 5)
    assert run.percent == 100
    assert stopped() == (5 if effect == "move" else 0)


class Killed(BaseException):
    """As if the worker had gone, after the batch's rows were written and before the commit."""


def dying_in_the_second_batch() -> Any:
    calls, write = [0], carrying.write

    def dying(changes: Any) -> None:
        write(changes)
        calls[0] += 1
        if calls[0] == 2:
            raise Killed

    return dying


@pytest.mark.django_db(transaction=True)
def test_an_order_that_cannot_be_carried_out_holds_up_no_other(monkeypatch):
    an_attempt()
    an_attempt(method_id="postident_eid")
    broken, fine = imposed("move"), imposed("move", "postident_eid")

    def breaking(order: Any, *args: Any) -> Any:
        if order.pk == broken.pk:
            raise ValueError
        return apply_order(order, *args)

    monkeypatch.setattr("identity.cases.effects.carrying.apply_order", breaking)
    carry_out_orders()
    assert list(AffectedCase.objects.values_list("suspension", flat=True)) == [fine.pk]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_meet_each_case_once(at_once, meet_at, monkeypatch):
    monkeypatch.setattr(carrying, "BATCH", 3)
    for _ in range(9):
        an_attempt()
    order = imposed("freeze")  # frozen cases stay in the middle: only the run's lock and cursor keep a second one away
    OrderRun.objects.create(suspension=order, phase="middle", started_at=timezone.now())
    meet_at(carrying, "cases_in_the_middle")
    done = at_once(carry_out_orders, carry_out_orders)
    carry_out_orders()
    assert sum(done) <= 9
    assert (AffectedCase.objects.count(), told(), traced()) == (9, 9, 9)
    assert OrderRun.objects.get(suspension=order).done == 9


@pytest.mark.django_db
def test_a_planned_order_starts_by_the_clock_alone_and_is_carried_out_at_the_next_sweep(time_machine, provider):
    attempt = an_attempt()
    case, begun = attempt.case, timezone.now()
    order = imposed(effective_from=begun + timedelta(hours=1))
    assert carry_out_orders() == 0
    assert not OrderRun.objects.filter(suspension=order).exists()
    assert all(ruling.allowed for ruling in rulings(case))

    time_machine.move_to(begun + timedelta(hours=1, seconds=1))
    assert [ruling.suspension for ruling in rulings(case)] == [order] * 3
    assert stopped() == 0  # nobody has carried it out yet
    tasks.carry_out_orders()
    assert (stopped(), told()) == (1, 1)


def rulings(case: Any) -> list[Any]:
    with transaction.atomic():
        return [decide(question_about(case, action, "postident_branch")) for action in ACTIONS]
