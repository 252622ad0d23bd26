"""Reading the result of a case."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from simulators.app import create_app
from simulators.settings import Settings
from simulators.world import EXTENSION
from tests.simulators.conftest import KEY, Postident, key_headers, opened


def only_identification(payload: Any) -> Any:
    (identification,) = payload["identifications"]
    return identification


def test_a_new_case_has_no_identifications(postident: Postident) -> None:
    payload = postident.result(postident.case("REF1"))

    assert payload["caseStatus"]["status"] == "new"
    assert payload["identifications"] is None
    assert payload["orderData"]["processData"]["referenceId"] == "REF1"
    assert payload["orderData"]["customData"] == {"custom1": "vorweis"}


def test_a_success_at_the_post_office_confirms_what_was_given(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id)

    payload = postident.result(case_id)
    identification = only_identification(payload)
    document = identification["identificationDocument"]

    assert payload["caseStatus"]["status"] == "closed"
    assert identification["identificationMethod"] == "basic"
    assert identification["identificationStatus"]["status"] == "success"
    assert document["lastName"] == {"status": "match", "value": "Weiß"}
    assert document["birthPlace"] == {"status": "new", "value": "Berlin"}
    assert document["birthName"] is None
    assert document["type"]["value"] == "1"
    assert document["address"]["city"] == {"status": "match", "value": "Kiel"}
    assert payload["contactData"]["email"] == {"status": "unchecked", "value": "joerg@example.org"}


def test_a_changed_value_stands_beside_the_given_one(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, document={"last_name": "Schwarz"})

    payload = postident.result(case_id)

    assert only_identification(payload)["identificationDocument"]["lastName"] == {
        "status": "change",
        "value": "Schwarz",
    }
    assert payload["orderData"]["contactDataProvided"]["lastName"] == "Weiß"


def test_a_passport_carries_no_address(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, document={"type": "2"})

    assert only_identification(postident.result(case_id))["identificationDocument"]["address"] == {}


def test_eid_gives_no_document_number_but_a_lasting_pseudonym(postident: Postident) -> None:
    payloads = []
    for reference in ("A", "B"):
        case_id = postident.case(reference)
        postident.finish(case_id, "eid")
        payloads.append(only_identification(postident.result(case_id)))

    assert "number" not in payloads[0]["identificationDocument"]
    assert payloads[0]["records"] is None
    assert payloads[0]["additionalDataEid"] == payloads[1]["additionalDataEid"]
    assert len(payloads[0]["additionalDataEid"]["pseudonym"]) == 64


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("pin_blocked", "declined"),
        ("eid_disabled", "declined"),
        ("card_expired", "declined"),
        ("not_supported", "declined"),
        ("cancelled", "incomplete"),
        ("connection_lost", "incomplete"),
    ],
)
def test_a_failed_eid_attempt_leaves_the_case_open(postident: Postident, failure: str, status: str) -> None:
    case_id = postident.case()
    postident.finish(case_id, "eid", failure)

    payload = postident.result(case_id)

    assert payload["caseStatus"]["status"] == "in progress"
    assert only_identification(payload)["identificationStatus"]["status"] == status
    assert only_identification(payload)["identificationStatus"]["subStatus"]["code"] == failure.upper()


def test_a_failed_eid_and_a_visit_are_two_identifications_of_one_case(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, "eid", "pin_blocked")
    postident.finish(case_id, "basic")

    payload = postident.result(case_id)

    assert [each["identificationMethod"] for each in payload["identifications"]] == ["eid", "basic"]
    assert payload["caseStatus"]["status"] == "closed"


def test_closed_does_not_mean_success(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, "basic", "declined_fraud")

    payload = postident.result(case_id)
    status = only_identification(payload)["identificationStatus"]

    assert payload["caseStatus"]["status"] == "closed"
    assert (status["status"], status["subStatusReason"]) == ("declined", "suspected fraud")


def test_what_was_not_verified_is_unchecked(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, "basic", "review_pending")

    identification = only_identification(postident.result(case_id))

    assert identification["identificationStatus"]["status"] == "review pending"
    assert identification["identificationDocument"]["lastName"]["status"] == "unchecked"


def test_a_review_ends_in_the_same_identification(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, "basic", "review_pending")
    postident.finish(case_id, "basic", "success")

    assert only_identification(postident.result(case_id))["identificationStatus"]["status"] == "success"


def test_any_method_and_status_can_be_told(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id, "hologramm", "irgendwie", identification_time=None)

    identification = only_identification(postident.result(case_id))

    assert identification["identificationMethod"] == "hologramm"
    assert identification["identificationStatus"]["status"] == "irgendwie"
    assert identification["identificationStatus"]["identificationTime"] is None


def test_binary_data_comes_only_when_asked_for(postident: Postident) -> None:
    case_id = postident.case()
    postident.finish(case_id)

    without = only_identification(postident.result(case_id))["records"][0]
    with_data = only_identification(postident.result(case_id, binary="true"))["records"][0]

    assert without["documentData"] is None
    assert base64.b64decode(with_data["documentData"]).startswith(b"%PDF")


@pytest.mark.parametrize("enc", ["A256GCM", "A128GCM", "A256CBC-HS512", "A128CBC-HS256"])
def test_the_encryption_can_be_chosen(settings: Settings, tmp_path: Path, enc: str) -> None:
    app = create_app(replace(settings, jwe_enc=enc, state=tmp_path / enc))
    client = Postident(app.test_client(), settings.clients["DEMOALLE"])

    assert client.result(client.case())["caseStatus"]["status"] == "new"
    app.extensions[EXTENSION].close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-scr-alg": "RSA-OAEP"}, 400),
        ({"x-scr-key": "kein base64"}, 400),
        ({"x-scr-key": base64.b64encode(b"kein Schl\xc3\xbcssel").decode()}, 400),
        ({"x-scr-keyhash": base64.b64encode(b"x" * 32).decode()}, 401),
        ({"Authorization": "Basic xxxx"}, 401),
    ],
)
def test_a_key_that_proves_nothing_gets_no_result(postident: Postident, headers: dict[str, str], status: int) -> None:
    case_id = postident.case()
    path = f"{postident.base}/{case_id}/full"
    whole = key_headers(KEY, postident.client.data_password) | headers
    auth = None if "Authorization" in headers else postident.auth

    assert postident.http.get(path, headers=whole, auth=auth).status_code == status


def test_each_call_may_bring_a_new_key(postident: Postident) -> None:
    case_id, fresh = postident.case(), RSAKey.generate_key(3072, auto_kid=False)

    assert opened(postident.fetch(case_id, key=fresh).text, fresh)["caseId"] == case_id


def test_a_foreign_case_is_unknown(postident: Postident, http: FlaskClient, settings: Settings) -> None:
    foreign = Postident(http, settings.clients["DEMOEID"]).case()

    assert postident.fetch(foreign).status_code == 404
    assert postident.fetch("AAAAAAAAAAAA").status_code == 404
