"""The automatic stop of a readmission, with figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from identity import tasks
from identity.cases.failures import failures_of
from identity.cases.models import Attempt
from identity.cases.services import start_attempt
from identity.cases.states import AttemptState
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.services import (
    approve_lifting,
    confirm_suspension,
    propose_lifting,
    readmitting,
    undo_suspension,
)
from identity.methods.services.writing import SecondPersonNeeded
from tests.factories import a_case, a_suspension, an_administrator, an_attempt, lift

A = AttemptState
watch = tasks.watch_readmissions
METHOD = "postident_branch"


def attempts(state: AttemptState, count: int, begun_at: Any, **given: Any) -> None:
    keys = [an_attempt(state, **given).pk for _ in range(count)]
    Attempt.objects.filter(pk__in=keys).update(intended_at=begun_at)


def a_readmitted_order(percents: list[int] | None = None, **given: Any) -> Suspension:
    """An order that ended an hour ago."""
    now = timezone.now()
    order = a_suspension(METHOD, effective_from=now - timedelta(days=10), **given)
    steps = {"percents": percents or [], "step_hours": 24 if percents else 0}
    ended = lift(order, **steps)
    ends = now - timedelta(hours=1)
    Suspension.objects.filter(pk=ended.pk).update(
        ends_at=ends, over_at=ends + timedelta(hours=24 * len(percents or []))
    )
    ended.refresh_from_db()
    return ended


def since_then(failed: int, succeeded: int, **given: Any) -> None:
    attempts(A.FAILED, failed, timezone.now(), **given)
    attempts(A.SUCCEEDED, succeeded, timezone.now(), **given)


def before(order: Suspension, failed: int, succeeded: int) -> None:
    attempts(A.FAILED, failed, order.effective_from - timedelta(days=3))
    attempts(A.SUCCEEDED, succeeded, order.effective_from - timedelta(days=3))


def stops() -> list[Suspension]:
    return list(Suspension.objects.filter(order_reference__startswith="readmission stop"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failed_before", "failed_since", "stopped"),
    [(4, 8, False), (4, 9, True), (0, 2, False), (0, 3, True), (10, 20, False)],
    # of 20 each: 20 % may become 40 %; no failure at all counts as 5 %, so 10 %; never above everything
)
def test_twice_the_usual_failure_rate_stops_the_method_again(failed_before, failed_since, stopped):
    order = a_readmitted_order([10, 50])
    before(order, failed_before, 20 - failed_before)
    since_then(failed_since, 20 - failed_since)
    watch()
    assert bool(stops()) is stopped


@pytest.mark.django_db
@pytest.mark.parametrize(("failed", "stopped"), [(8, False), (9, True)])
def test_without_figures_from_before_the_setting_counts(failed, stopped):
    order = a_readmitted_order([10])
    before(order, 15, 4)  # one too few
    since_then(failed, 20 - failed)
    watch()
    assert bool(stops()) is stopped


@pytest.mark.django_db
def test_few_attempts_say_nothing():
    a_readmitted_order([10])
    since_then(19, 0)
    watch()
    assert stops() == []


@pytest.mark.django_db
def test_what_is_stopped_says_why_and_waits_for_people(provider):
    order = a_readmitted_order([10], purpose="epa")
    since_then(20, 5)
    watch()
    (stop,) = stops()
    assert (stop.method_id, stop.purpose, stop.effect, stop.imposed_by) == (METHOD, "epa", "freeze", "system")
    assert (stop.authority, stop.order_reference) == ("Vorweis", f"readmission stop of {order.pk}")
    assert stop.review_on == timezone.localdate() + timedelta(days=7)
    assert "20 of 25" in stop.reason
    assert stop.public_text_de
    assert stop.public_text_en
    assert stop.public_text_plain
    assert stop.last_door_reason
    change = MethodChange.objects.get(kind=MethodChange.Kind.READMISSION_STOPPED)
    assert change.suspension == order
    assert (change.facts["stop"], change.facts["failed"], change.facts["decided"]) == (stop.pk, 20, 25)

    with pytest.raises(MethodNotOffered):
        start_attempt(a_case().public_id, METHOD, return_url="https://example.org", actor=SYSTEM)
    administrator = an_administrator()
    assert confirm_suspension(stop.pk, actor=administrator).confirmed_by == administrator.reference
    proposal = propose_lifting(Lifting(suspension=stop, evidence="Repaired"), actor=administrator)
    with pytest.raises(SecondPersonNeeded):
        approve_lifting(proposal.pk, actor=administrator)
    approve_lifting(proposal.pk, actor=an_administrator())


@pytest.mark.django_db
def test_it_stops_once_even_when_people_let_the_method_in_again():
    a_readmitted_order([10])
    since_then(20, 5)
    for _ in range(2):
        watch()
    (stop,) = stops()
    lift(stop)
    watch()
    assert stops() == [stop]
    assert MethodChange.objects.filter(kind=MethodChange.Kind.READMISSION_STOPPED).count() == 1


@pytest.mark.django_db
def test_a_stop_that_was_taken_back_does_not_come_again():
    a_readmitted_order([10])
    since_then(20, 5)
    watch()
    (stop,) = stops()
    undo_suspension(stop.pk, actor=an_administrator())
    watch()
    assert len(stops()) == 1


@pytest.mark.django_db
def test_the_readmission_after_a_stop_is_watched_by_itself():
    a_readmitted_order([10])
    since_then(20, 5)
    watch()
    (stop,) = stops()
    lift(stop)
    since_then(20, 0)
    watch()
    assert [each.order_reference for each in stops()[:1]] == [f"readmission stop of {stop.pk}"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "percents", "watched"),
    [(71, None, True), (73, None, False), (73, [10, 50, 90, 90], True), (97, [10, 50, 90, 90], False)],
)
def test_a_method_is_watched_while_it_is_let_in_step_by_step_and_for_three_days(hours, percents, watched):
    order = a_readmitted_order(percents)
    assert order.end is not None
    assert readmitting.is_watched(order, order.end + timedelta(hours=hours)) is watched
    assert not readmitting.is_watched(order, order.end - timedelta(seconds=1))


@pytest.mark.django_db
def test_only_what_a_provider_has_decided_counts_and_only_in_the_order_s_scope():
    order = a_readmitted_order(purpose="epa")
    now = timezone.now()
    for state in A:
        attempts(state, 1, now, suspected_fraud=False)
    attempts(A.SURPLUS, 1, now, suspected_fraud=True)
    attempts(A.FAILED, 1, now, case=a_case(purpose="pin"))
    attempts(A.FAILED, 1, now, method_id="postident_eid")
    attempts(A.FAILED, 1, order.end - timedelta(seconds=1) if order.end else now)
    found = failures_of(order, order.end or now, now + timedelta(seconds=1))
    assert (found.failed, found.decided) == (3, 6)  # failed, rejected, fraud; and succeeded, surplus, late


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_stop_it_once(at_once, meet_at):
    a_readmitted_order([10])
    since_then(20, 5)
    meet_at(readmitting, "limit_percent")
    assert at_once(watch, watch) == [None, None]
    assert len(stops()) == 1
    assert MethodChange.objects.filter(kind=MethodChange.Kind.READMISSION_STOPPED).count() == 1
