"""The simulators as their users see them: through HTTP, by a client that holds its own key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwe
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from simulators.app import create_app
from simulators.settings import Client, Settings
from simulators.world import EXTENSION, World

TOKEN = {"X-Simulator-Token": "simulator-demo-token"}
USER_AGENT = {"x-useragent": "VORWEIS/1.0"}
KEY = RSAKey.generate_key(2048, auto_kid=False)
PERSON: dict[str, Any] = {
    "contactDataProvided": {
        "firstName": "Jörg-Uwe",
        "lastName": "Weiß",
        "mobilePhone": None,
        "email": "joerg@example.org",
        "address": {
            "streetAddress": "Hauptstraße 5",
            "appendix": None,
            "postalCode": "24103",
            "city": "Kiel",
            "country": "DEU",
        },
    },
    "identificationDocumentProvided": {"birthDate": "1980-04-05"},
    "customData": {"custom1": "vorweis"},
}


class Postident:
    """A client of POSTIDENT that also holds the control token."""

    def __init__(self, http: FlaskClient, client: Client) -> None:
        self.http, self.client = http, client
        self.base = f"/postident/api/scr/v1/{client.client_id}/cases"
        self.auth = (client.user, client.password)

    def order(self, reference: str | None = None, **process: Any) -> Any:
        return self.post_order({"processData": {"referenceId": reference, **process}, **PERSON})

    def post_order(self, body: Any, **options: Any) -> Any:
        return self.http.post(self.base, json=body, auth=options.pop("auth", self.auth), **options)

    def case(self, reference: str | None = None, **process: Any) -> str:
        response = self.order(reference, **process)
        assert response.status_code == 201, response.text
        case_id: str = response.json["caseId"]
        return case_id

    def fetch(self, case_id: str, *, key: RSAKey = KEY, binary: str = "false", **headers: str) -> Any:
        return self.http.get(
            f"{self.base}/{case_id}/full?includeBinaryData={binary}",
            auth=self.auth,
            headers={**key_headers(key, self.client.data_password), **headers},
        )

    def result(self, case_id: str, **options: Any) -> Any:
        response = self.fetch(case_id, **options)
        assert response.status_code == 200, response.text
        return opened(response.text)

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        response = self.http.open(f"/postident/control{path}", method=verb, json=body, headers=TOKEN)
        assert response.status_code < 300, response.text
        return response.json

    def finish(self, case_id: str, method: str = "basic", outcome: str = "success", **more: Any) -> Any:
        return self.control("POST", f"/cases/{case_id}/finish", {"method": method, "outcome": outcome, **more})

    def fault(self, name: str, case_id: str = "", **parameters: Any) -> None:
        path = f"/cases/{case_id}/faults" if case_id else "/faults"
        self.control("PUT", path, {"faults": {name: parameters}})


def told(response: TestResponse) -> Any:
    """Return the JSON of an answer."""
    return response.json


def key_headers(key: RSAKey, data_password: str) -> dict[str, str]:
    der = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    proof = hmac.new(data_password.encode(), der, hashlib.sha256).digest()
    return {
        "x-scr-key": base64.b64encode(der).decode(),
        "x-scr-keyhash": base64.b64encode(proof).decode(),
        "x-scr-alg": "RSA-OAEP-256",
    }


def opened(token: str, key: RSAKey = KEY) -> Any:
    """Decrypt a result as an honest client would: only the one algorithm, only the four encryptions."""
    allowed = ["RSA-OAEP-256", "A256GCM", "A128GCM", "A256CBC-HS512", "A128CBC-HS256"]
    return json.loads(jwe.decrypt_compact(token, key, algorithms=allowed).plaintext or b"")


class Receiver:
    """A web server of the client's side that keeps what is posted to it. `answers` are used up one by one, then 204."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.answers: list[int] = []
        self.arrived = Condition()
        self.may_answer = Event()  # a test that clears it holds the answers back
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with receiver.arrived:
                    receiver.bodies.append(body)
                    status = receiver.answers.pop(0) if receiver.answers else 204
                    receiver.arrived.notify_all()
                receiver.may_answer.wait(10)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/rueckruf/geheim"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def wait_for(self, count: int, seconds: float = 10) -> list[str]:
        """Return the bodies once there are that many; fail if they do not come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.bodies) >= count, seconds), self.bodies
            return list(self.bodies)

    def case_ids(self, count: int) -> list[str]:
        return [json.loads(body)["caseId"] for body in self.wait_for(count)]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(state=tmp_path), webhook_backoff_seconds=0.02, webhook_threads=3)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    world: World = app.extensions[EXTENSION]
    world.courier.start()
    yield app
    world.close()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def postident(http: FlaskClient, settings: Settings) -> Postident:
    return Postident(http, settings.clients["DEMOALLE"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()
