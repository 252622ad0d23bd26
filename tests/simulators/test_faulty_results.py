"""Faults of the result and of a case's life, and what the control API refuses."""

import json
from typing import Any

import pytest

from simulators.postident.faults import CATALOGUE, OPTIONAL_GROUPS
from simulators.postident.people import DIFFERENCES
from tests.simulators.conftest import Postident, told


def finished(postident: Postident, **document: Any) -> str:
    case_id = postident.case()
    postident.finish(case_id, document=document)
    return case_id


def document_of(payload: Any) -> Any:
    return payload["identifications"][-1]["identificationDocument"]


class TestResults:
    @pytest.mark.parametrize(
        ("difference", "field", "value"),
        [
            ("capitals", "lastName", "WEISS"),
            ("all_given_names", "firstName", "Jörg-Uwe Maria Alexandra"),
            ("umlaut_transcribed", "firstName", "Joerg-Uwe"),
            ("sharp_s_as_ss", "lastName", "Weiss"),
            ("hyphen_as_blank", "firstName", "Jörg Uwe"),
            ("changed_last_name", "lastName", "Neumann"),
            ("other_birth_date", "birthDate", "1980-04-06"),
            ("swapped_names", "firstName", "Weiß"),
            ("title_added", "lastName", "Dr. Weiß"),
            ("birth_year_only", "birthDate", "1980-00-00"),
            ("birth_name_as_last_name", "birthName", "Weiß"),
        ],
    )
    def test_changed_names(self, postident: Postident, difference: str, field: str, value: str) -> None:
        postident.fault("changed_names", difference=difference)

        assert document_of(postident.result(finished(postident)))[field]["value"] == value

    @pytest.mark.parametrize("difference", DIFFERENCES)
    def test_each_difference_can_be_told_with_the_finish(self, postident: Postident, difference: str) -> None:
        names = {"first_name": "Anna Lena", "last_name": "Groß-Müller" * 4}
        case_id = finished(postident, difference=difference, **names)

        document = document_of(postident.result(case_id))
        told = {"firstName": document["firstName"]["value"], "lastName": document["lastName"]["value"]}
        is_birth_date = difference in {"other_birth_date", "birth_year_only"}
        assert (told == {"firstName": "Anna Lena", "lastName": "Groß-Müller" * 4}) is is_birth_date
        assert difference != "cut_35" or len(told["lastName"]) == 35

    def test_several_differences_add_up(self, postident: Postident) -> None:
        case_id = finished(postident, difference=["umlaut_transcribed", "capitals"])

        assert document_of(postident.result(case_id))["firstName"]["value"] == "JOERG-UWE"

    def test_umlauts_can_also_appear(self, postident: Postident) -> None:
        case_id = finished(postident, difference="umlaut_transcribed", last_name="Mueller")

        assert document_of(postident.result(case_id))["lastName"]["value"] == "Müller"

    def test_a_result_under_a_new_case_id_keeps_only_reference_and_custom_data(self, postident: Postident) -> None:
        postident.fault("new_case_id", times=1)
        first = postident.case("REF1")

        answer = postident.finish(first)
        payload = postident.result(answer["result_case_id"])

        assert answer["result_case_id"] != first
        assert postident.result(first)["caseStatus"]["status"] == "new"
        assert payload["orderData"]["processData"] == {"referenceId": "REF1"}
        assert payload["orderData"]["customData"] == {"custom1": "vorweis"}
        assert payload["contactData"] is None
        assert document_of(payload)["lastName"]["status"] == "new"

    @pytest.mark.parametrize(
        ("outcome", "status"), [("declined", "declined"), ("declined_fraud", "declined"), ("incomplete", "incomplete")]
    )
    def test_forced_outcome(self, postident: Postident, outcome: str, status: str) -> None:
        postident.fault("forced_outcome", outcome=outcome)

        identification = postident.result(finished(postident))["identifications"][0]
        assert identification["identificationStatus"]["status"] == status

    def test_forced_eid_failure(self, postident: Postident) -> None:
        postident.fault("eid_outcome", failure="card_expired")
        case_id = postident.case()
        postident.finish(case_id, "eid", "success")

        status = postident.result(case_id)["identifications"][0]["identificationStatus"]
        assert status["subStatus"]["code"] == "CARD_EXPIRED"

    def test_null_groups(self, postident: Postident) -> None:
        postident.fault("null_groups")
        payload = postident.result(finished(postident))

        assert payload["orderData"] is payload["contactData"] is payload["accountingData"] is None
        assert document_of(payload)["address"] is None

    def test_missing_groups(self, postident: Postident) -> None:
        postident.fault("missing_groups")
        text = json.dumps(postident.result(finished(postident)))

        assert [group for group in OPTIONAL_GROUPS if f'"{group}"' in text] == []

    def test_only_one_group_missing(self, postident: Postident) -> None:
        postident.fault("missing_groups", groups=["contactData"])
        payload = postident.result(finished(postident))

        assert "contactData" not in payload
        assert "orderData" in payload

    def test_null_identifications(self, postident: Postident) -> None:
        postident.fault("null_identifications")

        assert postident.result(finished(postident))["identifications"] is None

    def test_extra_keys(self, postident: Postident) -> None:
        postident.fault("extra_keys")
        payload = postident.result(finished(postident))

        assert "xNewFeature" in payload
        assert "xNewFeature" in payload["identifications"][0]["identificationStatus"]

    def test_unknown_words(self, postident: Postident) -> None:
        names = ("method", "identification_status", "case_status", "value_status", "document_type")
        case_id = finished(postident)
        postident.control("PUT", "/faults", {"faults": {f"unknown_{name}": {"value": "NEU"} for name in names}})
        payload = postident.result(case_id)
        identification = payload["identifications"][0]

        assert payload["caseStatus"]["status"] == "NEU"
        assert identification["identificationMethod"] == "NEU"
        assert identification["identificationStatus"]["status"] == "NEU"
        assert document_of(payload)["firstName"]["status"] == "NEU"
        assert document_of(payload)["type"]["value"] == "NEU"


class TestLife:
    def test_an_expired_case_cannot_be_started_but_finished_late(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.control("POST", f"/cases/{case_id}/choose", {"method": "basic"})
        postident.fault("expired_case", case_id)

        refused = postident.http.post(f"/postident/user/start/?caseId={case_id}", data={"method": "eid"})
        postident.finish(case_id)

        assert refused.status_code == 409
        assert postident.result(case_id)["caseStatus"]["status"] == "closed"

    def test_validity_can_be_moved(self, postident: Postident) -> None:
        case_id = postident.case()
        before = postident.control("GET", f"/cases/{case_id}")["valid_until"]
        after = postident.control("PATCH", f"/cases/{case_id}", {"shift_days": -15})["valid_until"]

        assert after < before
        assert postident.result(case_id)["caseStatus"]["validUntil"] == after

    def test_a_moved_clock_lets_cases_expire(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.control("PUT", "/clock", {"offset_seconds": 15 * 86_400})

        assert "abgelaufen" in postident.http.get(f"/postident/user/start/?caseId={case_id}").text

    def test_archived_then_deleted(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.control("PATCH", f"/cases/{case_id}", {"archived": True})
        assert postident.result(case_id)["caseStatus"]["archived"] is True

        postident.control("DELETE", f"/cases/{case_id}")
        assert postident.fetch(case_id).status_code == 404

    def test_archived_and_deleted_as_faults(self, postident: Postident) -> None:
        case_id = postident.case()
        postident.fault("archived", case_id)
        assert postident.result(case_id)["caseStatus"]["archived"] is True
        postident.fault("deleted", case_id)
        assert postident.fetch(case_id).status_code == 404

    def test_a_case_id_is_used_again_after_deletion(self, postident: Postident) -> None:
        first = postident.case("A")
        postident.control("DELETE", f"/cases/{first}", {"reuse": True})

        assert postident.case("B") == first

    def test_a_case_id_in_use_can_be_given_again(self, postident: Postident) -> None:
        first = postident.case("A")
        postident.finish(first)
        postident.control("PUT", "/faults", {"faults": {"reused_case_id": {"case_id": first, "times": 1}}})

        assert postident.case("B") == first
        assert postident.result(first)["orderData"]["processData"]["referenceId"] == "B"
        assert postident.result(first)["caseStatus"]["status"] == "new"

    def test_a_case_that_nobody_ordered(self, postident: Postident) -> None:
        case = postident.control(
            "POST",
            "/cases",
            {"client_id": "DEMOALLE", "reference_id": "FREMD", "finish": {"method": "basic", "outcome": "success"}},
        )

        assert document_of(postident.result(case["case_id"]))["lastName"] == {"status": "new", "value": "Mustermann"}


class TestControl:
    def test_a_token_is_needed(self, postident: Postident) -> None:
        assert postident.http.get("/postident/control/cases").status_code == 401

    @pytest.mark.parametrize(
        "faults",
        [
            {"nix": {}},
            {"http_503": {"nix": 1}},
            {"http_503": {"times": 0}},
            {"http_503": []},
            {"webhook_forged": {"kind": "nix"}},
            {"time_out": {"seconds": "lang"}},
            [],
            None,
        ],
    )
    def test_a_fault_that_does_not_exist_is_a_bad_request(self, postident: Postident, faults: Any) -> None:
        response = postident.http.put(
            "/postident/control/faults", json={"faults": faults}, headers={"X-Simulator-Token": "simulator-demo-token"}
        )

        assert response.status_code == 400

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("cases/NIX/finish", {"method": "basic", "outcome": "success"}, 404),
            ("cases/{}/finish", {"outcome": "success"}, 400),
            ("cases/{}/finish", {"method": "basic", "outcome": "success", "nix": 1}, 400),
            ("cases/{}/finish", {"method": "basic", "outcome": "success", "document": {"difference": "nix"}}, 400),
            ("cases/{}/choose", {}, 400),
        ],
    )
    def test_a_wrong_call_is_told_so(self, postident: Postident, path: str, body: Any, status: int) -> None:
        response = postident.http.post(
            f"/postident/control/{path.format(postident.case())}",
            json=body,
            headers={"X-Simulator-Token": "simulator-demo-token"},
        )

        assert response.status_code == status
        assert told(response)["error"]

    def test_a_reset_forgets_cases_faults_and_references(self, postident: Postident) -> None:
        postident.case("A")
        postident.fault("http_500", on=["result"])
        postident.control("POST", "/reset")

        assert postident.order("A").status_code == 201
        assert postident.control("GET", "/faults")["faults"] == {}

    def test_answers_are_counted(self, postident: Postident) -> None:
        case_id = postident.case("A")
        postident.order("A")
        postident.fetch(case_id)

        assert postident.control("GET", "/statistics") == {"create": {"201": 1, "409": 1}, "result": {"200": 1}}

    def test_every_fault_has_a_german_label_and_whole_defaults(self) -> None:
        assert all(fault.label and fault.complete({}) for fault in CATALOGUE.values())
