from time import perf_counter

import pytest
import redis
from celery import Celery
from kombu.exceptions import OperationalError

import core.wake
from core.wake import wake


@pytest.fixture(autouse=True)
def rested(monkeypatch):
    monkeypatch.setattr(core.wake, "_rest_until", 0.0)


@pytest.fixture
def no_broker(monkeypatch, settings):
    """A Celery application whose broker is a closed port."""
    app = Celery("nobody", broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry = False
    monkeypatch.setattr(core.wake, "current_app", app)
    return app


def test_a_broker_that_is_away_costs_little_and_raises_nothing(no_broker):
    begin = perf_counter()

    assert wake("core.deliver_messages") is False
    assert perf_counter() - begin < 2


def test_after_a_failure_the_broker_is_left_alone_for_a_while(no_broker, monkeypatch):
    wake("core.deliver_messages")
    calls = []
    monkeypatch.setattr(no_broker, "send_task", lambda *args, **kwargs: calls.append(args))
    assert wake("core.deliver_messages") is False
    assert calls == []

    monkeypatch.setattr(core.wake, "_rest_until", 0.0)
    assert wake("core.deliver_messages") is True
    assert calls == [("core.deliver_messages",)]


@pytest.mark.parametrize(
    "failure", [OperationalError("x"), redis.ConnectionError("x"), redis.TimeoutError("x"), OSError()]
)
def test_whatever_way_the_broker_fails_nothing_is_raised(no_broker, monkeypatch, failure):
    def fail(*_args, **_kwargs):
        raise failure

    monkeypatch.setattr(no_broker, "send_task", fail)

    assert wake("core.deliver_messages") is False
