"""The record system."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulators.records import is_kvnr
from tests.simulators.conftest import TOKEN, USER_AGENT, told

KVNR = "A123456780"
STATUS = "/aktensystem/information/api/v1/ehr"
EMAIL = "/aktensystem/epa/basic/api/v1/emailaddress"


def call(http: FlaskClient, path: str, kvnr: str = KVNR, verb: str = "GET", **options: Any) -> TestResponse:
    return http.open(path, method=verb, headers={"x-insurantid": kvnr, **USER_AGENT}, **options)


def control(http: FlaskClient, path: str, body: Any, verb: str = "PUT") -> Any:
    response = http.open(f"/aktensystem/control{path}", method=verb, json=body, headers=TOKEN)
    assert response.status_code == 200, response.text
    return response.json


def test_a_record_nobody_spoke_of_is_active(http: FlaskClient) -> None:
    response = call(http, STATUS)

    assert (response.status_code, response.data) == (204, b"")


@pytest.mark.parametrize(
    ("state", "status"),
    [("UNKNOWN", 404), ("INITIALIZED", 404), ("ACTIVATED", 204), ("SUSPENDED", 409), ("INACCESSIBLE", 409)],
)
def test_each_state_has_its_answer(http: FlaskClient, state: str, status: int) -> None:
    control(http, "/records", {"kvnr": KVNR, "state": state})

    assert call(http, STATUS).status_code == status
    assert call(http, STATUS, "P179293933").status_code == 204


def test_the_default_state_can_be_chosen(http: FlaskClient) -> None:
    call(http, STATUS)
    control(http, "/default-state", {"state": "UNKNOWN"})

    assert call(http, STATUS).status_code == 404


@pytest.mark.parametrize("kvnr", ["", "A123456789", "a123456780", "A12345678٠", "A123456780\tx"])
def test_a_malformed_number_is_a_bad_request(http: FlaskClient, kvnr: str) -> None:
    assert not is_kvnr(kvnr)
    assert call(http, STATUS, kvnr.encode("ascii", "replace").decode()).status_code == 400


@pytest.mark.parametrize("kvnr", ["A123456780", "P179293933", "X110411675", "X000000012"])
def test_public_test_numbers_are_taken(http: FlaskClient, kvnr: str) -> None:
    assert call(http, STATUS, kvnr).status_code == 204


def test_a_user_agent_is_needed(http: FlaskClient) -> None:
    assert http.get(STATUS, headers={"x-insurantid": KVNR}).status_code == 400
    assert http.get(STATUS, headers={"x-insurantid": KVNR, "x-useragent": "zu lang für den Zweck"}).status_code == 400


def test_the_first_address_is_told_to_itself_and_a_change_to_both(http: FlaskClient) -> None:
    assert call(http, EMAIL).status_code == 404
    first = call(http, EMAIL, verb="PUT", json={"email": "alt@example.org"})
    assert first.status_code == 200
    assert set(told(first)) == {"email", "actor", "createdAt"}
    call(http, EMAIL, verb="PUT", json={"email": "alt@example.org"})
    call(http, EMAIL, verb="PUT", json={"email": "neu@example.org"})

    assert told(call(http, EMAIL))["email"] == "neu@example.org"
    assert told(http.get("/postfach/api/mails?to=alt@example.org"))["count"] == 2
    assert told(http.get("/postfach/api/mails?to=neu@example.org"))["count"] == 1
    assert control(http, "/records/find", {"kvnr": KVNR}, "POST")["email_set_count"] == 2


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": "kein at"}, []])
def test_a_malformed_address_is_a_bad_request(http: FlaskClient, body: Any) -> None:
    assert call(http, EMAIL, verb="PUT", json=body).status_code == 400


def test_an_address_needs_a_number(http: FlaskClient) -> None:
    response = call(http, EMAIL, "nix", "PUT", json={"email": "a@example.org"})

    assert (response.status_code, response.json) == (403, {"errorCode": "invalidParam"})


@pytest.mark.parametrize(
    ("fault", "status"),
    [("http_404", 404), ("http_409", 409), ("http_500", 500), ("http_403", 403), ("down", 503), ("html_error", 502)],
)
def test_faults_for_one_number_and_for_all(http: FlaskClient, fault: str, status: int) -> None:
    control(http, "/records", {"kvnr": KVNR, "faults": {fault: {}}})
    assert call(http, STATUS).status_code == status
    assert call(http, EMAIL, verb="PUT", json={"email": "a@example.org"}).status_code == status
    assert call(http, STATUS, "P179293933").status_code == 204

    control(http, "/faults", {"faults": {fault: {"on": ["status"]}}})
    assert call(http, STATUS, "P179293933").status_code == status
    assert call(http, EMAIL, "P179293933", "PUT", json={"email": "a@example.org"}).status_code == 200


def test_a_malformed_answer(http: FlaskClient) -> None:
    control(http, "/faults", {"faults": {"malformed": {"times": 1}}})

    assert call(http, EMAIL).data == b'{"email": '
    assert call(http, EMAIL).status_code == 404


def test_a_slow_answer(http: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("simulators.record_system.time.sleep", waited.append)
    control(http, "/faults", {"faults": {"slow": {"seconds": 12}}})

    assert call(http, STATUS).status_code == 204
    assert waited == [12]


def test_control_needs_the_token_and_never_repeats_a_wrong_number(http: FlaskClient) -> None:
    assert http.put("/aktensystem/control/records", json={"kvnr": KVNR}).status_code == 401
    response = http.put("/aktensystem/control/records", json={"kvnr": "A123456789"}, headers=TOKEN)
    assert response.status_code == 400
    assert "A123456789" not in response.text


def test_the_page_changes_state_and_faults(http: FlaskClient) -> None:
    new = {"action": "record", "kvnr": KVNR, "state": "SUSPENDED", "fault": "http_500"}
    assert http.post("/aktensystem/", data=new).status_code == 303
    found = control(http, "/records/find", {"kvnr": KVNR}, "POST")
    assert (found["state"], list(found["faults"])) == ("SUSPENDED", ["http_500"])

    assert KVNR in http.get("/aktensystem/").text
    http.post("/aktensystem/", data={"action": "faults", "fault": ["down"]})
    http.post("/aktensystem/", data={"action": "default", "state": "UNKNOWN"})
    assert call(http, STATUS, "P179293933").status_code == 503
    assert http.post("/aktensystem/", data={**new, "kvnr": "nix"}).status_code == 400


def test_a_reset_forgets_everything(http: FlaskClient) -> None:
    control(http, "/records", {"kvnr": KVNR, "state": "UNKNOWN", "email": "a@example.org", "faults": {"down": {}}})
    control(http, "/reset", {}, "POST")

    assert call(http, STATUS).status_code == 204
    assert call(http, EMAIL).status_code == 404
