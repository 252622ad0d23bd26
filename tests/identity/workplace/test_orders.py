"""The page of an order: what it shows, and that one person stops a method but only two let it in again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.states import AttemptState
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import confirm_suspension, impose_suspension
from identity.workplace.access import actor_of
from tests.factories import a_suspension, lift
from tests.identity.workplace.conftest import (
    Login,
    a_held_result,
    an_affected_case,
    audit_names,
    text_of,
)
from tests.identity.workplace.pressing import press, shown, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


def test_the_page_tells_all_about_an_order(desk: Client, administrator: Account):
    order = a_suspension(
        imposed_by=str(administrator.public_id), effect="finish", purpose="epa", legal_basis="SGB V § 311",
        finish_until=timezone.now() + timedelta(days=3), last_door_reason="It could not wait.",
    )  # fmt: skip
    words = shown(desk, order)

    for each in ("gematik, 9. August 2022", "In force", "SGB V § 311", "https://www.gematik.de/", administrator.email,
                 "It could not wait.", "Dieses Verfahren ist im Moment verboten.", "who has begun may finish",
                 "Access to the electronic", "nobody yet", "until further notice"):  # fmt: skip
        assert each in words


def test_a_second_person_confirms(desk: Client, theirs: Suspension, administrator: Account):
    assert "Confirm the suspension" in shown(desk, theirs)

    assert "The suspension is confirmed." in press(desk, "confirm", theirs.pk)
    theirs.refresh_from_db()
    assert theirs.confirmed_by == str(administrator.public_id)
    assert "Confirm the suspension" not in shown(desk, theirs)
    assert audit_names() == ["identity.suspension.confirmed"]


def test_nobody_confirms_their_own_order(desk: Client, mine: Suspension):
    assert "Confirm the suspension" not in shown(desk, mine)
    assert "Please ask a colleague to confirm it" in shown(desk, mine)

    assert "Somebody else has to do this" in press(desk, "confirm", mine.pk)
    mine.refresh_from_db()
    assert mine.confirmed_by == ""


def test_a_second_account_of_the_same_person_confirms_nothing(
    desk: Client, theirs: Suspension, administrator: Account, colleague: Account
):
    Account.objects.filter(pk=administrator.pk).update(same_person_as=colleague)

    assert "two accounts of one person count as one" in press(desk, "confirm", theirs.pk)
    theirs.refresh_from_db()
    assert theirs.confirmed_by == ""


def test_an_order_is_taken_back_by_one_person_within_minutes(desk: Client, mine: Suspension, time_machine: Any):
    time_machine.move_to(mine.imposed_at + timedelta(minutes=3, seconds=10))
    assert "For 7 minutes more" in shown(desk, mine)

    words = press(desk, "undo", mine.pk)
    assert "The suspension is taken back." in words
    assert "Taken back by" in words
    assert not stands(mine)
    assert audit_names() == ["identity.suspension.undone"]


def test_after_ten_minutes_nothing_is_taken_back(desk: Client, mine: Suspension, time_machine: Any):
    time_machine.move_to(mine.imposed_at + timedelta(minutes=10, seconds=1))

    assert "Take it back" not in shown(desk, mine)
    assert "An order can be taken back for ten minutes" in press(desk, "undo", mine.pk)
    assert stands(mine)


def test_what_is_confirmed_is_not_taken_back(desk: Client, mine: Suspension, colleague: Account):
    confirm_suspension(mine.pk, actor=actor_of(colleague))

    assert "Take it back" not in shown(desk, mine)
    assert "only until a second person has confirmed it" in press(desk, "undo", mine.pk)
    assert stands(mine)


def test_taking_back_twice_says_that_it_has_happened(desk: Client, mine: Suspension):
    press(desk, "undo", mine.pk)

    assert "This suspension has changed meanwhile." in press(desk, "undo", mine.pk)
    assert "This suspension has changed meanwhile." in press(desk, "confirm", mine.pk)
    assert audit_names() == ["identity.suspension.undone"]


def test_the_page_shows_how_far_an_order_has_been_carried_out(desk: Client, theirs: Suspension):
    assert "Waits for its turn." in shown(desk, theirs)
    run = OrderRun.objects.create(suspension=theirs, phase="middle", total=1000, done=250, started_at=timezone.now())
    page = desk.get(reverse("workplace:order", args=[theirs.pk]))
    assert "250 of 1,000 done, 25 percent." in text_of(page)
    assert 'value="25"' in page.content.decode()
    assert "Refresh" in text_of(page)

    OrderRun.objects.filter(pk=run.pk).update(done=1000, finished_at=timezone.now())
    words = shown(desk, theirs)
    assert "1,000 done" in words
    assert "Refresh" not in words


def test_the_page_counts_whom_an_order_has_met_and_what_it_holds(desk: Client, theirs: Suspension):
    for outcome in ("moved", "moved", "kept"):
        an_affected_case(theirs, outcome=outcome)
    an_affected_case(theirs, outcome="frozen", closing=AffectedCase.Closing.THAWED, closed_at=timezone.now())
    a_held_result(theirs)
    a_held_result(theirs, AttemptState.WITHHELD)
    words = shown(desk, theirs)

    for each in ("Has to choose another way 2", "Nothing changes: the result counts 1",
                 "Place kept, clocks stopped → Clocks run again 1", "In quarantine until the suspension is lifted 1",
                 "Withheld: grants nothing 1"):  # fmt: skip
        assert each in words


def test_an_order_whose_day_has_come_says_so(desk: Client, theirs: Suspension):
    due = a_suspension("postident_eid", review_on=timezone.localdate())

    assert "To be looked at again since" in shown(desk, due)
    assert "To be looked at again since" not in shown(desk, theirs)


def test_a_stop_by_the_machine_needs_a_person_but_what_came_with_the_installation_does_not(desk: Client):
    stop = impose_suspension(Suspension(method_id="postident_branch", **SUSPENSION_TEXTS), actor=SYSTEM)

    assert "Confirm the suspension" in shown(desk, stop)
    assert "Confirm the suspension" not in shown(desk, Suspension.objects.get(method="video_ident"))


def test_a_readmission_that_another_order_stops_says_so(desk: Client, theirs: Suspension):
    lift(theirs, percents=[10, 100], step_hours=24)
    assert "Another suspension of this method is in force" not in shown(desk, theirs)
    stop = a_suspension(theirs.method_id, order_reference="readmission stop of 7")
    page = desk.get(reverse("workplace:order", args=[theirs.pk]))

    assert "Another suspension of this method is in force" in text_of(page)
    assert reverse("workplace:order", args=[stop.pk]) in page.content.decode()
