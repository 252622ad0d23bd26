"""The same doors for programs."""

from datetime import datetime

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from core.accounts.models import Account
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt
from identity.members.models import Insurant
from tests.factories import a_case, a_suspension, an_attempt, lift
from tests.identity.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def case(insurant: Insurant):
    return a_case(insurant=insurant)


def start(client: Client, case, **body: str):
    return client.post(f"/api/v1/cases/{case.public_id}/attempts", body, content_type="application/json")


def test_everybody_may_read_the_state_of_the_methods(nobody: Client):
    answer = nobody.get("/api/v1/methods")

    assert answer.status_code == 200
    states = {each["code"]: each["state"] for each in answer.json()["methods"]}
    assert states["postident_eid"] == "available"
    assert states["video_ident"] == "suspended"


def test_a_person_sees_their_own_cases(member: Client, case):
    a_case()

    assert [each["id"] for each in member.get("/api/v1/cases").json()["cases"]] == [str(case.public_id)]


def test_a_case_says_whether_it_stands_still(member: Client, case):
    an_attempt(case=case)
    assert member.get("/api/v1/cases").json()["cases"][0]["frozen_since"] is None

    order = a_suspension("postident_branch", effect="freeze")
    carry_out_orders()
    told = member.get("/api/v1/cases").json()["cases"][0]["frozen_since"]
    assert datetime.fromisoformat(told) == order.effective_from

    lift(order)
    carry_out_orders()
    assert member.get("/api/v1/cases").json()["cases"][0]["frozen_since"] is None


def test_the_schema_says_what_standing_still_means():
    schema = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]["CaseOutput"]
    told = schema["properties"]["frozen_since"]
    assert (told["format"], told["nullable"]) == ("date-time", True)
    assert "stands still" in told["description"]


def test_a_person_starts_an_attempt(member: Client, case, provider: ScriptedProvider):
    answer = start(member, case, method="postident_eid")

    assert answer.status_code == 201
    attempt = Attempt.objects.get()
    assert answer.json()["continue_path"] == f"/versuch/{attempt.pk}/weiter/"
    assert attempt.continue_url not in answer.text


def test_a_suspended_way_is_refused_here_too(member: Client, case, provider: ScriptedProvider):
    a_suspension("postident_eid")

    answer = start(member, case, method="postident_eid")

    assert answer.status_code == 409
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["code"] == "method_not_offered"
    assert provider.orders == []


def test_a_case_of_another_person_does_not_exist(stranger: Client, case, provider: ScriptedProvider):
    answer = start(stranger, case, method="postident_eid")

    assert answer.status_code == 404
    assert provider.orders == []


def test_nobody_gets_in(nobody: Client, case, provider: ScriptedProvider):
    assert nobody.get("/api/v1/cases").status_code == 403
    assert start(nobody, case, method="postident_eid").status_code == 403
    assert provider.orders == []


def test_a_body_without_a_method_is_refused_by_field(member: Client, case):
    answer = start(member, case)

    assert answer.status_code == 400
    assert "method" in answer.json()["errors"]


def test_a_request_without_the_token_of_the_session_is_refused(case, account: Account, provider: ScriptedProvider):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account)

    assert start(strict, case, method="postident_eid").status_code == 403
    assert provider.orders == []
