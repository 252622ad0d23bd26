"""Waking a worker: many hints with one task, and nobody waits for the broker."""

import os
from threading import Event
from typing import Any

import pytest

from identity.callbacks import wake as module
from identity.callbacks.wake import Waker


class Broker:
    """Takes tasks when its gate is open; `sent` is released with each."""

    def __init__(self) -> None:
        self.tasks: list[str] = []
        self.options: dict[str, Any] = {}
        self.gate, self.arrived = Event(), Event()
        self.gate.set()
        self.failing = False

    def send(self, name: str, **options: Any) -> None:
        self.tasks.append(name)
        self.options = options
        self.arrived.set()
        assert self.gate.wait(5)
        if self.failing:
            raise ConnectionError("the broker is away")

    def next(self) -> None:
        """Wait for a task to arrive."""
        assert self.arrived.wait(5)
        self.arrived.clear()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr(module, "send_task", found.send)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.001)
    return found


def test_a_hint_wakes_a_worker(broker: Broker):
    Waker().wake("postident_eid")
    broker.next()

    assert broker.tasks == ["identity.work_inbox"]
    assert broker.options == {"expires": 5, "ignore_result": True}


def test_a_hundred_hints_in_a_moment_need_one_more_task(broker: Broker):
    waker = Waker()
    broker.gate.clear()
    waker.wake()
    broker.next()
    for _ in range(100):
        waker.wake()
    broker.gate.set()
    broker.next()

    assert len(broker.tasks) == 2
    assert not waker._called.is_set()


def test_a_broker_that_is_away_is_complained_of_once_and_asked_again(broker: Broker, caplog: pytest.LogCaptureFixture):
    waker = Waker()
    broker.failing = True
    for _ in range(3):
        waker.wake()
        broker.next()
    broker.failing = False
    waker.wake()
    broker.next()

    assert len(broker.tasks) == 4
    assert caplog.text.count("wake_up_lost") == 1


def test_a_broker_that_hangs_holds_nobody_up(broker: Broker):
    waker = Waker()
    broker.gate.clear()
    waker.wake()
    broker.next()
    waker.wake()  # comes back though the first is still on its way

    assert len(broker.tasks) == 1
    broker.gate.set()
    broker.next()


def test_hints_are_counted_in_the_log_not_listed(broker: Broker, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO")
    waker = Waker()
    broker.gate.clear()
    waker.wake("postident_branch")
    broker.next()
    for contract in ("postident_eid", "postident_eid", "postident_branch"):
        waker.wake(contract)
    broker.gate.set()
    broker.next()

    told: list[Any] = [record.msg for record in caplog.records]
    counted = [(line["contract"], line["count"]) for line in told if line["event"] == "hints_stored"]
    assert counted == [("postident_branch", 1), ("postident_eid", 2), ("postident_branch", 1)]


def test_a_forked_process_starts_a_thread_of_its_own(broker: Broker):
    waker = Waker()
    waker.wake()
    broker.next()
    child = os.fork()
    if child == 0:  # pragma: no cover  (another process)
        os._exit(0 if waker._thread is None else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_thread_that_cannot_start_is_no_failure(monkeypatch: pytest.MonkeyPatch):
    def refuse(self: Any) -> None:
        raise RuntimeError("can't start new thread at interpreter shutdown")

    monkeypatch.setattr("threading.Thread.start", refuse)

    Waker().wake()
