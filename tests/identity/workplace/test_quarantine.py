"""The list of results that orders hold back: who sees it, what it tells, and that the look is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent
from identity.cases.states import AttemptState, CaseState
from identity.methods.models import Suspension
from tests.factories import a_case, a_suspension, an_attempt, an_insurant
from tests.identity.workplace.conftest import Login, a_held_result, audit_names, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, clerk: Account) -> Client:
    return browser(clerk)


@pytest.fixture
def freeze(db: None) -> Suspension:
    return a_suspension(effect="freeze")


def page(desk: Client, **query: Any) -> Any:
    return desk.get(reverse("workplace:quarantine"), query)


def test_the_list_tells_case_method_times_and_order_but_no_name(desk: Client, freeze: Suspension):
    held = a_held_result(freeze, received_at=timezone.now() - timedelta(days=3, hours=1))
    words = text_of(page(desk))

    for each in (str(held.case.public_id)[:8], "post office", "3 days ago", "gematik, 9. August 2022"):
        assert each in words
    assert "Mustermann" not in words


def test_results_stand_in_the_order_of_their_identification(desk: Client, freeze: Suspension):
    late = a_held_result(freeze, identified_at=timezone.now())
    early = a_held_result(freeze, identified_at=timezone.now() - timedelta(hours=5))

    assert [row["result"] for row in page(desk).context["rows"]] == [early, late]


def test_what_is_withheld_has_a_list_of_its_own(desk: Client, freeze: Suspension):
    quarantined, withheld = a_held_result(freeze), a_held_result(freeze, AttemptState.WITHHELD)

    assert [row["result"] for row in page(desk).context["rows"]] == [quarantined]
    assert [row["result"] for row in page(desk, stand="withheld").context["rows"]] == [withheld]


def test_the_list_can_be_narrowed_to_one_order(desk: Client, freeze: Suspension):
    mine = a_held_result(freeze)
    a_held_result(a_suspension("postident_eid", effect="freeze"))
    found = page(desk, aussetzung=freeze.pk)

    assert [row["result"] for row in found.context["rows"]] == [mine]
    assert f'name="aussetzung" value="{freeze.pk}"' in found.content.decode()


def test_each_look_is_recorded_for_the_people_shown(desk: Client, freeze: Suspension, clerk: Account):
    held = a_held_result(freeze)
    page(desk)
    event = AuditEvent.objects.get(name="identity.case.viewed")

    assert (event.subject_id, event.facts["page"]) == (str(held.case.public_id), "quarantine")
    assert event.actor_reference == str(clerk.public_id)


def test_an_empty_list_records_no_look(desk: Client):
    assert "The quarantine is empty" in text_of(page(desk))
    assert "No result is withheld" in text_of(page(desk, stand="withheld"))
    assert audit_names() == []


def test_nobody_looks_at_their_own_result(desk: Client, freeze: Suspension, clerk: Account):
    own = a_case(CaseState.IDENTIFYING, insurant=an_insurant(account=clerk), method_id="postident_branch")
    a_held_result(freeze, attempt=an_attempt(AttemptState.QUARANTINED, case=own))
    words = text_of(page(desk))

    assert "Your own case" in words
    assert str(own.public_id)[:8] not in words
    assert audit_names() == []


def test_a_long_list_has_pages(desk: Client, freeze: Suspension):
    for _ in range(26):
        a_held_result(freeze)
    first = page(desk)

    assert "Page 1 of 2" in text_of(first)
    assert "stand=quarantined&amp;page=2" in first.content.decode().replace("aussetzung=&amp;", "")
    assert len(page(desk, page=2).context["rows"]) == 1


@pytest.mark.parametrize("query", [{"stand": "released"}, {"aussetzung": "x"}, {"aussetzung": 0}])
def test_a_wrong_filter_says_so(desk: Client, query: dict[str, Any]):
    assert page(desk, **query).status_code == 422


def test_links_lead_only_where_one_may_go(browser: Login, clerk: Account, administrator: Account, freeze: Suspension):
    held = a_held_result(freeze)
    case, order = reverse("workplace:case", args=[held.case.public_id]), reverse("workplace:order", args=[freeze.pk])
    for_clerk = page(browser(clerk)).content.decode()
    for_administrator = page(browser(administrator)).content.decode()

    assert case in for_clerk
    assert order not in for_clerk
    assert order in for_administrator
