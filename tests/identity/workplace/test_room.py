"""The room: how everything stands, on one page that comes anew by itself."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.outbox.models import OutgoingMessage
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import EntryState
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Purpose
from identity.workplace.room.charts import Chart, Mark, Series
from identity.workplace.room.figures import DAYS, cost_per_case, read_figures
from identity.workplace.room.standing import orders_since, rows_of
from identity.workplace.room.views import duration
from tests.factories import a_case, a_suspension, an_attempt, an_insurer, lift
from tests.identity.callbacks.conftest import an_entry
from tests.identity.workplace.conftest import AtMost, Login, staff_with, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
EID, POST_OFFICE = "postident_eid", "postident_branch"


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


def look(desk: Client, **given: str) -> Any:
    return desk.get(reverse("workplace:room"), given)


def identified(method: str = POST_OFFICE, *, after: timedelta = timedelta(hours=2), days_ago: int = 1) -> Result:
    """Somebody who applied and was identified so long after it."""
    at = timezone.now() - timedelta(days=days_ago)
    case = a_case(CaseState.IDENTIFIED, method_id=method)
    IdentificationCase.objects.filter(pk=case.pk).update(opened_at=at - after)
    attempt = an_attempt(AttemptState.SUCCEEDED, case=case, method_id=method)
    Attempt.objects.filter(pk=attempt.pk).update(intended_at=at - after)
    return Result.objects.create(
        attempt=attempt, case=case, method_used=method, identified_at=at, received_at=at, granted_at=at, person={},
        verdict="match", level_reached=3,
    )  # fmt: skip


def cell(code: str, purpose: Purpose) -> Any:
    rows = rows_of(orders_since(timezone.now() - timedelta(days=30)))
    row = next(row for row in rows if row.method.code == code)
    return next(each for each in row.cells if each.purpose == purpose)


def test_every_method_stands_there_with_its_state_for_every_purpose(desk: Client):
    shown = text_of(look(desk))

    for words in ("Video call (Video-Ident)", "Suspended", "gematik, 9. August 2022", "Online ID card", "Open"):
        assert words in shown


def test_a_suspension_is_seen_at_once_with_its_order_and_since_when():
    order = a_suspension(EID, purpose=Purpose.PIN)
    found = cell(EID, Purpose.PIN)

    assert (found.kind, found.since, found.orders) == ("danger", order.effective_from, [order])
    assert cell(EID, Purpose.EPA).kind == "success"
    assert found.lines[0]["unconfirmed"]


def test_an_order_for_one_insurer_restricts():
    a_suspension(EID, insurer=an_insurer())

    assert cell(EID, Purpose.EPA).kind == "warning"


def test_after_a_lifting_it_is_open_since_then():
    order = lift(a_suspension(EID, effective_from=timezone.now() - timedelta(days=2)))

    assert cell(EID, Purpose.EPA).since == order.ends_at


def test_cases_are_counted_by_state():
    a_case()
    a_case(CaseState.IDENTIFYING, method_id=EID)
    a_case(CaseState.CANCELLED)
    IdentificationCase.objects.filter(pk=a_case(CaseState.EXPIRED).pk).update(
        closed_at=timezone.now() - timedelta(days=DAYS + 1)
    )
    figures = read_figures()

    assert figures.open_cases == {"choosing": 1, "identifying": 1}
    assert figures.closed_cases == {"cancelled": 1}


def test_starts_and_successes_are_counted_by_method_and_day():
    identified(days_ago=3)
    identified(days_ago=3)
    an_attempt(AttemptState.FAILED)
    figures = read_figures().methods[POST_OFFICE]
    day = timezone.localdate() - timedelta(days=3)

    assert figures.successes == {day: 2}
    assert (figures.started, figures.identified, figures.success_percent) == (3, 2, 67)


def test_an_attempt_that_is_under_way_does_not_lower_the_rate():
    identified()
    an_attempt()

    assert read_figures().methods[POST_OFFICE].success_percent == 100


def test_half_and_nine_of_ten_are_identified_within():
    for hours in (1, 2, 3, 4, 100):
        identified(after=timedelta(hours=hours))
    figures = read_figures().methods[POST_OFFICE]

    assert figures.median_seconds == pytest.approx(3 * 3600)
    assert figures.ninetieth_seconds == pytest.approx((4 + 0.6 * 96) * 3600)


def test_what_a_success_costs_includes_the_starts_without_one(settings: Any):
    settings.METHOD_FEES_CENTS = {POST_OFFICE: (100, 700)}
    identified()
    an_attempt()
    methods = read_figures().methods

    assert cost_per_case(POST_OFFICE, methods[POST_OFFICE]) == Decimal(9)
    assert cost_per_case(EID, methods[EID]) is None


def test_dead_letters_and_what_waits_are_counted(desk: Client):
    now = timezone.now()
    an_entry(EntryState.DEAD, provider_case_id="A")
    an_entry(EntryState.FOR_PERSON, provider_case_id="B")
    InboxEntry.objects.filter(pk=an_entry(provider_case_id="C").pk).update(next_try_at=now - timedelta(minutes=9))
    OutgoingMessage.objects.create(key="a", template="identity/declared", recipient="x@example.org")
    figures = read_figures()

    assert (figures.dead_letters, figures.unread, figures.inbox["for_person"]) == (1, 1, 1)
    assert figures.messages == {"waiting": 1}
    assert figures.oldest_unread_seconds == pytest.approx(540, abs=5)
    assert "Is a worker running?" in text_of(look(desk))


def test_orders_that_nobody_has_confirmed_stand_on_top(desk: Client):
    a_suspension(EID, order_reference="Az. 9")
    shown = text_of(look(desk))

    assert "Orders that a second person has to confirm" in shown
    assert "Az. 9" in shown


def test_an_order_is_marked_in_the_charts_on_its_day(desk: Client):
    identified()
    a_suspension(EID, effective_from=timezone.now() - timedelta(days=2))
    chart = look(desk).context["charts"][0]

    assert [mark.place for mark in chart.marks] == [DAYS - 3]
    assert "Online ID card suspended" in chart.rows[DAYS - 3][2][0]


def test_the_figures_of_a_chart_stand_beside_it_and_nothing_is_inline(desk: Client):
    identified()
    page = look(desk).content.decode()
    data = re.search(r'<script id="starts-data" type="application/json">(.*?)</script>', page)

    assert data
    assert len(json.loads(data[1])["labels"]) == DAYS
    assert page.count("<canvas") == page.count('<caption class="vw-sr-only">Starts by method and day') * 2 == 2
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert " style=" not in page


def test_an_empty_house_has_a_room_too(desk: Client):
    shown = text_of(look(desk))

    assert "There is nothing to show yet." in shown
    assert "Nobody has begun anything in this time." in shown


def test_it_comes_anew_by_itself_until_somebody_wants_it_to_stay(desk: Client):
    assert look(desk)["Refresh"] == "60"
    assert "Refresh" not in look(desk, stehen="1")


def test_the_figures_cost_few_queries_however_many_cases(at_most: AtMost):
    for _ in range(3):
        identified()
    with at_most(8):  # one of them tells the planner how
        figures = read_figures()
        rows_of(orders_since(figures.as_of - timedelta(days=30)))


def test_the_room_is_closed_to_others(browser: Login):
    page = reverse("workplace:room")

    assert browser(None).get(page).status_code == 302
    assert browser(staff_with("decide_reviews", "work_inbox_desk")).get(page).status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (40, "40 s"), (600, "10 min"), (9000, "2.5 h"), (5 * 86400, "5.0 days")],
)
def test_times_are_said_in_their_largest_unit(seconds: float | None, words: str):
    assert duration(seconds) == words


def test_a_chart_is_a_table_too():
    chart = Chart("c", "Title", "Day", ["Mon", "Tue"], [Series("a", [0, 1234]), Series("b", [2.5, 0])],
                  marks=[Mark(1, "something")])  # fmt: skip

    assert chart.rows == [("Mon", ["0", "2.5"], []), ("Tue", ["1,234", "0"], ["something"])]
    assert not chart.is_empty
    assert Chart("c", "Title", "Day", ["Mon"], [Series("a", [0])]).is_empty
