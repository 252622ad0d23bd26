"""What the tests of epa share: the record system as its simulator's process shows it, and the wake-ups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings

from core.http import _client
from epa.services import moving
from tests.simulator_process import Simulator, a_simulator, simulator

__all__ = ["a_simulator", "simulator"]


class Records:
    """The record system's memory, steered as by its operator."""

    def __init__(self, url: str) -> None:
        token = {"X-Simulator-Token": django_settings.SIMULATOR_TOKEN}
        self.url = f"{url}/aktensystem"
        self._http = httpx.Client(base_url=f"{self.url}/control", headers=token, timeout=10)

    def put(self, kvnr: str, **facts: Any) -> None:
        """Put a record into a state, give it an e-mail address, let something fail for it."""
        self._call("PUT", "/records", {"kvnr": kvnr, **facts})

    def find(self, kvnr: str) -> Any:
        return self._call("POST", "/records/find", {"kvnr": kvnr})

    def fault(self, name: str, /, **parameters: Any) -> None:
        """Switch one fault on for every record, and all others off."""
        self._call("PUT", "/faults", {"faults": {name: parameters}})

    def heal(self) -> None:
        self._call("DELETE", "/faults")

    def reset(self) -> None:
        self._call("POST", "/reset")

    def close(self) -> None:
        self._http.close()

    def _call(self, verb: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(verb, path, json=body)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def records(a_simulator: Simulator, settings: Any) -> Iterator[Records]:
    """The record system with a clean memory; the setting points to it."""
    settings.RECORD_SYSTEM = {"base_url": f"{a_simulator.url}/aktensystem", "timeout_seconds": 2}
    _client()  # made by one thread, before several want it
    found = Records(a_simulator.url)
    found.reset()
    yield found
    found.close()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The wake-ups that were sent, instead of a broker."""
    sent: list[tuple[str, ...]] = []
    monkeypatch.setattr(moving, "wake", lambda *task: sent.append(task))
    return sent
