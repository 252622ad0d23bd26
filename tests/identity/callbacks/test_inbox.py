"""The inbox's rows, what may be done with them, and what the readiness address says about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.audit.models import AuditEvent
from core.errors import violates
from identity.callbacks import services
from identity.callbacks.models import InboxEntry
from identity.callbacks.selectors import oldest_unread_seconds
from identity.callbacks.services import EntryUnknown, note_hint, retry_entry
from identity.callbacks.states import ENTRY_MOVES, EntryMoveNotAllowed, EntryState, Origin, check_entry_move
from tests.identity.callbacks.conftest import CASE, REFERENCE, an_entry

pytestmark = pytest.mark.django_db

CLERK = Actor(ActorKind.CLERK, "c-7")
POLL = ("postident", "postident_branch", CASE, REFERENCE, Origin.POLL)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(services, "wake", found.append)
    return found


def test_every_state_can_be_reached_again_by_a_new_hint():
    for state in EntryState:
        check_entry_move(state, EntryState.RECEIVED)


def test_nothing_leaves_an_end_but_by_a_new_hint_a_retry_or_a_person():
    assert ENTRY_MOVES[EntryState.DONE] == {EntryState.RECEIVED}
    assert ENTRY_MOVES[EntryState.DEAD] == {EntryState.RECEIVED}
    assert ENTRY_MOVES[EntryState.FOR_PERSON] == {EntryState.RECEIVED, EntryState.DONE}
    with pytest.raises(EntryMoveNotAllowed):
        check_entry_move(EntryState.DONE, EntryState.DEAD)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "lost"}, "identity_inbox_state_known"),
        ({"origin": "rumour"}, "identity_inbox_origin_known"),
        ({"hints": 0}, "identity_inbox_worked_what_was_said"),
        ({"worked_hints": 2}, "identity_inbox_worked_what_was_said"),
        ({"state": "done", "worked_hints": 0}, "identity_inbox_done_means_all"),
        ({"state": "dead", "problem": ""}, "identity_inbox_says_why"),
        ({"state": "waiting", "problem": ""}, "identity_inbox_says_why"),
    ],
)
def test_a_row_cannot_lie(change: dict[str, Any], constraint: str):
    entry = an_entry()

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        InboxEntry.objects.filter(pk=entry.pk).update(**change)
    assert violates(error.value, constraint)


def test_the_same_news_cannot_stand_there_twice():
    an_entry()

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        an_entry()
    assert violates(error.value, "identity_inbox_once")


def test_a_poll_notes_the_same_row_as_a_callback(woken: list[str], django_capture_on_commit_callbacks: Any):
    entry = an_entry(EntryState.DONE)
    with django_capture_on_commit_callbacks(execute=True):
        note_hint(*POLL)
    entry.refresh_from_db()

    assert (entry.state, entry.hints, entry.origin) == (EntryState.RECEIVED, 2, "callback")
    assert woken == ["postident_branch"]


def test_a_poll_that_is_rolled_back_leaves_nothing(woken: list[str]):
    with transaction.atomic():
        note_hint(*POLL)
        transaction.set_rollback(True)

    assert not InboxEntry.objects.exists()
    assert woken == []


def test_due_entries_come_longest_waiting_first():
    now = timezone.now()
    late = an_entry(reference="late", next_try_at=now - timedelta(minutes=1))
    early = an_entry(EntryState.WAITING, reference="early", next_try_at=now - timedelta(minutes=5))
    free = an_entry(reference="free", next_try_at=now, claimed_until=now - timedelta(seconds=1))
    an_entry(reference="held", claimed_until=now + timedelta(seconds=30))
    an_entry(EntryState.WAITING, reference="later", next_try_at=now + timedelta(seconds=1))
    for state in (EntryState.DONE, EntryState.DEAD, EntryState.FOR_PERSON):
        an_entry(state, reference=state)

    assert list(InboxEntry.objects.due(now)) == [early, late, free]


def test_the_desk_sees_what_waits_for_a_person():
    dead, unmatched = an_entry(EntryState.DEAD), an_entry(EntryState.FOR_PERSON, reference="")
    an_entry(EntryState.WAITING, reference="other")

    assert list(InboxEntry.objects.for_desk()) == [unmatched, dead]


def test_the_query_for_due_entries_has_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = InboxEntry.objects.due(timezone.now()).explain()

    assert "identity_inbox_due" in plan


@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.DEAD, EntryState.FOR_PERSON])
def test_trying_again_makes_an_entry_due_and_leaves_a_trace(
    woken: list[str], state: EntryState, django_capture_on_commit_callbacks: Any
):
    entry = an_entry(state, tries=12, next_try_at=timezone.now() + timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        retry_entry(entry.pk, CLERK)
    entry.refresh_from_db()
    trace = AuditEvent.objects.get()

    assert (entry.state, entry.tries, entry.problem) == (EntryState.RECEIVED, 0, "")
    assert list(InboxEntry.objects.due()) == [entry]
    assert (trace.name, trace.actor_reference) == ("identity.inbox.retried", "c-7")
    assert trace.facts == {"source": state.value, "problem": "http_503"}
    assert woken == ["postident_branch"]


def test_trying_again_twice_is_one_try(woken: list[str]):
    entry = an_entry(EntryState.DEAD)
    retry_entry(entry.pk, CLERK)
    retry_entry(entry.pk, CLERK)

    assert AuditEvent.objects.count() == 1


def test_what_is_done_is_not_tried_again(woken: list[str]):
    with pytest.raises(EntryMoveNotAllowed):
        retry_entry(an_entry(EntryState.DONE).pk, CLERK)


def test_an_entry_that_is_not_there_cannot_be_tried_again():
    with pytest.raises(EntryUnknown):
        retry_entry(4711, CLERK)


def test_an_empty_inbox_is_ready():
    assert oldest_unread_seconds() == ("oldest_unread_seconds", True, 0.0)


def test_the_readiness_counts_from_the_moment_when_an_entry_was_due():
    now = timezone.now()
    an_entry(next_try_at=now - timedelta(seconds=100))
    an_entry(EntryState.WAITING, reference="later", next_try_at=now + timedelta(hours=1))
    an_entry(EntryState.DEAD, reference="dead", next_try_at=now - timedelta(days=1))
    name, fine, seconds = oldest_unread_seconds()

    assert (name, fine) == ("oldest_unread_seconds", True)
    assert 99 < seconds < 160


def test_the_readiness_fails_when_nobody_reads_the_inbox(settings: Any):
    settings.INBOX_UNREAD_LIMIT_SECONDS = 60
    an_entry(next_try_at=timezone.now() - timedelta(seconds=100))

    assert oldest_unread_seconds()[1] is False
