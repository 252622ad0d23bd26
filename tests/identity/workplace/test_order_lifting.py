"""Lifting an order from its page: one proposes, another approves exactly that; every trick of one person fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent
from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.methods.services import withdraw_lifting
from identity.workplace.access import actor_of
from tests.factories import a_suspension, lift
from tests.identity.workplace.conftest import (
    Login,
    a_proposal,
    an_administrator,
    text_of,
)
from tests.identity.workplace.pressing import press, propose, shown, stands

pytestmark = pytest.mark.django_db
EVERY_END = ("confirmed_by", "undone_by", "evidence", "ends_at")


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


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
