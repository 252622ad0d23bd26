"""The real process: one command, HTTP and SMTP, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from simulators.__main__ import parsed
from simulators.settings import from_environment

ROOT = Path(__file__).resolve().parents[2]
AUTH = ("demo-alle", "demo-alle-passwort")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[bytes], httpx.Client]]]:
    running: list[subprocess.Popen[bytes]] = []
    clients: list[httpx.Client] = []

    def launch() -> tuple[subprocess.Popen[bytes], httpx.Client]:
        port, smtp_port = free_ports(2)
        command = [sys.executable, "-m", "simulators", "--port", str(port), "--smtp-port", str(smtp_port)]
        process = subprocess.Popen([*command, "--state", str(tmp_path)], cwd=ROOT, stdout=subprocess.DEVNULL)
        running.append(process)
        transport = httpx.HTTPTransport(retries=20)  # waits longer and longer between tries, until it listens
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=20)
        clients.append(client)
        assert client.get("/gesund").text == "ok\n"
        return process, client

    yield launch
    for client in clients:
        client.close()
    for process in running:
        process.kill()
        process.wait()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_state_survives_a_kill_and_the_end_is_clean(
    start: Callable[[], tuple[subprocess.Popen[bytes], httpx.Client]],
) -> None:
    process, client = start()
    body = {"processData": {"referenceId": "REF1"}}
    assert client.post("/postident/api/scr/v1/DEMOALLE/cases", json=body, auth=AUTH).status_code == 201
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)

    process, client = start()
    assert client.post("/postident/api/scr/v1/DEMOALLE/cases", json=body, auth=AUTH).status_code == 409
    process.terminate()
    assert process.wait(timeout=15) == 0


def test_arguments_win_over_the_environment() -> None:
    values = os.environ | {"SIMULATOR_PORT": "1"} | parsed(["--port", "9", "--no-allow-http-webhooks"])
    settings = from_environment(values)

    assert settings.port == 9
    assert settings.allow_http_webhooks is False


def test_clients_come_from_a_file_or_from_text(tmp_path: Path) -> None:
    text = '{"KASSE": {"user": "u", "password": "p", "data_password": "d", "methods": ["eid"], "valid_days": 7}}'
    (tmp_path / "clients.json").write_text(text)

    for given in (text, str(tmp_path / "clients.json")):
        (client,) = from_environment({"SIMULATOR_CLIENTS": given}).clients.values()
        assert (client.client_id, client.methods, client.valid_days) == ("KASSE", ("eid",), 7)


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="SIMULATOR_PORT"):
        from_environment({"SIMULATOR_PORT": "acht"})
