"""The history of methods: shown, narrowed, and taken out of the house without names of staff."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent
from identity.methods.models import Suspension
from identity.methods.records import MethodChange
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import approve_lifting, impose_suspension
from identity.workplace.access import actor_of
from identity.workplace.events import SENTENCES
from tests.identity.workplace.conftest import (
    Login,
    a_held_result,
    a_proposal,
    an_administrator,
    an_affected_case,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


@pytest.fixture
def lifted(administrator: Account) -> Suspension:
    """An order that has been imposed and lifted."""
    order = imposed(administrator)
    proposal = a_proposal(order, administrator, evidence="Report 12")
    return approve_lifting(proposal.pk, actor=actor_of(an_administrator()))


def imposed(by: Account, method: str = "postident_branch", **given: Any) -> Suspension:
    return impose_suspension(Suspension(method_id=method, **SUSPENSION_TEXTS | given), actor=actor_of(by))


def shown(desk: Client, **query: Any) -> str:
    return text_of(desk.get(reverse("workplace:history"), query))


def test_the_history_tells_who_when_and_on_what_evidence(desk: Client, lifted: Suspension, administrator: Account):
    words = shown(desk)

    for each in (administrator.email, "gematik, 9. August 2022", "Lifted by two administrators", "Report 12",
                 "Lifting proposed", "In a post office"):  # fmt: skip
        assert each in words
    assert words.index("Lifted by two") < words.index("Lifting proposed")


def test_orders_from_before_the_history_stand_at_its_end(desk: Client, lifted: Suspension):
    words = shown(desk)

    assert words.count("From before this history began.") == 2
    assert "Video call (Video-Ident)" in words
    assert "system" in words


def test_the_history_can_be_narrowed_to_a_method_and_to_an_order(
    desk: Client, lifted: Suspension, administrator: Account
):
    other = imposed(administrator, "postident_eid", order_reference="Az. 77", last_door_reason="x")

    assert "Az. 77" not in shown(desk, verfahren="postident_branch")
    assert "Az. 77" in shown(desk, verfahren="postident_eid")
    assert "From before" not in shown(desk, verfahren="postident_eid")
    assert "Lifted by two" not in shown(desk, aussetzung=other.pk)
    assert "Nothing has happened here yet" in shown(desk, verfahren="notary")
    assert desk.get(reverse("workplace:history"), {"verfahren": "carrier_pigeon"}).status_code == 422


def test_a_long_history_has_pages_that_keep_the_method(desk: Client, lifted: Suspension):
    for _ in range(25):
        MethodChange.objects.create(kind="confirmed", method_id="postident_branch", suspension=lifted, actor="x")
    first = desk.get(reverse("workplace:history"), {"verfahren": "postident_branch"})

    assert "Page 1 of 2" in text_of(first)
    assert "?verfahren=postident_branch&amp;page=2" in first.content.decode()
    assert "From before" not in text_of(desk.get(reverse("workplace:history")))
    assert "Suspended" in shown(desk, verfahren="postident_branch", page=2)


def test_a_spreadsheet_holds_every_change_and_no_name(desk: Client, lifted: Suspension, administrator: Account):
    response = desk.get(reverse("workplace:history_csv"))
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="verlauf.csv"' in response["Content-Disposition"]
    kinds = [line["kind"] for line in lines]
    assert kinds == ["lifted", "lifting_proposed", "imposed", "imposed", "imposed"]
    assert lines[2]["actor"] == str(administrator.public_id)
    assert json.loads(lines[0]["facts"])["evidence"] == "Report 12"
    assert administrator.email not in response.content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_a_spreadsheet_is_a_formula(desk: Client, administrator: Account, start: str):
    imposed(administrator, order_reference=f"{start}HYPERLINK(7)", authority="gematik")
    response = desk.get(reverse("workplace:history_csv"), {"verfahren": "postident_branch"})
    line = next(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))

    assert line["order_reference"] == f"'{start}HYPERLINK(7)"


def test_the_data_hold_changes_and_the_orders_they_speak_of(desk: Client, lifted: Suspension, administrator: Account):
    found = desk.get(reverse("workplace:history_json"), {"verfahren": "postident_branch"}).json()

    assert [each["kind"] for each in found["changes"]] == ["lifted", "lifting_proposed", "imposed"]
    assert [each["id"] for each in found["suspensions"]] == [lifted.pk]
    assert found["suspensions"][0]["evidence"] == "Report 12"
    assert found["suspensions"][0]["imposed_by"] == str(administrator.public_id)
    assert administrator.email not in json.dumps(found)
    everything = desk.get(reverse("workplace:history_json")).json()
    assert {each["method_id"] for each in everything["suspensions"]} == {
        "postident_branch",
        "video_ident",
        "robo_ident",
    }


def test_the_page_to_print_holds_everything_and_no_name(desk: Client, lifted: Suspension, administrator: Account):
    words = text_of(desk.get(reverse("workplace:history_print")))

    assert "3 changes, the newest first." in words
    assert "From before this history began." in words
    assert str(administrator.public_id) in words
    assert administrator.email not in words


def test_all_about_one_order_can_be_taken_out(desk: Client, lifted: Suspension, administrator: Account):
    an_affected_case(lifted, outcome="moved")
    a_held_result(lifted)
    lifted.runs.create(phase="middle", total=1, done=1, started_at=timezone.now(), finished_at=timezone.now())
    response = desk.get(reverse("workplace:order_json", args=[lifted.pk]))
    found = response.json()

    assert f'filename="aussetzung-{lifted.pk}.json"' in response["Content-Disposition"]
    assert found["suspension"]["public_text_plain"] == lifted.public_text_plain
    assert [each["evidence"] for each in found["liftings"]] == ["Report 12"]
    assert len(found["changes"]) == 3
    assert found["people"] == [{"outcome": "moved", "since": None, "count": 1}]
    assert found["results_held"] == [{"state": "quarantined", "count": 1}]
    assert found["phases"][0]["done"] == 1
    assert administrator.email not in response.content.decode()


def test_the_data_of_an_order_leave_no_field_out():
    from identity.workplace.history import ORDER_FIELDS

    assert {field.attname for field in Suspension._meta.concrete_fields} == set(ORDER_FIELDS)


@pytest.mark.parametrize("form", ["csv", "json", "print"])
def test_who_takes_the_history_out_is_recorded(desk: Client, administrator: Account, form: str):
    desk.get(reverse(f"workplace:history_{form}"), {"verfahren": "video_ident"})
    event = AuditEvent.objects.get()

    assert (event.name, event.subject_id) == ("identity.suspension.history_exported", "video_ident")
    assert (event.actor_reference, event.facts["form"]) == (str(administrator.public_id), form)


def test_who_takes_an_order_out_is_recorded(desk: Client, lifted: Suspension):
    desk.get(reverse("workplace:order_json", args=[lifted.pk]))

    assert AuditEvent.objects.filter(name="identity.suspension.exported", subject_id=str(lifted.pk)).exists()


def test_looking_at_the_history_takes_nothing_out(desk: Client):
    desk.get(reverse("workplace:history"))

    assert not AuditEvent.objects.exists()


def test_every_kind_of_change_has_a_sentence_in_the_trail():
    assert {f"identity.suspension.{kind.value}" for kind in MethodChange.Kind} - set(SENTENCES) == set()
