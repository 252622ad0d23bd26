"""Imposing, confirming, taking back and lifting an order: one person stops, two let in again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from identity.methods.choices import Action
from identity.methods.gate import decide
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import (
    approve_lifting,
    confirm_suspension,
    impose_suspension,
    propose_lifting,
    undo_suspension,
    withdraw_lifting,
)
from identity.methods.services.imposing import AlreadyImposed, LastDoorReasonMissing, TooLateToUndo
from identity.methods.services.lifting import LiftingOpen, ProposalStale, SuspensionEnded
from identity.methods.services.writing import AdministratorNeeded, OrderChanged, SecondPersonNeeded
from tests.factories import a_suspension, an_administrator, lift
from tests.identity.methods.test_gate import asked

pytestmark = pytest.mark.django_db
NOW = timezone.now
CLERK = Actor(ActorKind.CLERK, "clerk")


def a_draft(**given: Any) -> Suspension:
    return Suspension(method_id="postident_branch", **SUSPENSION_TEXTS | given)


def kinds() -> list[str]:
    return list(MethodChange.objects.values_list("kind", flat=True))


def is_open() -> bool:
    return decide(asked()).allowed


def test_a_planned_end_does_not_come_before_a_second_person_has_confirmed_the_order(time_machine):
    order = impose_suspension(a_draft(ends_at=NOW() + timedelta(hours=1)), actor=an_administrator())
    time_machine.move_to(NOW() + timedelta(hours=2))
    assert not is_open()
    confirm_suspension(order.pk, actor=an_administrator())
    assert is_open()
    assert not decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(minutes=30))).allowed


def test_a_confirmed_end_comes_by_itself(time_machine):
    order = impose_suspension(a_draft(ends_at=NOW() + timedelta(hours=1)), actor=an_administrator())
    confirm_suspension(order.pk, actor=an_administrator())
    assert not is_open()
    time_machine.move_to(NOW() + timedelta(hours=1, seconds=1))
    assert is_open()


def test_confirming_an_order_that_was_lifted_does_not_prolong_it(time_machine):
    order = lift(impose_suspension(a_draft(), actor=an_administrator()))
    ended_at = order.ends_at
    time_machine.move_to(NOW() + timedelta(days=2))
    confirmed = confirm_suspension(order.pk, actor=an_administrator())
    assert (confirmed.ends_at, confirmed.over_at) == (ended_at, ended_at)
    assert decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(days=1))).allowed


def test_nobody_confirms_their_own_order():
    boss = an_administrator()
    order = impose_suspension(a_draft(), actor=boss)
    with pytest.raises(SecondPersonNeeded):
        confirm_suspension(order.pk, actor=boss)
    with pytest.raises(SecondPersonNeeded):
        confirm_suspension(order.pk, actor=SYSTEM)
    with pytest.raises(AdministratorNeeded):
        confirm_suspension(order.pk, actor=CLERK)


def test_confirming_twice_changes_nothing():
    order = impose_suspension(a_draft(), actor=an_administrator())
    first = confirm_suspension(order.pk, actor=an_administrator())
    assert confirm_suspension(order.pk, actor=an_administrator()).confirmed_by == first.confirmed_by
    assert kinds() == ["imposed", "confirmed"]


def test_the_same_order_is_imposed_once():
    impose_suspension(a_draft(), actor=an_administrator())
    with pytest.raises(AlreadyImposed):
        impose_suspension(a_draft(), actor=an_administrator())
    impose_suspension(a_draft(order_reference="another letter"), actor=an_administrator())
    assert Suspension.objects.filter(method="postident_branch").count() == 2


def test_who_suspends_again_wins_over_a_proposal_to_lift():
    order = impose_suspension(a_draft(), actor=an_administrator())
    proposal = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=an_administrator())
    impose_suspension(a_draft(), actor=an_administrator())
    approve_lifting(proposal.pk, actor=an_administrator())
    assert not is_open()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_impose_one_order(at_once):
    boss = an_administrator()
    results = at_once(*[lambda: impose_suspension(a_draft(), actor=boss)] * 4)
    assert sum(isinstance(each, AlreadyImposed) for each in results) == 3
    assert Suspension.objects.filter(method="postident_branch").count() == 1


def test_the_last_online_way_closes_only_with_a_reason():
    draft = a_draft()
    draft.method_id = "postident_eid"
    with pytest.raises(LastDoorReasonMissing):
        impose_suspension(draft, actor=an_administrator())
    draft.last_door_reason = "The chip can be copied."
    impose_suspension(draft, actor=an_administrator())


def test_an_order_never_begins_before_it_is_given():
    before = NOW()
    order = impose_suspension(a_draft(effective_from=before - timedelta(days=3)), actor=an_administrator())
    assert order.effective_from >= before


@pytest.mark.parametrize("wrong", [{"effect": "finish"}, {"effect": "void"}, {"review_on": None}, {"reason": ""}])
def test_an_incomplete_order_is_refused(wrong):
    with pytest.raises(ValidationError):
        impose_suspension(a_draft(**wrong), actor=an_administrator())
    assert is_open()


def test_an_order_can_be_taken_back_for_ten_minutes(time_machine):
    start = NOW()
    time_machine.move_to(start, tick=False)
    boss = an_administrator()
    order = impose_suspension(a_draft(), actor=boss)
    time_machine.move_to(start + timedelta(minutes=10), tick=False)
    undo_suspension(order.pk, actor=boss)
    assert is_open()
    assert decide(asked(Action.ACCEPT, identified_at=start + timedelta(minutes=3))).allowed
    with pytest.raises(OrderChanged):
        undo_suspension(order.pk, actor=boss)
    with pytest.raises(OrderChanged):
        confirm_suspension(order.pk, actor=an_administrator())


def test_after_ten_minutes_it_takes_two(time_machine):
    order = impose_suspension(a_draft(), actor=an_administrator())
    time_machine.move_to(NOW() + timedelta(minutes=10, seconds=1))
    with pytest.raises(TooLateToUndo):
        undo_suspension(order.pk, actor=an_administrator())
    assert not is_open()


def test_what_two_have_confirmed_one_cannot_take_back():
    boss = an_administrator()
    order = impose_suspension(a_draft(), actor=boss)
    confirm_suspension(order.pk, actor=an_administrator())
    with pytest.raises(TooLateToUndo):
        undo_suspension(order.pk, actor=boss)


@pytest.mark.parametrize("actor", [CLERK, SYSTEM])
def test_nobody_but_an_administrator_takes_back(actor):
    order = impose_suspension(a_draft(), actor=an_administrator())
    with pytest.raises((AdministratorNeeded, TooLateToUndo)):
        undo_suspension(order.pk, actor=actor)


def test_lifting_takes_two_and_evidence():
    order = impose_suspension(a_draft(), actor=an_administrator())
    first, second = an_administrator(), an_administrator()
    proposal = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=first)
    assert not is_open()
    with pytest.raises(SecondPersonNeeded):
        approve_lifting(proposal.pk, actor=first)
    with pytest.raises(SecondPersonNeeded):
        approve_lifting(proposal.pk, actor=SYSTEM)
    with pytest.raises(AdministratorNeeded):
        approve_lifting(proposal.pk, actor=CLERK)
    assert not is_open()
    approve_lifting(proposal.pk, actor=second)
    assert is_open()
    assert kinds() == ["imposed", "lifting_proposed", "lifted"]
    with pytest.raises(ValidationError):
        propose_lifting(Lifting(suspension=a_suspension("postident_eid"), evidence=""), actor=first)


def test_two_accounts_of_one_person_count_as_one():
    order = impose_suspension(a_draft(), actor=an_administrator())
    first, second, third = an_administrator(), an_administrator(), an_administrator()
    main = Account.objects.get(public_id=first.reference)
    Account.objects.filter(public_id__in=[second.reference, third.reference]).update(same_person_as=main)
    proposal = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=second)
    for actor in (first, second, third):
        with pytest.raises(SecondPersonNeeded):
            approve_lifting(proposal.pk, actor=actor)
    assert not is_open()


def test_an_old_or_withdrawn_proposal_cannot_be_approved(time_machine):
    order = impose_suspension(a_draft(), actor=an_administrator())
    withdrawn = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=an_administrator())
    withdraw_lifting(withdrawn.pk, actor=an_administrator())
    old = propose_lifting(Lifting(suspension=order, evidence="Report 8"), actor=an_administrator())
    time_machine.move_to(NOW() + timedelta(hours=24, minutes=1))
    for proposal in (withdrawn, old):
        with pytest.raises(ProposalStale):
            approve_lifting(proposal.pk, actor=an_administrator())
    assert not is_open()


def test_the_text_of_a_proposal_cannot_change():
    order = impose_suspension(a_draft(), actor=an_administrator())
    proposal = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=an_administrator())
    with pytest.raises(DatabaseError), transaction.atomic():
        Lifting.objects.filter(pk=proposal.pk).update(evidence="another")
    with pytest.raises(DatabaseError), transaction.atomic():
        proposal.delete()
    with pytest.raises(LiftingOpen):
        propose_lifting(Lifting(suspension=order, evidence="Report 8"), actor=an_administrator())


def test_the_database_lets_nobody_lift_alone():
    boss = an_administrator()
    order = impose_suspension(a_draft(), actor=boss)
    with pytest.raises(IntegrityError, match="lifted by two"), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(evidence="mine", ends_at=NOW())
    with pytest.raises(IntegrityError, match="confirmed_by_another"), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(confirmed_by=order.imposed_by, confirmed_at=NOW())
    with pytest.raises(IntegrityError, match="over_by_two"), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(ends_at=NOW(), over_at=NOW())
    with pytest.raises(IntegrityError, match="undone_in_time"), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(undone_by="x", undone_at=NOW() + timedelta(minutes=11))
    proposal = propose_lifting(Lifting(suspension=order, evidence="Report 7"), actor=boss)
    with pytest.raises(IntegrityError, match="by_two"), transaction.atomic():
        Lifting.objects.filter(pk=proposal.pk).update(approved_by=boss.reference, approved_at=NOW())
    Suspension.objects.filter(pk=order.pk).update(ends_at=NOW())
    assert not is_open()


def test_an_order_ends_once():
    order = impose_suspension(a_draft(), actor=an_administrator())
    lift(order)
    with pytest.raises(SuspensionEnded):
        lift(order)


def test_a_second_order_keeps_the_method_closed_when_the_first_is_lifted():
    first = impose_suspension(a_draft(), actor=an_administrator())
    impose_suspension(a_draft(order_reference="another letter"), actor=an_administrator())
    lift(first)
    assert not is_open()


def test_people_are_readmitted_step_by_step_and_each_keeps_their_place(time_machine):
    order = impose_suspension(a_draft(), actor=an_administrator())
    lift(order, percents=[10, 50], step_hours=24)
    people = [str(number) for number in range(400)]

    def admitted() -> set[str]:
        return {person for person in people if decide(asked(person=person)).allowed}

    first = admitted()
    assert 20 <= len(first) <= 60
    time_machine.move_to(NOW() + timedelta(hours=25))
    second = admitted()
    assert first < second
    assert 150 <= len(second) <= 250
    assert decide(asked(Action.RESUME, person="x", begun_at=NOW() - timedelta(days=9))).allowed
    time_machine.move_to(NOW() + timedelta(hours=24))
    assert admitted() == set(people)


def test_the_history_can_only_grow():
    impose_suspension(a_draft(), actor=an_administrator())
    with pytest.raises(DatabaseError), transaction.atomic():
        MethodChange.objects.update(kind="undone")
    with pytest.raises(DatabaseError), transaction.atomic():
        MethodChange.objects.all().delete()
