"""The first page: what waits, for whom, and how long; and what each page costs the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from core.accounts.models import Account
from core.actors import SYSTEM
from core.audit import record
from core.audit.anchors import anchor
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import EntryState
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.effects.models import OrderRun
from identity.cases.models import Review
from identity.cases.services import propose_decision
from identity.methods.choices import Effect
from identity.methods.services import withdraw_lifting
from identity.workplace.access import actor_of
from tests.factories import a_case, a_review, a_suspension, an_attempt
from tests.identity.callbacks.conftest import an_entry
from tests.identity.workplace.conftest import AtMost, Login, a_held_result, a_proposal, an_affected_case, text_of

pytestmark = pytest.mark.django_db
STEERING = (
    "methods", "history", "history_json", "history_print", "suspend", "order", "lift", "quarantine", "audit",
)  # fmt: skip


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
    assert "Quarantine Empty" in page(browser, clerk)


@pytest.mark.parametrize("many", [1, 12])
@pytest.mark.parametrize(
    ("name", "limit"),
    [("overview", 8), ("reviews", 6), ("review", 10), ("cases", 4), ("case", 10), ("inbox", 6), ("entry", 7),
     ("methods", 10), ("history", 10), ("history_json", 10), ("history_print", 10), ("suspend", 8), ("order", 10),
     ("lift", 7), ("quarantine", 9), ("audit", 7)],
)  # fmt: skip
def test_a_page_costs_the_same_however_much_there_is(
    browser: Login, clerk: Account, administrator: Account, at_most: AtMost, settings: Any, tmp_path: Path,
    name: str, limit: int, many: int,
):  # fmt: skip
    settings.AUDIT_ANCHOR_FILE = tmp_path / "anchors"
    reviews = [a_review() for _ in range(many)]
    order = a_suspension("robo_ident", effect="freeze")
    OrderRun.objects.create(suspension=order, phase="middle", started_at=timezone.now())
    for review in reviews:
        an_attempt(case=reviews[0].case)
        a_suspension()
        an_entry(EntryState.DEAD, reference=review.attempt.reference)
        record("identity.attempt.started", review.attempt, actor=SYSTEM)
        held = a_held_result(order)
        an_affected_case(order, held.case)
        withdraw_lifting(a_proposal(order).pk, actor=actor_of(administrator))
    arguments: dict[str, Any] = {
        "review": [reviews[0].pk],
        "case": [reviews[0].case.public_id],
        "entry": [InboxEntry.objects.first().pk],  # type: ignore[union-attr]
        "suspend": ["postident_eid"],
        "order": [order.pk],
        "lift": [order.pk],
    }
    a_case()
    client = browser(administrator if name in STEERING else clerk)
    client.get(reverse("workplace:overview"))

    with at_most(limit):
        client.get(reverse(f"workplace:{name}", args=arguments.get(name, [])))


@pytest.mark.parametrize("effect", Effect)
def test_the_case_costs_the_same_while_an_order_does_something_to_it(
    browser: Login, clerk: Account, at_most: AtMost, effect: Effect
):
    case = an_attempt(case=a_review().case).case
    record("identity.case.viewed", case, actor=SYSTEM)
    moment = timezone.now() + timedelta(hours=1)
    a_suspension(
        effect=effect, finish_until=moment if effect is Effect.FINISH else None,
        void_since=timezone.now() - timedelta(hours=1) if effect is Effect.VOID else None,
    )  # fmt: skip
    carry_out_orders()
    client = browser(clerk)
    client.get(reverse("workplace:overview"))

    with at_most(10):
        assert client.get(reverse("workplace:case", args=[case.public_id])).status_code == 200


def test_comparing_the_trail_with_its_anchor_costs_the_audit_page_one_query(
    browser: Login, administrator: Account, at_most: AtMost, settings: Any, tmp_path: Path
):
    settings.AUDIT_ANCHOR_FILE = tmp_path / "anchors"
    record("identity.attempt.started", an_attempt(), actor=SYSTEM)
    anchor()
    client = browser(administrator)
    client.get(reverse("workplace:overview"))

    with at_most(8):
        answer = client.get(reverse("workplace:audit"))
    assert "The trail fits its last anchor" in text_of(answer)


@pytest.mark.parametrize("administrators", [True, False])
def test_orders_that_need_a_look_are_told_to_administrators_only(
    browser: Login, clerk: Account, administrator: Account, administrators: bool
):
    first = a_suspension(imposed_at=timezone.now() - timedelta(days=3))
    a_suspension("postident_eid", purpose="pin", confirmed_by="another", confirmed_at=timezone.now())
    a_suspension("postident_eid", purpose="epa", review_on=timezone.localdate(), imposed_by="system")
    shown = page(browser, administrator if administrators else clerk)

    assert ("1 suspension waits for a second person since" in shown) == administrators
    assert (date_format(timezone.localtime(first.imposed_at), "SHORT_DATETIME_FORMAT") in shown) == administrators
    assert ("1 suspension is to be looked at again" in shown) == administrators


def test_what_is_in_quarantine_is_told_with_its_age(browser: Login, clerk: Account):
    a_held_result(a_suspension(effect="freeze"), received_at=timezone.now() - timedelta(days=2, hours=1))
    shown = page(browser, clerk)

    assert "1 result They wait until the suspension is lifted. The oldest: 2 days, 1 hour." in shown
