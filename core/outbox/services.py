"""Enqueue, claim, send, write down."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.errors import Never, OutsideError
from core.outbox.mail import Mailbox
from core.outbox.models import OutgoingMessage
from core.outbox.states import MessageState, check_move
from core.requests import current_request_id
from core.wake import wake

log = structlog.get_logger(__name__)

TRIES = 10
FIRST_PAUSE_SECONDS = 30  # doubled each time: the tenth try comes about four hours after the first
BATCH = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What to send. `context` holds JSON values; `key` names the occasion, so that it is sent once."""

    key: str
    template: str
    to: str
    context: Mapping[str, Any] = field(default_factory=dict)
    language: str = "de"


def enqueue(key: str, template: str, *, to: str, context: Mapping[str, Any], language: str = "de") -> None:
    """Put one mail into the outbox. See `enqueue_many`."""
    enqueue_many([Message(key, template, to, context, language)])


def enqueue_many(messages: Sequence[Message]) -> None:
    """Put mails into the outbox, in the caller's transaction. A key that is there already changes nothing.

    `template` names templates/messages/<template>.subject.txt, .body.txt and .body.html, rendered when it is sent.
    """
    if not messages:
        return
    request_id = current_request_id()[:64]
    OutgoingMessage.objects.bulk_create(
        [
            OutgoingMessage(
                key=message.key,
                template=message.template,
                recipient=message.to,
                context=dict(message.context),
                language=message.language,
                request_id=request_id,
            )
            for message in messages
        ],
        ignore_conflicts=True,
    )
    if not any(entry[1] is _wake_worker for entry in connection.run_on_commit):  # once per transaction
        transaction.on_commit(_wake_worker)


def _wake_worker() -> None:
    wake("core.deliver_messages")


def deliver_due(limit: int = 200) -> int:
    """Send what is due, `limit` at most; return how many were sent. Safe to run many times at once.

    A crash between sending and writing it down sends the mail again; its Message-ID is the same, so that mail systems
    can drop the second.
    """
    sent = taken = 0
    with Mailbox() as mailbox:
        while taken < limit and (claimed := _claim(min(BATCH, limit - taken))):
            taken += len(claimed)
            sent += sum(_send(message, mailbox) for message in claimed)
    return sent


@transaction.atomic
def _claim(limit: int) -> list[OutgoingMessage]:
    """Take messages and count the try now, so that one that kills its worker ends as dead and not in a circle."""
    now = timezone.now()
    messages = list(OutgoingMessage.objects.due(now).select_for_update(skip_locked=True)[:limit])
    spent = [message.pk for message in messages if message.tries >= TRIES]
    if spent:
        OutgoingMessage.objects.filter(pk__in=spent).update(
            state=MessageState.DEAD, claimed_until=None, last_error="worker_died"
        )
    ours = [message for message in messages if message.tries < TRIES]
    lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    for message in ours:
        message.claimed_until, message.tries = now + lease, message.tries + 1
    OutgoingMessage.objects.bulk_update(ours, ["claimed_until", "tries"])
    return ours


def _send(message: OutgoingMessage, mailbox: Mailbox) -> bool:
    try:
        mailbox.send(message)
    except OutsideError as error:
        _write_down_failure(message, error)
        return False
    _write_down(message, state=MessageState.SENT, sent_at=timezone.now(), last_error="")
    log.info("message_sent", template=message.template, message=str(message.pk), tries=message.tries)
    return True


def _write_down_failure(message: OutgoingMessage, error: OutsideError) -> None:
    if isinstance(error, Never) or message.tries >= TRIES:
        _write_down(message, state=MessageState.DEAD, last_error=error.code)
        log.error("message_dead", template=message.template, message=str(message.pk), reason=error.code)
        return
    _write_down(message, next_try_at=timezone.now() + pause_after(message.tries), last_error=error.code)
    log.warning("message_waits", template=message.template, message=str(message.pk), reason=error.code)


def pause_after(tries: int) -> timedelta:
    """Return the wait after this many tries: doubling, and a quarter more or less, so that not all come at once."""
    return timedelta(seconds=FIRST_PAUSE_SECONDS * 2 ** (tries - 1) * random.uniform(0.75, 1.25))  # noqa: S311


def _write_down(message: OutgoingMessage, **changes: Any) -> None:
    """Write the end of a try, unless our lease ran out and somebody else has it by now."""
    ours = OutgoingMessage.objects.filter(
        pk=message.pk, state=MessageState.WAITING, claimed_until=message.claimed_until
    )
    ours.update(claimed_until=None, **changes)


@transaction.atomic
def retry_message(message_id: uuid.UUID) -> OutgoingMessage:
    """Let a dead message try again, with a fresh count. Raises MessageNotDead, OutgoingMessage.DoesNotExist."""
    message = OutgoingMessage.objects.select_for_update().get(pk=message_id)
    check_move(MessageState(message.state), MessageState.WAITING)
    message.state, message.tries, message.next_try_at = MessageState.WAITING, 0, timezone.now()
    message.save(update_fields=["state", "tries", "next_try_at"])
    transaction.on_commit(_wake_worker)
    return message
