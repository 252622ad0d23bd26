"""What all tests share."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections


def pytest_collection_finish() -> None:
    """What has been loaded stays until the end: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run callables in threads that begin together; return their results, exceptions included, in order."""

    def run(*calls: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(calls))
        results: list[Any] = [None] * len(calls)

        def one(place: int, call: Callable[[], Any]) -> None:
            try:
                barrier.wait(10)
                results[place] = call()
            except Exception as error:
                results[place] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(place, call)) for place, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


@pytest.fixture
def meet_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make two threads wait for each other inside a function; a lock keeps the second one away from it."""

    def patch(owner: Any, name: str, seconds: float = 0.3) -> None:
        meeting, original = threading.Barrier(2), getattr(owner, name)

        def waiting(*args: Any, **kwargs: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                meeting.wait(timeout=seconds)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, waiting)

    return patch


@pytest.fixture(autouse=True)
def methods_after_flush(request: pytest.FixtureRequest) -> None:
    """Tests that commit end with a flush, which also takes what migrations have seeded: lay it anew."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        from identity.methods.models import Method, MethodAdmission, Suspension
        from identity.methods.seeds import seed_methods

        seed_methods(Method, MethodAdmission, Suspension)
