"""What the tests of the pages share. Pages are read in English: its words are those of the source."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.accounts.models import Account
from identity.cases.models import Attempt
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.factories import a_case, an_account, an_attempt, an_insurant
from tests.identity.scripted import ScriptedProvider

AtMost = Callable[[int], AbstractContextManager[None]]
Login = Callable[[Account | None], Client]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


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
def insurant(db: None) -> Insurant:
    return an_insurant()


@pytest.fixture
def account(insurant: Insurant) -> Account:
    """The account of the insured person."""
    assert insurant.account is not None
    return insurant.account


@pytest.fixture
def member(insurant: Insurant, browser: Login) -> Client:
    """The browser of the insured person."""
    return browser(insurant.account)


@pytest.fixture
def stranger(db: None, browser: Login) -> Client:
    """The browser of another insured person."""
    return browser(an_insurant().account)


@pytest.fixture
def newcomer(db: None, browser: Login) -> Client:
    """The browser of somebody who has an account and nothing else."""
    return browser(an_account())


@pytest.fixture
def nobody(browser: Login) -> Client:
    return browser(None)


@pytest.fixture
def at_most_queries(db: None) -> AtMost:
    """Fail when a block takes more queries. Savepoints do not count: they are the test's own transaction."""

    @contextmanager
    def watch(most: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as seen:
            yield
        counted = [query["sql"] for query in seen if "SAVEPOINT" not in query["sql"]]
        assert len(counted) <= most, "\n".join(counted)

    return watch


@pytest.fixture
def attempt(insurant: Insurant, provider: ScriptedProvider) -> Attempt:
    """A coupon of the post office, under way."""
    return an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant, method_id="postident_branch"))
