"""Notifications to the client."""

import json
from typing import Any

import pytest
from flask import Flask

from simulators.app import create_app
from simulators.settings import Settings
from simulators.world import EXTENSION, World
from tests.simulators.conftest import Postident, Receiver


@pytest.fixture
def case_id(postident: Postident, receiver: Receiver) -> str:
    return postident.case("REF1", webHookUrl=receiver.url)


def entries(postident: Postident, **wanted: Any) -> Any:
    query = "&".join(f"{key}={value}" for key, value in wanted.items())
    return postident.control("GET", f"/webhooks?{query}")["webhooks"]


def test_a_notification_says_no_more_than_case_and_reference(
    postident: Postident, receiver: Receiver, case_id: str
) -> None:
    postident.finish(case_id)

    assert json.loads(receiver.wait_for(1)[0]) == {"caseId": case_id, "referenceId": "REF1"}


def test_a_case_without_address_is_told_to_nobody(postident: Postident) -> None:
    assert postident.finish(postident.case())["webhook_ids"] == []


def test_the_choice_of_the_post_office_is_told(postident: Postident, receiver: Receiver, case_id: str) -> None:
    postident.control("POST", f"/cases/{case_id}/choose", {"method": "basic"})

    assert receiver.case_ids(1) == [case_id]


def test_what_is_not_accepted_is_sent_again(postident: Postident, receiver: Receiver, case_id: str) -> None:
    receiver.answers += [500, 404, 302]
    postident.finish(case_id)

    assert receiver.case_ids(4) == [case_id] * 4


def test_a_dead_receiver_is_given_up_in_the_end(postident: Postident, receiver: Receiver, case_id: str) -> None:
    receiver.answers += [503] * 20
    postident.finish(case_id)

    receiver.wait_for(6)
    world: World = postident.http.application.extensions[EXTENSION]
    world.courier.stop()
    assert [(entry["status"], entry["attempts"]) for entry in entries(postident)] == [("failed", 6)]


def test_a_failed_notification_can_be_sent_again(postident: Postident, receiver: Receiver, case_id: str) -> None:
    receiver.answers += [503] * 6
    postident.finish(case_id)
    receiver.wait_for(6)

    number = entries(postident)[0]["id"]
    postident.control("POST", "/webhooks/redeliver", {"ids": [number]})

    receiver.wait_for(7)


def test_one_asked_for_again_while_it_is_being_sent_is_sent_again(
    postident: Postident, receiver: Receiver, case_id: str
) -> None:
    receiver.may_answer.clear()
    postident.finish(case_id)
    receiver.wait_for(1)

    postident.control("POST", "/webhooks/redeliver", {"ids": [entries(postident)[0]["id"]]})
    receiver.may_answer.set()

    receiver.wait_for(2)


def test_times_and_spread_send_the_same_notification_often(
    postident: Postident, receiver: Receiver, case_id: str
) -> None:
    postident.finish(case_id, webhook={"times": 3, "spread_seconds": 0.05, "shuffle": True})

    assert receiver.case_ids(3) == [case_id] * 3


def test_a_finish_can_be_kept_silent(postident: Postident, receiver: Receiver, case_id: str) -> None:
    assert postident.finish(case_id, webhook={"send": False})["webhook_ids"] == []


def test_a_notification_can_be_sent_whatever_the_state(postident: Postident, receiver: Receiver, case_id: str) -> None:
    postident.control("POST", f"/cases/{case_id}/webhook", {"times": 2})

    assert receiver.case_ids(2) == [case_id] * 2


def test_many_cases_end_at_once_and_are_told_in_random_order(postident: Postident, receiver: Receiver) -> None:
    ids = [postident.case(f"R{number}", webHookUrl=receiver.url) for number in range(20)]

    answer = postident.control(
        "POST",
        "/bulk-finish",
        {
            "seed": 7,
            "finish": {"method": "basic", "outcome": "success", "webhook": {"times": 3, "shuffle": True}},
        },
    )

    assert answer == {"finished": 20, "webhooks": 60}
    told = receiver.case_ids(60)
    assert sorted(told) == sorted(ids * 3)
    assert told != [each for each in ids for _ in range(3)]
    assert all(postident.result(each)["caseStatus"]["status"] == "closed" for each in ids)


def test_a_bulk_finish_takes_only_the_named_references(postident: Postident) -> None:
    for reference in ("A", "B", "C"):
        postident.case(reference)

    answer = postident.control(
        "POST", "/bulk-finish", {"reference_ids": ["A", "C"], "finish": {"method": "eid", "outcome": "success"}}
    )

    assert answer["finished"] == 2
    assert postident.control("GET", "/cases?status=new")["cases"][0]["reference_id"] == "B"


def test_what_waits_is_sent_after_a_restart(settings: Settings, receiver: Receiver) -> None:
    before = create_app(settings)
    client = Postident(before.test_client(), settings.clients["DEMOALLE"])
    case_id = client.case("REF1", webHookUrl=receiver.url)
    client.finish(case_id)
    before.extensions[EXTENSION].close()

    after = create_app(settings)
    after.extensions[EXTENSION].courier.start()

    assert receiver.case_ids(1) == [case_id]
    again = Postident(after.test_client(), settings.clients["DEMOALLE"])
    assert again.result(case_id)["caseStatus"]["status"] == "closed"
    assert again.order("REF1").status_code == 409
    after.extensions[EXTENSION].close()


class TestFaults:
    def test_duplicate(self, postident: Postident, receiver: Receiver, case_id: str) -> None:
        postident.fault("webhook_duplicate", case_id, count=4)
        postident.finish(case_id)

        assert receiver.case_ids(4) == [case_id] * 4

    def test_lost(self, postident: Postident, receiver: Receiver, case_id: str) -> None:
        postident.fault("webhook_lost", case_id)
        postident.finish(case_id)

        assert postident.control("GET", "/webhooks/summary") == {
            "waiting": 0,
            "held": 0,
            "delivered": 0,
            "failed": 0,
            "lost": 1,
        }
        assert receiver.bodies == []

    def test_delayed_until_the_flush(self, postident: Postident, receiver: Receiver, case_id: str) -> None:
        postident.fault("webhook_delayed", case_id, seconds=3600)
        postident.finish(case_id)

        assert postident.control("GET", "/webhooks/summary")["waiting"] == 1
        assert postident.control("POST", "/webhooks/flush", {}) == {"flushed": 1}
        assert receiver.case_ids(1) == [case_id]

    def test_early_shows_the_old_state_for_a_while(
        self, postident: Postident, receiver: Receiver, case_id: str
    ) -> None:
        postident.fault("webhook_early", case_id, seconds=60)
        postident.finish(case_id)

        receiver.wait_for(1)
        assert postident.result(case_id)["caseStatus"]["status"] == "new"
        postident.control("PUT", "/clock", {"offset_seconds": 61})
        assert postident.result(case_id)["caseStatus"]["status"] == "closed"

    def test_reordered(self, postident: Postident, receiver: Receiver) -> None:
        first, second = (postident.case(name, webHookUrl=receiver.url) for name in ("A", "B"))
        postident.fault("webhook_reordered", window_seconds=60)
        postident.finish(first)
        assert postident.control("GET", "/webhooks/summary")["held"] == 1
        postident.finish(second)

        assert receiver.case_ids(2) == [second, first]

    @pytest.mark.parametrize(
        "kind", ["unknown_case", "wrong_reference", "other_case", "malformed", "oversized", "extra_keys"]
    )
    def test_forged(self, postident: Postident, receiver: Receiver, case_id: str, kind: str) -> None:
        postident.case("OTHER")
        postident.fault("webhook_forged", case_id, kind=kind)
        postident.finish(case_id)

        bodies = receiver.wait_for(2)
        true = json.dumps({"caseId": case_id, "referenceId": "REF1"})
        (forged,) = [body for body in bodies if body != true]
        match kind:
            case "malformed":
                with pytest.raises(ValueError, match="Expecting"):
                    json.loads(forged)
            case "oversized":
                assert len(forged) > 64_000
            case "extra_keys":
                assert json.loads(forged)["status"] == "success"
            case "wrong_reference":
                assert json.loads(forged)["caseId"] == case_id
            case _:
                assert json.loads(forged)["caseId"] != case_id

    def test_a_forged_one_is_not_sent_again(
        self, postident: Postident, receiver: Receiver, case_id: str, app: Flask
    ) -> None:
        receiver.answers += [404, 404]
        postident.fault("webhook_forged", case_id)
        postident.finish(case_id)

        receiver.wait_for(3)
        app.extensions[EXTENSION].courier.stop()
        assert [entry["attempts"] for entry in entries(postident) if entry["forged"]] == [1]
