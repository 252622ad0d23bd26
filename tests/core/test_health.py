import threading
from time import perf_counter

import pytest

from core import health

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]
release = threading.Event()


def fine():
    return ("inbox", True, 3.0)


def late():
    return ("inbox", False, 4000.0)


def broken():
    raise RuntimeError("of anna@example.org")


def stuck():
    release.wait(20)
    return ("stuck", True, 0)


def test_a_process_that_answers_is_alive_whatever_else_is_down(client, settings, django_assert_num_queries):
    settings.READINESS_CHECKS = ["tests.core.test_health.broken"]
    with django_assert_num_queries(0):
        answer = client.get("/healthz/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["cache-control"]


def test_all_that_answers_makes_the_process_ready(client, settings):
    settings.READINESS_CHECKS = ["tests.core.test_health.fine"]
    answer = client.get("/healthz/ready")

    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert checks["inbox"] == {"ok": True, "number": 3.0}
    assert checks["database"]["ok"]
    assert checks["broker"]["ok"]


@pytest.mark.parametrize(("check", "name"), [("late", "inbox"), ("broken", "broken")])
def test_one_that_is_not_well_makes_it_not_ready_and_is_named(client, settings, check, name):
    settings.READINESS_CHECKS = [f"tests.core.test_health.{check}"]
    answer = client.get("/healthz/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["checks"][name]["ok"] is False
    assert "anna" not in answer.content.decode()


def test_one_that_hangs_is_not_waited_for(client, settings, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.2)
    settings.READINESS_CHECKS = ["tests.core.test_health.stuck"]
    begin = perf_counter()
    answer = client.get("/healthz/ready")
    release.set()

    assert answer.status_code == 503
    assert answer.json()["checks"]["stuck"]["ok"] is False
    assert perf_counter() - begin < 1


def test_a_broker_that_is_away_makes_it_not_ready(client, settings, monkeypatch):
    from celery import Celery

    monkeypatch.setattr(health, "current_app", Celery("nobody", broker="redis://127.0.0.1:1/0", set_as_current=False))
    settings.READINESS_CHECKS = []
    answer = client.get("/healthz/ready")

    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"]["ok"] is False
    assert answer.json()["checks"]["database"]["ok"] is True
