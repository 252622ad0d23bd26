"""The inbox desk: why something is stuck, trying again, and settling what belongs to no attempt."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.actors import ActorKind
from core.audit.models import AuditEvent
from identity.callbacks import services
from identity.callbacks.services import ClosingReason
from identity.callbacks.states import EntryState
from identity.workplace.words import PROBLEMS
from tests.factories import an_attempt
from tests.identity.callbacks.conftest import CASE, an_entry
from tests.identity.workplace.conftest import Login, audit_names, text_of

pytestmark = pytest.mark.django_db
DEAD, FOR_PERSON = EntryState.DEAD, EntryState.FOR_PERSON


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(services, "wake", found.append)
    return found


@pytest.fixture
def desk(browser: Login, clerk: Account) -> Client:
    return browser(clerk)


def test_the_desk_shows_what_waits_for_a_person_and_why(desk: Client):
    an_entry(DEAD, problem="http_503")
    an_entry(FOR_PERSON, reference="", problem="matches_no_attempt")
    an_entry(EntryState.WAITING, reference="waits", problem="timeout")
    shown = text_of(desk.get(reverse("workplace:inbox")))

    assert "The provider was overloaded or under maintenance." in shown
    assert "The result belongs to no attempt that we know." in shown
    assert "The provider did not answer in time." not in shown


def test_an_empty_desk_says_that_all_is_in_order(desk: Client):
    assert "The inbox is in order" in text_of(desk.get(reverse("workplace:inbox")))


@pytest.mark.parametrize("problem", [*PROBLEMS, "http_502", "something_new"])
def test_every_problem_can_be_shown(desk: Client, problem: str):
    entry = an_entry(DEAD, problem=problem)

    assert desk.get(reverse("workplace:entry", args=[entry.pk])).status_code == 200


def test_trying_again_makes_an_entry_due_at_once(desk: Client, woken: list[str], django_capture_on_commit_callbacks):
    entry = an_entry(DEAD, tries=12)
    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(reverse("workplace:retry", args=[entry.pk]))
    entry.refresh_from_db()

    assert response["Location"] == reverse("workplace:inbox")
    assert (entry.state, entry.tries) == (EntryState.RECEIVED, 0)
    assert woken == ["postident_branch"]
    assert AuditEvent.objects.get().actor_kind == ActorKind.CLERK


def test_trying_again_what_is_done_by_now_shows_how_things_stand(desk: Client):
    entry = an_entry(EntryState.DONE)
    response = desk.post(reverse("workplace:retry", args=[entry.pk]), follow=True)

    assert "This step is no longer possible" in text_of(response)
    assert "There is nothing to do here." in text_of(response)


def test_looking_at_the_retry_address_does_nothing(desk: Client):
    entry = an_entry(DEAD)

    assert desk.get(reverse("workplace:retry", args=[entry.pk])).status_code == 405
    entry.refresh_from_db()
    assert entry.state == DEAD


def test_an_unknown_case_is_shown_with_all_that_is_known(desk: Client):
    entry = an_entry(FOR_PERSON, problem="matches_no_attempt", hints=3)
    shown = text_of(desk.get(reverse("workplace:entry", args=[entry.pk])))

    for words in (CASE, "ABCDEFGH234567", "(3 messages)", "In a post office", "Callback"):
        assert words in shown


def test_a_known_reference_leads_to_its_case(desk: Client):
    attempt = an_attempt()
    entry = an_entry(DEAD, reference=attempt.reference)

    page = desk.get(reverse("workplace:entry", args=[entry.pk])).content.decode()
    assert reverse("workplace:case", args=[attempt.case.public_id]) in page


@pytest.mark.parametrize("reason", ClosingReason)
def test_an_unknown_case_is_marked_as_settled_with_a_reason(desk: Client, reason: ClosingReason):
    entry = an_entry(FOR_PERSON, hints=2)
    response = desk.post(reverse("workplace:entry", args=[entry.pk]), {"reason": reason.value})
    entry.refresh_from_db()

    assert response["Location"] == reverse("workplace:inbox")
    assert (entry.state, entry.worked_hints) == (EntryState.DONE, 2)
    assert AuditEvent.objects.get().facts["reason"] == reason.value


def test_settling_needs_a_reason(desk: Client):
    entry = an_entry(FOR_PERSON)
    response = desk.post(reverse("workplace:entry", args=[entry.pk]), {})

    assert response.status_code == 422
    assert "Choose why it is settled." in text_of(response)
    entry.refresh_from_db()
    assert entry.state == FOR_PERSON


def test_what_was_given_up_cannot_be_settled_only_tried_again(desk: Client):
    entry = an_entry(DEAD)
    shown = text_of(desk.get(reverse("workplace:entry", args=[entry.pk])))
    assert "Mark as settled" not in shown

    desk.post(reverse("workplace:entry", args=[entry.pk]), {"reason": "not_ours"})
    entry.refresh_from_db()
    assert entry.state == DEAD
    assert audit_names() == []


def test_the_providers_number_stands_in_no_address_and_no_audit_event(desk: Client):
    entry = an_entry(FOR_PERSON)
    page = desk.get(reverse("workplace:inbox")).content.decode()
    desk.post(reverse("workplace:entry", args=[entry.pk]), {"reason": "not_ours"})

    assert not any(CASE in part.split('"')[0] for part in page.split('href="')[1:])
    assert not any(CASE in str(event.facts) + event.subject_id for event in AuditEvent.objects.all())
