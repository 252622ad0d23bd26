"""What may be done with the inbox from outside of the worker: say that there is news, and try an entry again."""

from __future__ import annotations

from functools import partial

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.actors import Actor
from core.errors import DomainError
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import EntryMoveNotAllowed, EntryState, Origin, check_entry_move
from identity.callbacks.storing import UPSERT
from identity.callbacks.wake import wake


class EntryUnknown(DomainError):
    code = "entry_unknown"
    http_status = 404


class ClosingReason(models.TextChoices):
    """Why a person has settled an entry that matches nothing. Codes: the audit trail holds no prose."""

    NOT_OURS = "not_ours", _("It belongs to nobody here; the provider knows about it")
    BY_HAND = "by_hand", _("It belongs to a person, and everything needed has been done by hand")
    TEST_CASE = "test_case", _("It was a test")


def note_hint(provider: str, contract: str, provider_case_id: str, reference: str, origin: Origin) -> None:
    """Store that there may be news about a case, in the caller's transaction if there is one; due at once.

    The same as a callback: said twice it is one row, and an entry that was done is worked again. A worker is woken on
    commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [provider, contract, provider_case_id, reference, origin.value])
    transaction.on_commit(partial(wake, contract))


@transaction.atomic
def retry_entry(entry_id: int, actor: Actor) -> InboxEntry:
    """Have an entry worked again at once: given up, waiting for its next try, or waiting for a person.

    Pressing twice changes nothing. Raises EntryUnknown, and EntryMoveNotAllowed for one that is done.
    """
    entry = _locked_entry(entry_id)
    source = EntryState(entry.state)
    if source == EntryState.RECEIVED:
        return entry
    if source == EntryState.DONE:
        raise EntryMoveNotAllowed("inbox entry is done")
    check_entry_move(source, EntryState.RECEIVED)
    problem, entry.state, entry.problem = entry.problem, EntryState.RECEIVED, ""
    entry.tries, entry.next_try_at = 0, timezone.now()
    entry.save(update_fields=["state", "problem", "tries", "next_try_at"])
    audit.record("identity.inbox.retried", entry, actor=actor, source=source, problem=problem)
    transaction.on_commit(partial(wake, entry.contract))
    return entry


@transaction.atomic
def close_entry(entry_id: int, reason: ClosingReason, actor: Actor) -> InboxEntry:
    """Mark an entry as settled by a person: only one that waits for a person, so that no unread news gets lost.

    Saying it twice changes nothing. A later hint opens it again. Raises EntryUnknown, EntryMoveNotAllowed.
    """
    entry = _locked_entry(entry_id)
    source = EntryState(entry.state)
    if source == EntryState.DONE:
        return entry
    if source != EntryState.FOR_PERSON:
        raise EntryMoveNotAllowed(f"inbox entry {source.value} is not for a person")
    check_entry_move(source, EntryState.DONE)
    problem, entry.state, entry.problem, entry.worked_hints = entry.problem, EntryState.DONE, "", entry.hints
    entry.save(update_fields=["state", "problem", "worked_hints"])
    audit.record("identity.inbox.closed", entry, actor=actor, reason=reason.value, problem=problem, hints=entry.hints)
    return entry


def _locked_entry(entry_id: int) -> InboxEntry:
    entry = InboxEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise EntryUnknown
    return entry
