"""Settling an entry by hand: only what waits for a person, with a reason, and open again for later news."""

import pytest

from core.actors import Actor, ActorKind
from core.audit.models import AuditEvent
from identity.callbacks import services
from identity.callbacks.models import InboxEntry
from identity.callbacks.services import ClosingReason, EntryUnknown, close_entry, note_hint
from identity.callbacks.states import EntryMoveNotAllowed, EntryState, Origin
from tests.identity.callbacks.conftest import CASE, REFERENCE, an_entry

pytestmark = pytest.mark.django_db
CLERK = Actor(ActorKind.CLERK, "c-7")


def test_an_entry_for_a_person_is_settled_with_all_its_messages_and_a_trace():
    entry = an_entry(EntryState.FOR_PERSON, hints=3, problem="matches_no_attempt")
    close_entry(entry.pk, ClosingReason.BY_HAND, CLERK)
    entry.refresh_from_db()
    trace = AuditEvent.objects.get()

    assert (entry.state, entry.worked_hints, entry.problem) == (EntryState.DONE, 3, "")
    assert (trace.name, trace.actor_reference) == ("identity.inbox.closed", "c-7")
    assert trace.facts == {"reason": "by_hand", "problem": "matches_no_attempt", "hints": 3}


def test_settling_twice_is_settling_once():
    entry = an_entry(EntryState.FOR_PERSON)
    close_entry(entry.pk, ClosingReason.NOT_OURS, CLERK)
    close_entry(entry.pk, ClosingReason.TEST_CASE, CLERK)

    assert AuditEvent.objects.get().facts["reason"] == "not_ours"


@pytest.mark.parametrize("state", [EntryState.RECEIVED, EntryState.WAITING, EntryState.DEAD])
def test_unread_and_dead_entries_cannot_be_settled(state: EntryState):
    entry = an_entry(state)
    with pytest.raises(EntryMoveNotAllowed):
        close_entry(entry.pk, ClosingReason.NOT_OURS, CLERK)
    entry.refresh_from_db()

    assert entry.state == state


def test_a_later_message_opens_a_settled_entry_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "wake", lambda contract: True)
    entry = an_entry(EntryState.FOR_PERSON)
    close_entry(entry.pk, ClosingReason.NOT_OURS, CLERK)
    note_hint("postident", "postident_branch", CASE, REFERENCE, Origin.CALLBACK)

    assert InboxEntry.objects.get().state == EntryState.RECEIVED


def test_an_entry_that_is_not_there_cannot_be_settled():
    with pytest.raises(EntryUnknown):
        close_entry(4711, ClosingReason.NOT_OURS, CLERK)
