"""The operators' page."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.audit.models import AuditEvent
from epa.states import AccessState
from tests.epa.accesses import again, an_access, email_of
from tests.factories import an_account

pytestmark = pytest.mark.django_db
S = AccessState
DESK, RETRY_ALL = reverse("epa:desk"), reverse("epa:retry_all")


@pytest.fixture
def operator() -> Account:
    account = an_account(is_staff=True)
    account.user_permissions.add(Permission.objects.get(codename="retry_accesses"))
    return account


@pytest.fixture
def desk(browser: Callable[[Account], Client], operator: Account) -> Client:
    return browser(operator)


def test_the_desk_shows_what_is_stuck_and_what_waits_without_the_person(desk: Client):
    stuck, waiting = an_access(S.STUCK, problem="http_403"), an_access(S.OPENING, problem="unreachable")
    quiet = an_access(S.OPENING)
    page = desk.get(DESK)
    assert stuck.short_id in page.text
    assert "{#" not in page.text
    assert "http_403" in page.text
    assert waiting.short_id in page.text
    assert "unreachable" in page.text
    assert quiet.short_id not in page.text
    assert stuck.insurant.kvnr not in page.text
    assert email_of(stuck) not in page.text


def test_an_empty_desk_says_so(desk: Client):
    page = desk.get(DESK)
    assert "Nothing is stuck" in page.text
    assert "Nothing waits" in page.text


def test_an_operator_lets_one_try_again(desk: Client, operator: Account):
    access, other = an_access(S.STUCK), an_access(S.STUCK)
    answer = desk.post(reverse("epa:retry", args=[access.public_id]))
    assert answer["Location"] == DESK
    assert [again(access).state, again(other).state] == [S.OPENING, S.STUCK]
    event = AuditEvent.objects.get(name="epa.access.opening")
    assert event.actor_reference == str(operator.public_id)


def test_an_operator_lets_all_try_again(desk: Client):
    stuck = [an_access(S.STUCK), an_access(S.STUCK)]
    assert "2 are tried again now." in desk.post(RETRY_ALL, follow=True).text
    assert {again(access).state for access in stuck} == {S.OPENING}


def test_what_is_not_stuck_cannot_be_tried_again(desk: Client):
    access = an_access(S.OPEN)
    assert desk.post(reverse("epa:retry", args=[access.public_id])).status_code == 409
    assert again(access).state == S.OPEN


@pytest.mark.parametrize("who", ["member", "plain_staff"])
def test_nobody_else_may(browser, member: Client, who: str):
    access = an_access(S.STUCK)
    client = member if who == "member" else browser(an_account(is_staff=True))
    retry = reverse("epa:retry", args=[access.public_id])
    answers = [client.get(DESK), client.post(RETRY_ALL), client.post(retry)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert again(access).state == S.STUCK


def test_looking_does_not_retry(desk: Client):
    access = an_access(S.STUCK)
    assert desk.get(reverse("epa:retry", args=[access.public_id])).status_code == 405
    assert desk.get(RETRY_ALL).status_code == 405
    assert again(access).state == S.STUCK


def test_nobody_is_asked_to_log_in(nobody: Client):
    assert "/konto/" in nobody.get(DESK)["Location"]


def test_the_command_counts_and_retries():
    access, other = an_access(S.STUCK, problem="http_403"), an_access(S.STUCK)
    out = StringIO()
    call_command("retry_epa_accesses", "--dry-run", stdout=out)
    assert again(access).state == S.STUCK
    call_command("retry_epa_accesses", "--problem", "http_403", stdout=out)
    assert out.getvalue() == "2 stuck\n1 tried again\n"
    assert [again(access).state, again(other).state] == [S.OPENING, S.STUCK]
