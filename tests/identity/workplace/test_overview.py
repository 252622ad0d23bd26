"""The first page: what waits, for whom, and how long; and what each page costs the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM
from core.audit import record
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import EntryState
from identity.cases.models import Review
from identity.cases.services import propose_decision
from tests.factories import a_case, a_review, a_suspension, an_attempt
from tests.identity.callbacks.conftest import an_entry
from tests.identity.workplace.conftest import AtMost, Login, text_of

pytestmark = pytest.mark.django_db


def page(browser: Login, account: Account) -> str:
    return text_of(browser(account).get(reverse("workplace:overview"))).replace("\xa0", " ")


def test_a_clerk_sees_how_many_reviews_wait_and_how_long(browser: Login, clerk: Account, second_clerk: Account):
    oldest, mine, other = a_review(), a_review(), a_review()
    Review.objects.filter(pk=oldest.pk).update(raised_at=timezone.now() - timedelta(days=2, hours=3))
    propose_decision(mine.pk, Review.Decision.REPEAT, "x", clerk=clerk)
    propose_decision(other.pk, Review.Decision.REPEAT, "x", clerk=second_clerk)
    shown = page(browser, clerk)

    assert "2 to do" in shown
    assert "1 for a first clerk, 1 for a second one." in shown
    assert "You proposed 1 of them that a colleague has to confirm." in shown
    assert "The oldest: 2 days, 3 hours." in shown


def test_a_clerk_sees_nothing_of_the_methods(browser: Login, clerk: Account):
    assert "suspended" not in page(browser, clerk)


def test_an_administrator_sees_methods_and_inbox_but_no_reviews(browser: Login, administrator: Account):
    a_review()
    a_suspension(effective_from=timezone.now() + timedelta(days=1))
    shown = page(browser, administrator)

    assert "2 methods suspended" in shown
    assert "1 suspension is planned." in shown
    assert "for a first clerk" not in shown


def test_the_inbox_is_told_with_what_was_given_up(browser: Login, clerk: Account):
    an_entry(EntryState.DEAD)
    an_entry(EntryState.FOR_PERSON, reference="b")
    an_entry(EntryState.WAITING, reference="c", next_try_at=timezone.now() + timedelta(hours=1))
    shown = page(browser, clerk)

    assert "1 given up, 1 belong to no attempt. 1 are being worked on." in shown
    assert "Nobody reads the inbox" not in shown


def test_an_inbox_that_nobody_reads_is_noticed(browser: Login, clerk: Account):
    an_entry(next_try_at=timezone.now() - timedelta(minutes=10))

    assert "Nobody reads the inbox" in page(browser, clerk)


def test_when_nothing_waits_it_says_so(browser: Login, clerk: Account):
    assert page(browser, clerk).count("Nothing to do") == 2


@pytest.mark.parametrize("many", [1, 12])
@pytest.mark.parametrize(
    ("name", "limit"),
    [("overview", 6), ("reviews", 6), ("review", 10), ("cases", 4), ("case", 10), ("inbox", 6), ("entry", 7),
     ("methods", 10), ("history", 6), ("suspend", 7), ("end", 5), ("audit", 7)],
)  # fmt: skip
def test_a_page_costs_the_same_however_much_there_is(
    browser: Login, clerk: Account, administrator: Account, at_most: AtMost, name: str, limit: int, many: int
):
    reviews = [a_review() for _ in range(many)]
    for review in reviews:
        an_attempt(case=reviews[0].case)
        a_suspension()
        an_entry(EntryState.DEAD, reference=review.attempt.reference)
        record("identity.attempt.started", review.attempt, actor=SYSTEM)
    arguments: dict[str, Any] = {
        "review": [reviews[0].pk],
        "case": [reviews[0].case.public_id],
        "entry": [InboxEntry.objects.first().pk],  # type: ignore[union-attr]
        "suspend": ["postident_eid"],
        "end": [a_suspension().pk],
    }
    a_case()
    client = browser(administrator if name in ("methods", "history", "suspend", "end", "audit") else clerk)
    client.get(reverse("workplace:overview"))

    with at_most(limit):
        client.get(reverse(f"workplace:{name}", args=arguments.get(name, [])))
