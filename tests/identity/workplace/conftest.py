"""What the tests of the workplace share. Pages are read in English: its words are those of the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from core.accounts.models import Account
from core.audit.models import AuditEvent
from identity.cases.effects.models import AffectedCase
from identity.cases.models import IdentificationCase, Result
from identity.cases.states import AttemptState
from identity.methods.models import Suspension
from identity.methods.records import Lifting
from identity.methods.services import propose_lifting
from identity.workplace.access import actor_of
from tests.factories import a_case, a_suspension, an_account, an_attempt

AtMost = Callable[[int], AbstractContextManager[None]]
Login = Callable[[Account | None], Client]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def staff_with(*permissions: str, **given: Any) -> Account:
    """A member of staff with these permissions of identity."""
    account = an_account(is_staff=True, **given)
    account.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return account


def a_clerk(**given: Any) -> Account:
    return staff_with("decide_reviews", "work_inbox_desk", **given)


def an_administrator(**given: Any) -> Account:
    return staff_with("steer_methods", "work_inbox_desk", **given)


def a_proposal(order: Suspension | None = None, by: Account | None = None, **given: Any) -> Lifting:
    """A proposal to lift an order, by some administrator or by this one."""
    draft = Lifting(suspension=order or a_suspension(), **{"evidence": "Report 7"} | given)
    return propose_lifting(draft, actor=actor_of(by or an_administrator()))


def a_held_result(order: Suspension, state: AttemptState = AttemptState.QUARANTINED, **given: Any) -> Result:
    """A result that came while an order stood."""
    attempt = given.pop("attempt", None) or an_attempt(state)
    usual: dict[str, Any] = {
        "attempt": attempt, "case": attempt.case, "method_used": attempt.method_id, "held_by": order,
        "identified_at": timezone.now(), "received_at": timezone.now(), "verdict": "match",
        "person": {"given_names": "Erika", "family_name": "Mustermann", "birth_date": "1964-08-12", "unchecked": []},
    }  # fmt: skip
    return Result.objects.create(**usual | given)


def an_affected_case(order: Suspension, case: IdentificationCase | None = None, **given: Any) -> AffectedCase:
    """A case that an order has met."""
    usual: dict[str, Any] = {"outcome": AffectedCase.Outcome.FROZEN, "carried_at": timezone.now()}
    return AffectedCase.objects.create(suspension=order, case=case or a_case(), **usual | given)


@pytest.fixture
def clerk(db: None) -> Account:
    return a_clerk()


@pytest.fixture
def second_clerk(db: None) -> Account:
    return a_clerk()


@pytest.fixture
def administrator(db: None) -> Account:
    return an_administrator()


@pytest.fixture
def browser() -> Login:
    """A browser that nobody, or this account, is logged in with."""

    def log_in(account: Account | None) -> Client:
        client = Client(headers={"accept-language": "en"})
        if account:
            client.force_login(account)
        return client

    return log_in


@pytest.fixture
def at_most() -> AtMost:
    """Fail when more queries are made; savepoints of the test's own transaction are not counted."""

    @contextmanager
    def count(limit: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        made = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
        assert len(made) <= limit, "\n".join(sql[:200] for sql in made)

    return count


def text_of(response: Any) -> str:
    """Return the words of a page's main part, one blank between them."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def title_of(response: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def audit_names() -> list[str]:
    return list(AuditEvent.objects.order_by("seq").values_list("name", flat=True))


@pytest.fixture
def colleague(db: None) -> Account:
    return an_administrator()


@pytest.fixture
def mine(administrator: Account) -> Suspension:
    """An order that the administrator at the desk has imposed just now."""
    return a_suspension(imposed_by=str(administrator.public_id))


@pytest.fixture
def theirs(colleague: Account) -> Suspension:
    """An order that a colleague has imposed just now."""
    return a_suspension(imposed_by=str(colleague.public_id))
