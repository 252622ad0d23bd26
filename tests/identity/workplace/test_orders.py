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
from core.audit.models import AuditEvent
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.states import AttemptState
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import confirm_suspension, impose_suspension, withdraw_lifting
from identity.workplace.access import actor_of
from tests.factories import a_suspension, lift
from tests.identity.workplace.conftest import (
    Login,
    a_held_result,
    a_proposal,
    an_administrator,
    an_affected_case,
    audit_names,
    text_of,
)

pytestmark = pytest.mark.django_db
EVERY_END = ("confirmed_by", "undone_by", "evidence", "ends_at")


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


@pytest.fixture
def colleague(db: None) -> Account:
    return an_administrator()


@pytest.fixture
def mine(administrator: Account) -> Suspension:
    """An order that the administrator at the desk has imposed just now."""
    return a_suspension(imposed_by=str(administrator.public_id))


@pytest.fixture
def theirs(colleague: Account) -> Suspension:
    """An order that a colleague has imposed just now."""
    return a_suspension(imposed_by=str(colleague.public_id))


def press(desk: Client, name: str, key: int) -> str:
    """Press a button; return what the page says then."""
    response = desk.post(reverse(f"workplace:{name}", args=[key]), follow=True)
    assert response.redirect_chain[-1][0].startswith("/arbeitsplatz/aussetzungen/")
    return text_of(response)


def shown(desk: Client, order: Suspension) -> str:
    return text_of(desk.get(reverse("workplace:order", args=[order.pk])))


def stands(order: Suspension) -> bool:
    order.refresh_from_db()
    return order.covers(timezone.now())


def propose(desk: Client, order: Suspension, **given: str) -> Any:
    return desk.post(reverse("workplace:lift", args=[order.pk]), {"evidence": "Report 9", "how": "at_once"} | given)


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


def test_a_proposal_alone_lifts_nothing(desk: Client, theirs: Suspension):
    response = propose(desk, theirs)

    assert response["Location"] == reverse("workplace:order", args=[theirs.pk])
    words = shown(desk, theirs)
    assert "Report 9" in words
    assert "somebody else has to approve it" in words
    assert "Approve: lift" not in words
    assert stands(theirs)


def test_a_second_person_approves_what_was_proposed(
    desk: Client, theirs: Suspension, colleague: Account, administrator: Account
):
    proposal = a_proposal(theirs, colleague, evidence="Report 12")
    words = shown(desk, theirs)
    assert "Report 12" in words
    assert colleague.email in words
    assert "It can be approved until" in words

    assert "Approved. The suspension ends as proposed." in press(desk, "approve", proposal.pk)
    assert not stands(theirs)
    assert theirs.evidence == "Report 12"
    event = AuditEvent.objects.get(name="identity.suspension.lifted")
    assert (event.actor_reference, event.facts["evidence"]) == (str(administrator.public_id), "Report 12")
    assert "Earlier proposals to lift it" in shown(desk, theirs)


def test_one_person_lifts_nothing_in_two_tabs(desk: Client, browser: Login, theirs: Suspension, administrator: Account):
    first, second = desk, browser(administrator)
    propose(first, theirs)
    proposal = Lifting.objects.get()

    for tab in (first, second):
        assert "Somebody else has to do this" in press(tab, "approve", proposal.pk)
    assert "Somebody has proposed to lift this suspension already." in text_of(
        second.post(reverse("workplace:lift", args=[theirs.pk]), {"evidence": "x", "how": "at_once"}, follow=True)
    )
    assert Lifting.objects.count() == 1
    assert stands(theirs)


@pytest.mark.parametrize("flagged", ["proposer", "approver", "both"])
def test_one_person_lifts_nothing_with_two_accounts(
    desk: Client, theirs: Suspension, administrator: Account, colleague: Account, flagged: str
):
    proposal = a_proposal(theirs, colleague)
    third = an_administrator()
    same = {"proposer": {colleague: administrator}, "approver": {administrator: colleague},
            "both": {administrator: third, colleague: third}}[flagged]  # fmt: skip
    for account, person in same.items():
        Account.objects.filter(pk=account.pk).update(same_person_as=person)

    assert "two accounts of one person count as one" in press(desk, "approve", proposal.pk)
    assert stands(theirs)


def test_a_withdrawn_proposal_lifts_nothing(desk: Client, theirs: Suspension, colleague: Account):
    proposal = a_proposal(theirs, colleague)
    withdraw_lifting(proposal.pk, actor=actor_of(colleague))

    assert "This proposal can no longer be approved." in press(desk, "approve", proposal.pk)
    assert stands(theirs)


def test_the_page_of_an_old_proposal_does_not_approve_the_new_one(desk: Client, theirs: Suspension, colleague: Account):
    seen = a_proposal(theirs, colleague, evidence="Report of the laboratory")
    withdraw_lifting(seen.pk, actor=actor_of(colleague))
    a_proposal(theirs, colleague, evidence="a letter")

    assert "This proposal can no longer be approved." in press(desk, "approve", seen.pk)
    assert stands(theirs)


def test_a_proposal_older_than_a_day_lifts_nothing(
    desk: Client, theirs: Suspension, colleague: Account, administrator: Account, time_machine: Any
):
    proposal = a_proposal(theirs, colleague)
    time_machine.move_to(proposal.proposed_at + timedelta(hours=24, minutes=1))
    desk.force_login(administrator)
    words = shown(desk, theirs)
    assert "This proposal is too old to be approved" in words
    assert "Approve: lift" not in words

    assert "This proposal can no longer be approved." in press(desk, "approve", proposal.pk)
    assert stands(theirs)
    assert "The proposal is withdrawn." in press(desk, "withdraw", proposal.pk)
    assert "Propose to lift it" in shown(desk, theirs)


def test_approving_twice_lifts_once(desk: Client, theirs: Suspension, colleague: Account):
    proposal = a_proposal(theirs, colleague)
    press(desk, "approve", proposal.pk)

    assert "This proposal can no longer be approved." in press(desk, "approve", proposal.pk)
    assert MethodChange.objects.filter(kind="lifted").count() == 1


def test_what_is_posted_along_with_an_approval_changes_nothing(desk: Client, theirs: Suspension, colleague: Account):
    proposal = a_proposal(theirs, colleague, at=timezone.now() + timedelta(days=7), evidence="Report 12")
    address = reverse("workplace:approve", args=[proposal.pk])
    desk.post(address, {"evidence": "another", "at": "", "proposed_by": "x", "percents": "100", "lifting_id": "1"})
    theirs.refresh_from_db()

    assert theirs.evidence == "Report 12"
    assert theirs.ends_at == proposal.at


@pytest.mark.parametrize("name", ["confirm", "undo"])
def test_a_form_of_another_site_does_nothing(administrator: Account, theirs: Suspension, name: str):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)

    assert strict.post(reverse(f"workplace:{name}", args=[theirs.pk])).status_code == 403
    theirs.refresh_from_db()
    assert not any(getattr(theirs, field) for field in EVERY_END)


def test_an_end_can_be_proposed_for_later(desk: Client, theirs: Suspension, colleague: Account, browser: Login):
    later = timezone.localtime(timezone.now() + timedelta(days=3))
    propose(desk, theirs, at=later.strftime("%Y-%m-%dT%H:%M"))
    press(browser(colleague), "approve", Lifting.objects.get().pk)

    assert stands(theirs)
    assert theirs.ends_at is not None
    assert theirs.ends_at > timezone.now() + timedelta(days=2)


def test_a_readmission_in_steps_is_proposed_and_shown(
    desk: Client, theirs: Suspension, colleague: Account, administrator: Account, browser: Login, time_machine: Any
):
    propose(desk, theirs, how="in_steps", percents="10 %, 25, 50; 100", step_hours="24")
    assert "in steps of 10, 25, 50, 100 percent of the people, 24 hours each" in shown(desk, theirs)
    press(browser(colleague), "approve", Lifting.objects.get().pk)
    theirs.refresh_from_db()

    assert (theirs.readmission_percents, theirs.readmission_step_hours) == ([10, 25, 50, 100], 24)
    words = shown(desk, theirs)
    assert "Being admitted again" in words
    assert "Today for 10 of 100 people" in words
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    desk.force_login(administrator)
    assert "Today for 25 of 100 people" in shown(desk, theirs)
    time_machine.move_to(timezone.now() + timedelta(hours=72))
    desk.force_login(administrator)
    assert "Ended" in shown(desk, theirs)


def test_steps_that_were_not_chosen_do_not_count(desk: Client, theirs: Suspension):
    propose(desk, theirs, percents="nonsense", step_hours="long")
    proposal = Lifting.objects.get()

    assert (proposal.percents, proposal.step_hours) == ([], 0)


@pytest.mark.parametrize("quarantine_end", ["release", "refuse"])
def test_for_a_freeze_it_is_asked_what_happens_to_the_quarantine(
    desk: Client, colleague: Account, browser: Login, quarantine_end: str
):
    order = a_suspension(effect="freeze", imposed_by=str(colleague.public_id))
    refused = propose(desk, order)
    assert "Choose what happens to the results in quarantine." in text_of(refused)

    propose(desk, order, quarantine_end=quarantine_end)
    press(browser(colleague), "approve", Lifting.objects.get().pk)
    order.refresh_from_db()
    assert order.quarantine_end == quarantine_end


def test_without_a_freeze_there_is_no_quarantine_to_ask_about(desk: Client, theirs: Suspension):
    assert "results in quarantine" not in text_of(desk.get(reverse("workplace:lift", args=[theirs.pk])))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"evidence": ""}, "evidence", "Without evidence no suspension ends."),
        ({"evidence": "told by erika@example.org"}, "evidence", "Only a reference in one line"),
        ({"evidence": "two\nlines"}, "evidence", "Only a reference in one line"),
        ({"at": "2020-01-01T10:00"}, "at", "Enter a moment in the future"),
        ({"how": ""}, "how", "Choose how it is admitted again."),
        ({"how": "in_steps", "percents": "", "step_hours": "24"}, "percents", "Enter rising whole numbers"),
        ({"how": "in_steps", "percents": "50, 10", "step_hours": "24"}, "percents", "Enter rising whole numbers"),
        ({"how": "in_steps", "percents": "0, 10", "step_hours": "24"}, "percents", "Enter rising whole numbers"),
        ({"how": "in_steps", "percents": "10, 110", "step_hours": "24"}, "percents", "Enter rising whole numbers"),
        ({"how": "in_steps", "percents": "10, ²", "step_hours": "24"}, "percents", "Enter rising whole numbers"),
        ({"how": "in_steps", "percents": "10", "step_hours": ""}, "step_hours", "Enter a whole number of hours."),
        ({"how": "in_steps", "percents": "10", "step_hours": "0"}, "step_hours", "Enter from 1 to 336 hours."),
        ({"how": "in_steps", "percents": "10", "step_hours": "x"}, "step_hours", "Enter a whole number of hours."),
    ],
)
def test_what_is_wrong_with_a_proposal_is_said_at_its_field(
    desk: Client, theirs: Suspension, given: dict[str, str], field: str, words: str
):
    response = propose(desk, theirs, **given)

    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    assert not Lifting.objects.exists()


@pytest.mark.parametrize("verb", ["get", "post"])
def test_what_has_ended_cannot_end_again(desk: Client, theirs: Suspension, verb: str):
    lift(theirs)
    given = {"evidence": "second", "how": "at_once"}
    response = getattr(desk, verb)(reverse("workplace:lift", args=[theirs.pk]), given, follow=True)

    assert "This suspension has ended already" in text_of(response)
    assert Lifting.objects.count() == 1


def test_a_planned_suspension_can_be_lifted_before_it_begins(desk: Client, colleague: Account, browser: Login):
    order = a_suspension(effective_from=timezone.now() + timedelta(days=5))
    assert "Planned" in shown(desk, order)
    assert "This suspension has not begun yet" in text_of(desk.get(reverse("workplace:lift", args=[order.pk])))
    propose(desk, order)
    press(browser(colleague), "approve", Lifting.objects.get().pk)
    order.refresh_from_db()

    assert order.ends_at == order.effective_from
    assert "Ended" in shown(desk, order)


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
