"""POSTIDENT as the adapter meets it: the simulator's process, and a server that answers whatever a test wants."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from identity.providers.postident.adapter import Postident
from identity.providers.postident.configuration import Configuration, configured
from tests.simulator_process import Simulator, a_simulator, simulator

__all__ = ["a_simulator", "simulator"]


@pytest.fixture
def configuration() -> Configuration:
    return configured()


@pytest.fixture
def postident(simulator: Simulator, configuration: Configuration) -> Postident:
    """The adapter, in front of the simulator."""
    return Postident(replace(configuration, base_url=f"{simulator.url}/postident/api", timeout_seconds=5))


@pytest.fixture
def rude(configuration: Configuration) -> Iterator[Callable[..., Postident]]:
    """Return a function that gives the adapter in front of a server with one answer: (status, body, headers)."""
    servers: list[tuple[ThreadingHTTPServer, Thread]] = []

    def answer(status: int, body: bytes = b"", **headers: str) -> Postident:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any, **__: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return Postident(replace(configuration, base_url=f"http://127.0.0.1:{server.server_port}", timeout_seconds=5))

    yield answer
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()
