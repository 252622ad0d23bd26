"""The stack that the fault tests break: what it promises about accidents."""

from __future__ import annotations

import uuid

import pytest
import redis
from django.db import connection

from core import outbox
from core.models import OutgoingMessage
from core.wake import wake
from tests.faults.conftest import StackMaker
from tests.stack import FAST_BEAT, Stack, until
from tests.stack.families import family_of
from tests.stack.waiting import TookTooLong

CONTEXT = {"case_id": str(uuid.UUID(int=1)), "purpose": "epa"}
NO_DELIVERY_BY_BEAT = FAST_BEAT | {"deliver messages": None}


def test_killed_parts_come_back_and_what_was_confirmed_is_there(a_stack: StackMaker):
    stack = a_stack(web=1, workers=1, beat=NO_DELIVERY_BY_BEAT)
    _mails_are_delivered_again_after_valkey_was_killed(stack)
    _a_killed_worker_and_its_children_are_gone_and_come_back(stack)
    _what_postgres_confirmed_survives_its_death(stack)
    _valkey_forgets_only_when_told_to(stack)


def _mails_are_delivered_again_after_valkey_was_killed(stack: Stack) -> None:
    """By the same worker: it must find the broker again by itself."""
    starts = stack.workers[0].starts
    stack.kill_valkey(stay_down=True)
    outbox.enqueue("t.first", "identity/cancelled", to="erika@example.org", context=CONTEXT)
    stack.restart_valkey()
    until(lambda: wake("core.deliver_messages"), within=10, what="a wake-up", every=0.5)
    until(lambda: OutgoingMessage.objects.filter(state="sent").count() == 1, within=30, what="a mail", every=0.2)
    assert stack.outside.mails(to="erika@example.org")
    assert stack.workers[0].starts == starts


def _a_killed_worker_and_its_children_are_gone_and_come_back(stack: Stack) -> None:
    worker = stack.workers[0]
    assert worker.process is not None
    before = set(family_of(worker.process.pid))
    stack.kill_worker()
    stack.wait_for_workers()
    assert len(before) == 3
    assert not before & set(family_of(worker.process.pid))


def _what_postgres_confirmed_survives_its_death(stack: Stack) -> None:
    outbox.enqueue("t.second", "identity/cancelled", to="erika@example.org", context=CONTEXT)
    stack.kill_postgres()
    stack.restart_postgres()
    connection.close()
    assert OutgoingMessage.objects.filter(key="t.second").exists()


def _valkey_forgets_only_when_told_to(stack: Stack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        client.set("kept", "1")
    for empty, expected in ((False, b"1"), (True, None)):
        stack.kill_valkey(empty=empty)
        stack.restart_valkey()
        with redis.Redis.from_url(stack.redis_url) as client:
            assert client.get("kept") == expected


def test_waiting_ends():
    with pytest.raises(TookTooLong, match="what never comes: not within 0 s"):
        until(lambda: False, within=0, what="what never comes")
