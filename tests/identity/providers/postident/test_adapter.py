"""The adapter in front of the simulator's process, and in front of servers that misbehave as it cannot."""

import base64
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Never, OutsideError, TryAgain
from identity.providers.ports import Progress
from identity.providers.postident.adapter import Postident
from identity.providers.postident.configuration import Configuration, Contract
from tests.identity.providers.postident.orders import an_order
from tests.simulator_process import Simulator

CASE = "M3FB00URX4A3"
BRANCH, EID = "postident_branch", "postident_eid"
CREATED = {
    "caseId": CASE,
    "validUntil": "2026-12-24T23:59:59+01:00",
    "webStart": {"caseURL": f"https://postident.example/user/start/?caseId={CASE}"},
    "iosStart": {"caseUrlScheme": f"postident://cases/{CASE}"},
}


def raised(call: Callable[[], object]) -> OutsideError:
    with pytest.raises(OutsideError) as info:
        call()
    return info.value


def test_a_started_case_can_be_gone_on_with(postident: Postident, simulator: Simulator):
    started = postident.start(an_order())

    assert started.continue_url == f"{simulator.url}/postident/user/start/?caseId={started.provider_case_id}"
    assert started.app_url == f"postident://cases/{started.provider_case_id}"
    assert timezone.now() + timedelta(days=13) < started.valid_until < timezone.now() + timedelta(days=15)


def test_the_provider_learns_where_to_call_back(postident: Postident, simulator: Simulator):
    order = an_order(method=EID)
    kept = simulator.control("GET", f"/cases/{postident.start(order).provider_case_id}")

    assert kept["client_id"] == "DEMOEID"
    assert kept["reference_id"] == order.reference
    assert kept["webhook_url"] == postident.webhook_url(EID)


def test_an_order_longer_than_their_limits_is_taken(postident: Postident, simulator: Simulator):
    started = postident.start(an_order(given_names="Anna-Katharina Eleonora Wilhelmine Charlotte"))

    assert postident.fetch(BRANCH, started.provider_case_id).remarks == {"shortened": "firstName"}


def test_a_new_case_has_no_identifications(postident: Postident):
    order = an_order()
    case = postident.fetch(BRANCH, postident.start(order).provider_case_id)

    assert case.reference == order.reference
    assert case.identifications == ()
    assert case.valid_until is not None
    assert dict(case.remarks) == {}


def test_a_success_at_the_post_office_is_read_whole(postident: Postident, simulator: Simulator):
    case_id = postident.start(an_order()).provider_case_id
    simulator.finish(case_id, document={"birth_date": "1980-04-05"})
    (found,) = postident.fetch(BRANCH, case_id).identifications

    assert (found.method, found.progress) == (BRANCH, Progress.SUCCESS)
    assert found.identified_at is not None
    assert found.document is not None
    assert (found.document.given_names, found.document.family_name) == ("Jörg-Uwe", "von Weiß")
    assert (found.document.birth_date, found.document.document_type) == ("1980-04-05", "id_card")
    assert found.document.address is not None
    assert found.document.address.house_number == "5a"
    assert found.document.unchecked == frozenset()


@pytest.mark.parametrize("outcome", ["pin_blocked", "eid_disabled", "card_expired", "not_supported"])
def test_an_eid_failure_has_its_reason(postident: Postident, simulator: Simulator, outcome: str):
    case_id = postident.start(an_order(method=EID)).provider_case_id
    simulator.finish(case_id, "eid", outcome)
    (found,) = postident.fetch(EID, case_id).identifications

    assert (found.progress, found.reason) == (Progress.DECLINED, outcome)
    assert not found.suspected_fraud


def test_a_decline_for_fraud_is_told_apart(postident: Postident, simulator: Simulator):
    case_id = postident.start(an_order()).provider_case_id
    simulator.finish(case_id, outcome="declined_fraud")
    (found,) = postident.fetch(BRANCH, case_id).identifications

    assert (found.progress, found.reason, found.suspected_fraud) == (Progress.DECLINED, "fraud", True)
    assert found.document is not None
    assert {"given_names", "family_name", "birth_date"} <= found.document.unchecked


def test_a_result_under_a_new_case_id_still_holds_our_reference(postident: Postident, simulator: Simulator):
    order = an_order()
    other = simulator.finish(postident.start(order).provider_case_id, under_new_case_id=True)
    case = postident.fetch(BRANCH, other)

    assert case.provider_case_id == other
    assert case.reference == order.reference
    assert [found.progress for found in case.identifications] == [Progress.SUCCESS]


@pytest.mark.parametrize(
    ("fault", "parameters", "remark"),
    [
        ("unknown_method", {"value": "QUANTUM"}, "unknown_method"),
        ("unknown_identification_status", {"value": "QUANTUM"}, "unknown_identification_status"),
        ("unknown_case_status", {"value": "QUANTUM"}, "unknown_case_status"),
        ("unknown_value_status", {"value": "QUANTUM"}, "unknown_value_status"),
        ("unknown_document_type", {"value": "99"}, "unknown_document_type"),
        ("extra_keys", {}, None),
        ("null_groups", {}, None),
        ("missing_groups", {}, None),
        ("null_identifications", {}, None),
    ],
)
def test_an_odd_payload_is_read_and_remarked(
    postident: Postident,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    parameters: dict[str, Any],
    remark: str | None,
):
    order = an_order()
    case_id = postident.start(order).provider_case_id
    simulator.finish(case_id)
    simulator.fault(fault, **parameters)
    case = postident.fetch(BRANCH, case_id)

    assert case.provider_case_id == case_id
    assert set(case.remarks) == ({remark} if remark else set())
    assert ("postident_result_odd" in caplog.text) == bool(remark)
    assert (remark or "") in caplog.text


def test_another_of_the_agreed_encryptions_is_read(configuration: Configuration):
    with closing(Simulator(SIMULATOR_JWE_ENC="A128CBC-HS256")) as own:
        postident = Postident(replace(configuration, base_url=f"{own.url}/postident/api"))
        case_id = postident.start(an_order()).provider_case_id

        assert postident.fetch(BRANCH, case_id).provider_case_id == case_id


RESULT_FAULTS = [
    ("http_401", {}, Never, "credentials"),
    ("http_404", {}, Never, "unknown_case"),
    ("deleted", {}, Never, "unknown_case"),
    ("jwe_damaged", {}, TryAgain, "unreadable_result"),
    ("jwe_wrong_key", {}, TryAgain, "unreadable_result"),
    ("jwe_other_alg", {}, Never, "other_encryption"),
    ("jwe_other_enc", {"enc": "A192GCM"}, Never, "other_encryption"),
    ("plain_json", {}, Never, "plain_result"),
    ("html_success", {}, TryAgain, "unreadable_result"),
    ("oversized", {"megabytes": 2}, Never, "too_large"),
    ("redirect", {}, Never, "http_302"),
    ("time_out", {"seconds": 3}, TryAgain, "timeout"),
    ("http_429", {"retry_after": 7}, TryAgain, "http_429"),
    ("http_500", {}, TryAgain, "http_500"),
    ("http_503", {"retry_after": None}, TryAgain, "http_503"),
    ("html_error", {"status": 502}, TryAgain, "http_502"),
    ("empty_error", {"status": 500}, TryAgain, "http_500"),
]


@pytest.mark.parametrize(("fault", "parameters", "kind", "code"), RESULT_FAULTS)
def test_each_failure_of_a_fetch_is_again_or_never(
    postident: Postident,
    simulator: Simulator,
    fault: str,
    parameters: dict[str, Any],
    kind: type[OutsideError],
    code: str,
):
    case_id = postident.start(an_order()).provider_case_id
    simulator.fault(fault, **parameters)
    postident._configuration = replace(postident._configuration, timeout_seconds=1)
    error = raised(lambda: postident.fetch(BRANCH, case_id))

    assert (type(error), error.code) == (kind, code)


START_FAULTS = [
    ("http_401", {}, Never, "credentials"),
    ("http_409", {}, Never, "reference_used"),
    ("redirect", {"status": 307}, Never, "http_307"),
    ("html_success", {}, TryAgain, "unreadable_answer"),
    ("created_but_lost", {}, TryAgain, "http_502"),
    ("http_503", {"retry_after": 5}, TryAgain, "http_503"),
    ("time_out", {"seconds": 3}, TryAgain, "timeout"),
]


@pytest.mark.parametrize(("fault", "parameters", "kind", "code"), START_FAULTS)
def test_each_failure_of_a_start_is_again_or_never(
    postident: Postident,
    simulator: Simulator,
    fault: str,
    parameters: dict[str, Any],
    kind: type[OutsideError],
    code: str,
):
    simulator.fault(fault, **parameters)
    postident._configuration = replace(postident._configuration, timeout_seconds=1)
    error = raised(lambda: postident.start(an_order()))

    assert (type(error), error.code) == (kind, code)


def test_a_pause_that_they_ask_for_is_handed_on(postident: Postident, simulator: Simulator):
    simulator.fault("http_503", retry_after=42)
    error = raised(lambda: postident.start(an_order()))

    assert isinstance(error, TryAgain)
    assert error.after_seconds == 42


def test_a_reference_can_be_used_only_once(postident: Postident):
    order = an_order()
    postident.start(order)

    assert raised(lambda: postident.start(order)).code == "reference_used"


def test_a_wrong_data_password_is_an_alarm(
    postident: Postident, configuration: Configuration, caplog: pytest.LogCaptureFixture
):
    case_id = postident.start(an_order()).provider_case_id
    wrong = replace(configuration.contracts[BRANCH], data_password="wrong")
    postident._configuration = replace(postident._configuration, contracts={BRANCH: wrong})

    assert raised(lambda: postident.fetch(BRANCH, case_id)).code == "credentials"
    assert "postident_credentials_refused" in caplog.text


def test_a_case_of_another_contract_is_unknown(postident: Postident):
    case_id = postident.start(an_order(method=EID)).provider_case_id

    assert raised(lambda: postident.fetch(BRANCH, case_id)).code == "unknown_case"


@pytest.mark.parametrize("case_id", ["", "../../user", "m3fb00urx4a3", "M3FB00URX4A3?x=1", "M3FB00URX4A3\n", "A" * 13])
def test_what_is_no_case_id_never_becomes_a_part_of_an_address(configuration: Configuration, case_id: str):
    nowhere = Postident(replace(configuration, base_url="http://127.0.0.1:9"))

    assert raised(lambda: nowhere.fetch(BRANCH, case_id)).code == "unknown_case"


def test_a_method_without_a_contract_is_not_offered(configuration: Configuration):
    only_eid = Postident(replace(configuration, contracts={EID: Contract("A", "b", "c", "d")}))

    assert only_eid.offers(EID)
    assert not only_eid.offers(BRANCH)
    assert raised(lambda: only_eid.start(an_order(method=BRANCH))).code == "not_configured"
    assert raised(lambda: only_eid.fetch(BRANCH, CASE)).code == "not_configured"


def test_nobody_there_is_a_reason_to_try_again(configuration: Configuration):
    nowhere = Postident(replace(configuration, base_url="http://127.0.0.1:9"))

    assert isinstance(raised(lambda: nowhere.start(an_order())), TryAgain)
    assert isinstance(raised(lambda: nowhere.fetch(BRANCH, CASE)), TryAgain)


def test_a_plain_result_is_taken_where_the_tests_want_it(postident: Postident, simulator: Simulator):
    case_id = postident.start(an_order()).provider_case_id
    simulator.fault("plain_json")
    postident._configuration = replace(postident._configuration, allow_plain_result=True)

    assert postident.fetch(BRANCH, case_id).provider_case_id == case_id


def test_the_status_alone_decides_whatever_the_body_says(rude: Callable[..., Postident]):
    body = json.dumps(CREATED).encode()

    assert raised(lambda: rude(400, body).start(an_order())).code == "bad_order"
    assert raised(lambda: rude(403, body).start(an_order())).code == "credentials"
    assert raised(lambda: rude(404, body).start(an_order())).code == "http_404"
    assert raised(lambda: rude(400, b"\xff\xfe").fetch(BRANCH, CASE)).code == "bad_question"
    assert raised(lambda: rude(418, b"<html>").fetch(BRANCH, CASE)).code == "http_418"


def test_a_create_call_may_answer_200_or_201(rude: Callable[..., Postident], configuration: Configuration):
    for status in (200, 201):
        assert rude(status, json.dumps(CREATED).encode()).start(an_order()).provider_case_id == CASE


@pytest.mark.parametrize(
    "broken",
    [
        {"caseId": None},
        {"caseId": "short"},
        {"caseId": ["M3FB00URX4A3"]},
        {"webStart": None},
        {"webStart": {}},
        {"webStart": "https://postident.example/"},
        {"webStart": {"caseURL": "javascript:alert(1)"}},
        {"webStart": {"caseURL": "//postident.example/"}},
        {"webStart": {"caseURL": "https://postident.example/\nSet-Cookie: x"}},
        {"webStart": {"caseURL": "https://user@postident.example/"}},
        {"webStart": {"caseURL": "https://postident.example/\\@other.example"}},
        {"webStart": {"caseURL": "https://[::1"}},
        {"webStart": {"caseURL": "https://postident.example/" + "x" * 2000}},
    ],
)
def test_an_answer_that_leads_nowhere_is_no_start(rude: Callable[..., Postident], broken: dict[str, Any]):
    error = raised(lambda: rude(201, json.dumps(CREATED | broken).encode()).start(an_order()))

    assert (type(error), error.code) == (TryAgain, "unreadable_answer")


def test_nobody_is_sent_to_an_address_without_tls_in_earnest(rude: Callable[..., Postident]):
    answer = json.dumps(CREATED | {"webStart": {"caseURL": "http://postident.example/"}}).encode()
    postident = rude(201, answer)
    assert postident.start(an_order()).continue_url == "http://postident.example/"

    postident._configuration = replace(postident._configuration, allow_http=False)
    assert raised(lambda: postident.start(an_order())).code == "unreadable_answer"


def test_a_missing_end_and_a_missing_app_do_not_hinder_a_start(rude: Callable[..., Postident]):
    answer = CREATED | {"validUntil": None, "iosStart": None, "androidStart": {"caseUrlScheme": "https://evil.example"}}
    started = rude(201, json.dumps(answer).encode()).start(an_order())

    assert started.app_url == ""
    assert timedelta(days=13) < started.valid_until - timezone.now() <= timedelta(days=14)


def test_a_question_carries_the_credentials_and_asks_for_no_pictures(
    monkeypatch: pytest.MonkeyPatch, configuration: Configuration
):
    asked: dict[str, Any] = {}

    def note(verb: str, url: str, **how: Any) -> Any:
        asked.update(verb=verb, url=url, **how)
        raise TryAgain("unreachable")

    monkeypatch.setattr("identity.providers.postident.adapter.call", note)
    raised(lambda: Postident(configuration).fetch(EID, CASE))

    assert asked["url"].endswith(f"/scr/v1/DEMOEID/cases/{CASE}/full?includeBinaryData=false")
    assert CASE not in asked["route"]
    assert asked["auth"] == (configuration.contracts[EID].user, configuration.contracts[EID].password)
    assert asked["headers"]["x-scr-alg"] == "RSA-OAEP-256"
    assert len(base64.b64decode(asked["headers"]["x-scr-key"])) > 400
    assert asked["max_bytes"] <= 1_000_000
