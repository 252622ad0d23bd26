"""Ordering a case."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from simulators.app import create_app
from simulators.settings import Settings
from simulators.world import EXTENSION
from tests.simulators.conftest import PERSON, Postident


def test_an_order_gives_case_links_and_validity(postident: Postident) -> None:
    response = postident.order("REF1")

    assert response.status_code == 201
    case_id = response.json["caseId"]
    assert re.fullmatch(r"[A-Z0-9]{12}", case_id)
    assert response.json["webStart"]["caseURL"].endswith(f"/postident/user/start/?caseId={case_id}")
    assert response.json["iosStart"]["caseUrlScheme"] == f"postident://cases/{case_id}"
    assert set(response.json) == {"caseId", "validUntil", "webStart", "iosStart", "androidStart"}
    valid_until = datetime.fromisoformat(response.json["validUntil"])
    assert 13 <= (valid_until - datetime.now(valid_until.tzinfo)).days <= 14
    assert (valid_until.hour, valid_until.minute, valid_until.second) == (23, 59, 59)


def test_a_reference_is_used_once_per_client(postident: Postident, http: FlaskClient, settings: Settings) -> None:
    other = Postident(http, settings.clients["DEMOEID"])

    assert postident.order("REF1").status_code == 201
    assert postident.order("REF1").status_code == 409
    assert other.order("REF1").status_code == 201


def test_a_reference_stays_used_when_its_case_is_deleted(postident: Postident) -> None:
    postident.control("DELETE", f"/cases/{postident.case('REF1')}")

    assert postident.order("REF1").status_code == 409


def test_without_reference_the_case_id_is_the_reference(postident: Postident) -> None:
    case_id = postident.case(None)

    assert postident.control("GET", f"/cases/{case_id}")["reference_id"] == case_id


@pytest.mark.parametrize("auth", [None, ("demo-alle", "falsch"), ("demo-eid", "demo-eid-passwort")])
def test_other_credentials_are_refused(postident: Postident, auth: Any) -> None:
    assert postident.post_order(PERSON, auth=auth).status_code == 401


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("processData", {"referenceId": "x" * 15}),
        ("processData", {"webHookUrl": "ftp://example.org/"}),
        ("processData", {"webHookUrl": "https://example.org/" + "x" * 500}),
        ("processData", {"preferredLanguage": "FR_FR"}),
        ("processData", {"targetCountry": "DE"}),
        ("processData", {"allowedMethods": ["eid"]}),
        ("processData", {"callbackUrlSuccess": {"webUrl": "https://example.org/" + "x" * 200}}),
        ("contactDataProvided", {"firstName": "x" * 36, "lastName": "y"}),
        ("contactDataProvided", {"email": "kein at"}),
        ("contactDataProvided", {"address": {"streetAddress": "x" * 56}}),
        ("contactDataProvided", {"address": {"country": "DE"}}),
        ("identificationDocumentProvided", {"birthDate": "05.04.1980"}),
        ("identificationDocumentProvided", {"birthDate": "1980-02-30"}),
        ("identificationDocumentProvided", {"type": "13"}),
        ("identificationDocumentProvided", {"nationality": "de"}),
        ("customData", {"custom1": "x" * 101}),
        ("customData", {"custom6": "x"}),
        ("unknownGroup", {}),
    ],
)
def test_what_breaks_a_limit_is_a_bad_request(postident: Postident, group: str, values: Any) -> None:
    response = postident.post_order({group: values})

    assert response.status_code == 400
    assert response.json["errors"][0]["field"].startswith(group)


def test_null_groups_and_null_values_are_welcome(postident: Postident) -> None:
    body = {
        "processData": {"referenceId": None, "webHookUrl": None, "callbackUrlSuccess": None},
        "contactDataProvided": {"firstName": None, "address": None},
        "identificationDocumentProvided": None,
        "customData": None,
    }

    assert postident.post_order(body).status_code == 201


def test_half_a_name_is_dropped(postident: Postident) -> None:
    half = {"firstName": "Erika", "email": "e@example.org"}
    case_id = postident.post_order({"contactDataProvided": half}).json["caseId"]

    provided = postident.result(case_id)["orderData"]["contactDataProvided"]

    assert provided["firstName"] is None
    assert provided["email"] == "e@example.org"


@pytest.mark.parametrize("body", ["[]", "nix", "null", '{"processData": []}'])
def test_other_json_is_a_bad_request(postident: Postident, http: FlaskClient, body: str) -> None:
    response = http.post(postident.base, data=body, content_type="application/json", auth=postident.auth)

    assert response.status_code == 400


def test_other_content_is_refused(postident: Postident, http: FlaskClient) -> None:
    assert http.post(postident.base, data={"a": "b"}, auth=postident.auth).status_code == 415


def test_webhooks_without_tls_can_be_forbidden(settings: Settings, tmp_path: Path) -> None:
    strict = create_app(replace(settings, allow_http_webhooks=False, state=tmp_path / "strict"))
    client = Postident(strict.test_client(), settings.clients["DEMOALLE"])

    assert client.order("A", webHookUrl="http://example.org/").status_code == 400
    assert client.order("A", webHookUrl="https://example.org/").status_code == 201
    strict.extensions[EXTENSION].close()
