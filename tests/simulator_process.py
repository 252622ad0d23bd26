"""The simulators as a process of their own, on free ports, and a handle to steer them.

A conftest takes the fixtures over by name: `from tests.simulator_process import a_simulator, simulator`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
STARTED_WITHIN_SECONDS = 30
WEBHOOKS_WITHIN_SECONDS = 20
METHODS = {"postident_branch": ["basic"], "postident_eid": ["eid"]}


class Simulator:
    """One running set of simulators; its clients are the ones that the setting POSTIDENT names."""

    def __init__(self, **environment: str) -> None:
        self.port, smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._state = tempfile.TemporaryDirectory(prefix="simulator-")
        words = ["--port", str(self.port), "--smtp-port", str(smtp_port), "--state", self._state.name]
        own = {"SIMULATOR_TOKEN": settings.SIMULATOR_TOKEN, "SIMULATOR_CLIENTS": json.dumps(clients())}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulators", *words],
            cwd=ROOT,
            env={**os.environ, "SIMULATOR_WEBHOOK_BACKOFF_SECONDS": "0.1", **own, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._http = httpx.Client(
            base_url=self.url, headers={"X-Simulator-Token": settings.SIMULATOR_TOKEN}, timeout=10
        )
        wait_for_answer(f"{self.url}/gesund", self._process)

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        """Call the control API of POSTIDENT and return its answer."""
        answer = self._http.request(verb, f"/postident/control{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def finish(self, case_id: str, method: str = "basic", outcome: str = "success", **more: Any) -> str:
        """End an attempt as the person or the clerk would; return the case id that holds the result."""
        finished = self.control("POST", f"/cases/{case_id}/finish", {"method": method, "outcome": outcome, **more})
        return str(finished["result_case_id"])

    def fault(self, name: str, /, **parameters: Any) -> None:
        """Switch one fault on for every case, and all others off."""
        self.control("PUT", "/faults", {"faults": {name: parameters}})

    def wait_for_webhooks(self) -> dict[str, int]:
        """Return the counts of the webhook log by status once none is on its way."""
        end, pause = time.monotonic() + WEBHOOKS_WITHIN_SECONDS, Event()
        while time.monotonic() < end:
            counts: dict[str, int] = self.control("GET", "/webhooks/summary")
            if not counts["waiting"] and not counts["held"]:
                return counts
            pause.wait(0.02)
        raise AssertionError(f"webhooks are still on their way after {WEBHOOKS_WITHIN_SECONDS} s")

    def reset(self) -> None:
        """Forget cases, webhooks and faults."""
        self.control("POST", "/reset")

    def close(self) -> None:
        self._http.close()
        self._process.terminate()
        self._process.wait(15)
        self._state.cleanup()


@pytest.fixture(scope="session")
def a_simulator() -> Iterator[Simulator]:
    """The process; it takes a second to start and is shared by the whole run."""
    running = Simulator()
    yield running
    running.close()


@pytest.fixture
def simulator(a_simulator: Simulator) -> Simulator:
    """The process with a clean memory."""
    a_simulator.reset()
    return a_simulator


def clients() -> dict[str, Any]:
    """Return SIMULATOR_CLIENTS for the contracts of the setting POSTIDENT."""
    contracts: Any = settings.POSTIDENT["clients"]
    return {
        client["client_id"]: {
            "user": client["user"],
            "password": client["password"],
            "data_password": client["data_password"],
            "methods": METHODS[method],
        }
        for method, client in contracts.items()
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_answer(url: str, process: subprocess.Popen[Any]) -> None:
    """Return when the server answers, whatever it says; fail when its process ends or takes too long."""
    end, pause = time.monotonic() + STARTED_WITHIN_SECONDS, Event()
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended at once ({process.returncode})"
        try:
            httpx.get(url, timeout=5, trust_env=False)
        except httpx.TransportError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError(f"no answer within {STARTED_WITHIN_SECONDS} s")
