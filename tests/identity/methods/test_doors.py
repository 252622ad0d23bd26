"""Every door tried while a method is suspended, for each effect, before and after the order is carried out.

The doors of a person (pages, links, API), of staff, of machines (callbacks, sweeps, tasks, commands), and the name of
the method in odd spellings. Whatever answers, nothing is begun with the method and no result of it counts.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from core.actors import SYSTEM
from core.errors import DomainError
from identity.callbacks import work
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.links import token_for
from identity.cases.models import Attempt
from identity.cases.services import start_attempt
from identity.cases.states import AttemptState, CaseState
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import confirm_suspension, impose_suspension
from tests.factories import (
    a_case,
    an_account,
    an_administrator,
    an_answer,
    an_identification,
)
from tests.identity.callbacks.conftest import call, woken
from tests.identity.methods.closed import (
    FINISH_WITHIN,
    METHOD,
    an_order,
    assert_closed,
    attempt,
    logged_in,
    member,
    newcomer,
    order,
    person,
)
from tests.identity.scripted import hint_about
from tests.identity.workplace.conftest import a_proposal

__all__ = ["attempt", "call", "member", "newcomer", "order", "person", "woken"]

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState
ODD = {
    "case": "Postident_Branch",
    "shouted": "POSTIDENT_BRANCH",
    "blank before": " postident_branch",
    "blank after": "postident_branch ",
    "no-break blank": "postident_branch\u00a0",
    "newline": "postident_branch\n",
    "carriage return": "postident_branch\r\n",
    "tab": "postident\t_branch",
    "full-width": "ｐｏｓｔｉｄｅｎｔ＿ｂｒａｎｃｈ",
    "cyrillic o": "p\u043estident_branch",
    "zero width": "postident_\u200bbranch",
    "soft hyphen": "postident_branch\u00ad",
    "right to left": "\u202ehcnarb_tneditsop",
    "combining": "postident_branch\u0301",
    "nul": "postident_branch\x00",
    "nul inside": "postident\x00_branch",
    "hyphen": "postident-branch",
    "quoted": "'postident_branch'",
    "sql": "x' OR code='postident_branch",
    "like": "postident%branch",
    "list": "postident_eid,postident_branch",
    "encoded": "postident%5Fbranch",
    "empty": "",
}


# --- the person's doors ---


def test_the_choice_page_neither_offers_nor_takes_it(order: Suspension, attempt, newcomer, provider):
    address = reverse("identity:choice", args=[newcomer.public_id])
    client = logged_in(newcomer)

    page = client.get(address)
    assert METHOD not in [card["method"].code for card in page.context["cards"]]
    more = {"by_staff": "1", "represented": "1", "level_demanded": "1", "force": "on", "action": "resume"}
    for body in ({"method": METHOD}, {"method": METHOD, **more}, {"method": ["postident_eid", METHOD]}):
        assert client.post(address, body).status_code == 409
    client.get(address, {"method": METHOD})
    assert_closed(provider, attempt)


def test_the_api_refuses_it(order: Suspension, attempt, newcomer, provider):
    client, address = logged_in(newcomer), reverse("identity:api_attempts", args=[newcomer.public_id])

    for body in ({"method": METHOD}, {"method": METHOD, "state": "started", "by_staff": True}):
        answer = client.post(address, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "method_not_offered")
    assert client.post(address, {"method": [METHOD]}, content_type="application/json").status_code == 400
    assert client.put(address, {"method": METHOD}, content_type="application/json").status_code == 405
    assert_closed(provider, attempt)


def test_a_stale_link_leads_nowhere_outside(order: Suspension, attempt, member, provider):
    answer = member.get(reverse("identity:proceed", args=[attempt.pk]))

    assert answer["Location"].startswith("/vorgang/")
    assert attempt.continue_url not in member.get(reverse("identity:attempt", args=[attempt.pk])).text
    assert_closed(provider, attempt)


def test_the_signed_link_of_a_mail_begins_nothing(order: Suspension, attempt, member, provider):
    address = reverse("identity:go_on", args=[token_for(attempt.case.public_id)])
    before = Attempt.objects.get().state

    answer = member.get(address)
    assert answer["Location"].startswith("/vorgang/")
    assert member.get(address, {"method": METHOD}).status_code == 302
    assert member.post(address, {"method": METHOD}).status_code == 405
    assert Attempt.objects.get().state == before
    assert_closed(provider, attempt)


def addresses(values: dict[str, Any]) -> Iterator[str]:
    """Every address of the installation, with these values in it; those that need others are left out."""

    def walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from walk(each, (*spaces, each.namespace) if each.namespace else spaces)
            elif each.name:
                yield ":".join((*spaces, each.name)), each

    for name, pattern in walk(get_resolver(), ()):
        needed = pattern.pattern.converters
        with suppress(KeyError, NoReverseMatch):
            yield reverse(name, kwargs={key: values[key] for key in needed})


@pytest.mark.slow
@pytest.mark.parametrize("effect", ["freeze"])
def test_no_address_at_all_opens_it_to_a_person_or_to_one_administrator(effect: str, attempt, member, provider):
    order = an_order(effect)
    confirm_suspension(order.pk, actor=an_administrator())
    carry_out_orders()
    one = an_account(is_staff=True)
    one.user_permissions.set(Permission.objects.filter(codename__in=["steer_methods", "decide_reviews"]))
    administrator = Client()
    administrator.force_login(one)
    case = attempt.case
    values = {
        "case_id": case.public_id, "attempt_id": attempt.pk, "token": token_for(case.public_id), "purpose": "epa",
        "code": METHOD, "suspension_id": order.pk, "lifting_id": a_proposal(order, one).pk,
    }  # fmt: skip
    body = {"method": METHOD, "code": METHOD, "purpose": "epa", "confirm": "1", "evidence": "x", "at": "", "end": "1"}
    found = list(addresses(values))
    assert len(found) > 60
    for address, client in itertools.product(found, (member, administrator)):
        if "abmelden" not in address and "logout" not in address:
            client.get(address, body)
            client.post(address, body)
    order.refresh_from_db()
    assert order.covers(timezone.now())
    with time_machine.travel(timezone.now() + FINISH_WITHIN * 2):
        fresh = a_case()
        with pytest.raises(MethodNotOffered):
            start_attempt(fresh.public_id, METHOD, return_url="https://vorweis.example/", actor=SYSTEM)
    assert_closed(provider, attempt)


def test_there_is_no_admin_and_no_other_place_to_add_rows(order: Suspension):
    assert not apps.is_installed("django.contrib.admin")
    assert not [each for each in addresses({}) if "admin" in each]


# --- the name ---


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_no_odd_spelling_of_its_name_opens_it(name: str, newcomer, provider):
    an_order("move")
    client = logged_in(newcomer)

    page = client.post(reverse("identity:choice", args=[newcomer.public_id]), {"method": name})
    assert page.status_code in (409, 422)
    body = json.dumps({"method": name})
    api = client.post(
        reverse("identity:api_attempts", args=[newcomer.public_id]), body, content_type="application/json"
    )
    assert api.status_code in (400, 409)
    with pytest.raises((DomainError, DataError, ValueError)), transaction.atomic():
        start_attempt(newcomer.public_id, name, return_url="https://vorweis.example/", actor=SYSTEM)
    assert_closed(provider)


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_no_order_about_an_odd_spelling_is_taken_for_one_about_the_method(name: str):
    with pytest.raises((ValidationError, DataError, ValueError)), transaction.atomic():
        impose_suspension(Suspension(method_id=name, **SUSPENSION_TEXTS), actor=an_administrator())
    assert not Suspension.objects.filter(method=METHOD).exists()


@pytest.mark.parametrize("name", [name for name in ODD.values() if name and name.isprintable()])
def test_a_result_of_an_odd_spelling_grants_nothing(name: str, attempt, provider):
    an_order("move")
    said = an_identification(method=name[:30], identified_at=timezone.now() - timedelta(hours=1))
    provider.answers[attempt.provider_case_id] = an_answer(attempt, said)
    hint_about(attempt)
    work.work_inbox()

    assert Attempt.objects.get().state == A.WITHHELD
    assert_closed(provider, attempt)


@pytest.mark.parametrize("name", [name for name in ODD.values() if not name.isprintable()])
def test_a_result_of_an_unprintable_spelling_waits_for_a_clerk(name: str, attempt, provider):
    an_order("move")
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(method=name))
    entry = hint_about(attempt)
    work.work_inbox()

    entry.refresh_from_db()
    assert (entry.state, entry.problem) == ("for_person", "unreadable_method")
    assert_closed(provider, attempt)
