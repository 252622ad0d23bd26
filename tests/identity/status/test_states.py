"""The state of methods and purposes, from the records and the gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from identity.methods.choices import Purpose
from identity.methods.services import undo_suspension
from identity.status.method_states import MethodState, method_states
from identity.status.notices import notices
from identity.status.purposes import purpose_states
from tests.factories import a_suspension, an_administrator, an_insurer, lift
from tests.identity.status.conftest import an_order

pytestmark = pytest.mark.django_db
NOW = timezone.now
ONLINE, IN_PERSON = ["postident_eid"], ["postident_branch", "insurer_branch", "embassy", "notary"]


def state_of(code: str, **given: Any) -> MethodState:
    return next(each for each in method_states(**given) if each.method.code == code)


def openness() -> dict[str, str]:
    return {purpose.value: each.openness.value for purpose, each in purpose_states().items()}


def test_both_purposes_are_open_online_at_first():
    found = purpose_states()
    assert openness() == {"epa": "online", "pin": "online"}
    assert [method.code for method in found[Purpose.PIN].online] == ONLINE
    assert [method.code for method in found[Purpose.PIN].in_person] == IN_PERSON


def test_a_purpose_withdraws_with_its_last_way_online_and_comes_back_by_itself():
    order = an_order("postident_eid", purpose="pin")
    assert openness() == {"epa": "online", "pin": "in_person"}

    lift(order)
    assert openness() == {"epa": "online", "pin": "online"}


def test_a_planned_order_withdraws_a_purpose_at_its_moment(time_machine):
    an_order("postident_eid", effective_from=NOW() + timedelta(hours=2))
    assert openness()["pin"] == "online"
    time_machine.move_to(NOW() + timedelta(hours=2, seconds=1))
    assert openness()["pin"] == "in_person"


def test_a_purpose_without_any_way_says_so():
    for code in ONLINE + IN_PERSON:
        an_order(code)
    assert openness() == {"epa": "none", "pin": "none"}


def test_an_order_for_one_insurer_closes_the_purpose_there_alone():
    insurer = an_insurer()
    an_order("postident_eid", insurer=insurer)
    assert openness()["pin"] == "online"
    assert purpose_states(insurer)[Purpose.PIN].openness == "in_person"
    assert state_of("postident_eid").state == "restricted"
    assert state_of("postident_eid", insurer=insurer).state == "suspended"


def test_what_cannot_be_read_is_not_known_and_never_available(unreadable):
    assert {state.state.value for state in method_states()} == {"unreadable"}
    assert openness() == {"epa": "unknown", "pin": "unknown"}
    assert all(not each.ways for each in purpose_states().values())


def test_a_database_that_is_gone_is_not_known_either(dead_database):
    assert openness() == {"epa": "unknown", "pin": "unknown"}


def test_an_order_that_was_taken_back_leaves_no_suspension_behind():
    order = an_order("postident_eid")
    assert state_of("postident_eid").state == "suspended"

    undo_suspension(order.pk, actor=an_administrator())

    state = state_of("postident_eid")
    assert (state.state, state.orders, state.planned_orders, state.past_orders) == ("available", [], [], [order])


def test_a_planned_order_that_was_taken_back_is_not_announced():
    order = an_order("postident_eid", effective_from=NOW() + timedelta(hours=2))
    undo_suspension(order.pk, actor=an_administrator())
    assert state_of("postident_eid").planned_orders == []


def test_a_planned_order_that_was_lifted_before_it_began_is_not_announced(nobody):
    order = lift(an_order("postident_eid", effective_from=NOW() + timedelta(hours=2)))
    state = state_of("postident_eid")
    assert (state.state, state.planned_orders, state.past_orders) == ("available", [], [order])
    assert notices() == []
    assert "Online ID card: planned suspension called off" in nobody.get("/status/").text


def test_a_way_that_is_admitted_for_some_people_first_is_not_called_available():
    lift(an_order("postident_eid"), percents=[10, 50], step_hours=24)

    state = state_of("postident_eid")

    assert state.state == "readmitting"
    assert [(each.allowed, each.gradually) for each in state.purposes] == [(False, True)] * 2
    assert openness()["pin"] == "in_person"


def test_a_way_that_is_readmitted_to_everybody_is_available_since_then(time_machine):
    order = lift(an_order("postident_eid"), percents=[10, 50], step_hours=24)
    time_machine.move_to(NOW() + timedelta(hours=49))
    state = state_of("postident_eid")
    assert (state.state, state.since) == ("available", order.ends_at)


def test_a_way_that_was_never_suspended_is_available_since_it_was_admitted():
    assert str(state_of("postident_eid").since) == "2021-01-01"


def test_a_planned_end_that_nobody_confirmed_is_no_end(time_machine):
    a_suspension("postident_eid", ends_at=NOW() + timedelta(hours=1), confirmed_by="", confirmed_at=None, over_at=None)
    time_machine.move_to(NOW() + timedelta(hours=2))
    assert state_of("postident_eid").state == "suspended"


def test_the_states_take_six_queries_however_many_orders_there_are(at_most_queries):
    for hours in range(1, 30):
        a_suspension(effective_from=NOW() - timedelta(hours=hours), ends_at=NOW() - timedelta(minutes=30))
    with at_most_queries(6):
        assert len(method_states()) == 11
