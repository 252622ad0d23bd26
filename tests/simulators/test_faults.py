"""Faults of the API and of the result, switched on for one case or for all."""

import base64
import json

import pytest
from joserfc.errors import JoseError

from tests.simulators.conftest import Postident, opened


class TestAnswers:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("http_401", 401),
            ("http_429", 429),
            ("http_500", 500),
            ("http_503", 503),
            ("html_error", 502),
            ("empty_error", 500),
            ("redirect", 302),
            ("html_success", 200),
        ],
    )
    def test_on_both_calls(self, postident: Postident, name: str, status: int) -> None:
        case_id = postident.case()
        postident.fault(name)

        assert postident.order().status_code == status
        assert postident.fetch(case_id).status_code == status

    def test_409_on_create_only(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.fault("http_409")

        assert postident.order("NEU").status_code == 409
        assert postident.fetch(case_id).status_code == 200

    @pytest.mark.parametrize("name", ["http_429", "http_503"])
    def test_retry_after(self, postident: Postident, name: str) -> None:
        postident.fault(name, retry_after=7)
        assert postident.order().headers["Retry-After"] == "7"
        postident.fault(name, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
        assert postident.order().headers["Retry-After"].endswith("GMT")
        postident.fault(name, retry_after=None)
        assert "Retry-After" not in postident.order().headers

    def test_html_bodies(self, postident: Postident) -> None:
        postident.fault("html_error", status=503)
        response = postident.order()

        assert (response.status_code, response.mimetype) == (503, "text/html")
        assert response.text.startswith("<!doctype html>")

    def test_redirect(self, postident: Postident) -> None:
        postident.fault("redirect", location="http://127.0.0.1:9/weg", status=307)

        assert postident.order().headers["Location"] == "http://127.0.0.1:9/weg"

    def test_oversized(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.fault("oversized", case_id, megabytes=3)

        assert len(postident.fetch(case_id).data) == 3_000_000

    def test_a_time_out_holds_the_answer_back_after_the_work(
        self, postident: Postident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited: list[float] = []
        monkeypatch.setattr("simulators.postident.api.time.sleep", waited.append)
        postident.fault("time_out", seconds=45)

        case_id = postident.case("REF1")
        postident.fetch(case_id)

        assert waited == [45, 45]

    def test_an_orphan_is_created_and_the_answer_lost(self, postident: Postident) -> None:
        postident.fault("created_but_lost", times=1)

        assert postident.order("REF1").status_code == 502
        assert postident.control("GET", "/cases?reference_id=REF1")["count"] == 1
        assert postident.order("REF1").status_code == 409

    def test_times_end_a_fault(self, postident: Postident) -> None:
        postident.fault("http_503", times=2)

        assert [postident.order().status_code for _ in range(3)] == [503, 503, 201]
        assert postident.control("GET", "/faults") == {"faults": {}}

    def test_only_one_of_the_calls(self, postident: Postident) -> None:
        postident.fault("http_503", on=["result"])

        assert postident.fetch(postident.case()).status_code == 503

    def test_a_probability_of_nothing_spares_everybody(self, postident: Postident) -> None:
        postident.fault("http_503", probability=0)

        assert postident.order().status_code == 201

    def test_a_fault_of_one_case_spares_the_others(self, postident: Postident) -> None:
        sick, well = postident.case("A"), postident.case("B")
        postident.fault("http_503", sick)

        assert postident.fetch(sick).status_code == 503
        assert postident.fetch(well).status_code == 200


class TestEncryption:
    def test_damaged(self, postident: Postident) -> None:
        postident.fault("jwe_damaged")
        token = postident.fetch(postident.case()).text

        assert token.count(".") == 4
        with pytest.raises((JoseError, ValueError)):
            opened(token)

    def test_wrong_key(self, postident: Postident) -> None:
        postident.fault("jwe_wrong_key")

        with pytest.raises((JoseError, ValueError)):
            opened(postident.fetch(postident.case()).text)

    @pytest.mark.parametrize(("name", "header"), [("jwe_other_alg", "alg"), ("jwe_other_enc", "enc")])
    def test_other_algorithms(self, postident: Postident, name: str, header: str) -> None:
        case_id = postident.case()
        usual = postident.fetch(case_id).text.split(".")[0]
        postident.fault(name)
        token = postident.fetch(case_id).text
        changed = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))

        assert changed[header] != json.loads(base64.urlsafe_b64decode(usual + "=="))[header]
        with pytest.raises((JoseError, ValueError)):
            opened(token)

    def test_plain_json(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.fault("plain_json")
        response = postident.fetch(case_id)

        assert response.mimetype == "application/json"
        assert response.json["caseId"] == case_id
