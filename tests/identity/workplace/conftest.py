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
from django.utils import translation

from core.accounts.models import Account
from core.audit.models import AuditEvent
from tests.factories import an_account

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
