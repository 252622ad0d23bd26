"""Connecting an account with an insured person, and all the ways of being refused, which must look the same."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent
from core.encryption import fields as encrypted_fields
from core.limits import LimitReached
from core.models import RateLimit
from identity.members import linking
from identity.members.linking import LinkRefused, link_insurance
from identity.members.models import Card, CardState, Insurant
from tests.factories import a_kvnr, an_account, an_insurant

pytestmark = pytest.mark.django_db
RIGHT = {"kvnr": "A123456780", "birth_date": "1964-08-12", "card_digits": "123456"}
UNKNOWN = a_kvnr(99_999_998)
YESTERDAY, TOMORROW = (timezone.localdate() + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def erika(db: None) -> Insurant:
    return an_insurant(account=None, kvnr="A123456780")


@pytest.fixture
def account(db: None) -> Account:
    return an_account()


def link(account: Account, *, address: str = "192.0.2.1", **given: str) -> Insurant:
    return link_insurance(account, address=address, **{**RIGHT, **given})


def owner_of(insurant: Insurant) -> Account | None:
    return Insurant.objects.get(pk=insurant.pk).account


def change(insurant: Insurant, **values: Any) -> None:
    Insurant.objects.filter(pk=insurant.pk).update(**values)


def without_card(insurant: Insurant) -> None:
    Card.objects.filter(insurant=insurant).update(state=CardState.BLOCKED)


Prepare = Callable[[Insurant], object]
# why it is refused: what is typed instead of the right thing, and what is done to the register before
REFUSALS: dict[str, tuple[dict[str, str], Prepare]] = {
    "an unknown number": ({"kvnr": UNKNOWN}, lambda erika: None),
    "a wrong birth date": ({"birth_date": "1964-08-13"}, lambda erika: None),
    "a birth date with less than is known": ({"birth_date": "1964-08-00"}, lambda erika: None),
    "wrong digits": ({"card_digits": "123457"}, lambda erika: None),
    "everything wrong": ({"birth_date": "1999-01-01", "card_digits": "000000"}, lambda erika: None),
    "a number that another account holds": ({}, lambda erika: change(erika, account=an_account())),
    "a membership that has ended": ({}, lambda erika: change(erika, member_to=YESTERDAY)),
    "a membership that has not begun": ({}, lambda erika: change(erika, member_from=TOMORROW)),
    "somebody who died": ({}, lambda erika: change(erika, died_on=YESTERDAY)),
    "a card that is blocked": ({}, without_card),
}  # fmt: skip
every_refusal = pytest.mark.parametrize("why", REFUSALS)


def refuse(why: str, erika: Insurant, account: Account) -> LinkRefused:
    typed, prepare = REFUSALS[why]
    prepare(erika)
    with pytest.raises(LinkRefused) as refused:
        link(account, **typed)
    return refused.value


def test_the_right_details_connect_account_and_insured_person(erika: Insurant, account: Account):
    assert link(account).account == account

    assert owner_of(erika) == account
    assert AuditEvent.objects.get(name="identity.insurant.linked").subject_id == str(erika.public_id)


def test_linking_twice_changes_nothing(erika: Insurant, account: Account):
    link(account)
    link(account)

    assert AuditEvent.objects.filter(name="identity.insurant.linked").count() == 1


def test_an_incomplete_birth_date_is_typed_as_the_register_has_it(account: Account):
    person = an_insurant(account=None, birth_date="1964-00-00")

    assert link(account, kvnr=person.kvnr, birth_date="1964-00-00").pk == person.pk


def test_the_digits_of_an_old_card_do_not_count(erika: Insurant, account: Account):
    without_card(erika)
    Card.objects.create(
        insurant=erika, iccsn="80276001090000654321", nfc=True, issued_on=date(2026, 1, 1), state="active"
    )

    with pytest.raises(LinkRefused):
        link(account)
    assert link(account, card_digits="654321").pk == erika.pk


@every_refusal
def test_nobody_is_connected_by(why: str, erika: Insurant, account: Account):
    error = refuse(why, erika, account)

    assert not Insurant.objects.filter(account=account).exists()
    assert (error.code, error.http_status) == ("link_refused", 422)
    assert str(error.detail) == str(LinkRefused.message)


@every_refusal
def test_a_refusal_is_noted_without_the_number_and_without_the_reason(why: str, erika: Insurant, account: Account):
    refuse(why, erika, account)

    event = AuditEvent.objects.get(name="identity.insurant.link_refused")
    assert (event.subject_type, event.subject_id, event.facts) == ("core.account", str(account.public_id), {})


def test_every_refusal_costs_the_same_statements_and_opens_as_many_values(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(LinkRefused):
        link(an_account(), kvnr=UNKNOWN)  # the first event of all makes the head of the trail
    opened = Counted(monkeypatch)
    costs = {}
    for number, why in enumerate(REFUSALS):
        person, account = an_insurant(account=None, kvnr=a_kvnr(50_000_000 + number)), an_account()
        typed, prepare = REFUSALS[why]
        prepare(person)
        opened.count = 0
        with CaptureQueriesContext(connection) as statements, pytest.raises(LinkRefused):
            link(account, **{"kvnr": person.kvnr, **typed})
        costs[why] = (len(statements), [shape(each["sql"]) for each in statements], opened.count)

    assert len({str(cost) for cost in costs.values()}) == 1, {why: cost[::2] for why, cost in costs.items()}


class Counted:
    """Counts the sealed values that are opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for module in (linking, encrypted_fields):
            monkeypatch.setattr(module, "unseal", self._counting(module.unseal))

    def _counting(self, unseal: Callable[..., bytes]) -> Callable[..., bytes]:
        def counting(*args: Any, **kwargs: Any) -> bytes:
            self.count += 1
            return unseal(*args, **kwargs)

        return counting


def shape(sql: str) -> str:
    """Return a statement without its values."""
    sql = re.sub(r"'(?:[^']|'')*'", "'…'", sql)
    return re.sub(r"\b[0-9]+\b", "0", re.sub(r"s[0-9]+_x[0-9]+", "savepoint", sql))


@every_refusal
def test_a_refusal_takes_its_time(why: str, erika: Insurant, account: Account, settings: Any):
    settings.LINK_FLOOR_SECONDS = 0.02
    began = time.monotonic()
    refuse(why, erika, account)

    assert time.monotonic() - began >= 0.02


@pytest.mark.slow
def test_known_and_unknown_numbers_cannot_be_told_apart_by_the_clock(erika: Insurant, account: Account, settings: Any):
    """The least of several times is what neighbours on the machine disturb least."""
    settings.LINK_FLOOR_SECONDS = 0.08
    settings.LINK_LIMITS = dict.fromkeys(settings.LINK_LIMITS, (100, 3600))
    kinds = [{"card_digits": "654321"}, {"birth_date": "1964-08-13"}, {"kvnr": UNKNOWN}]

    def seconds(typed: dict[str, str]) -> float:
        began = time.perf_counter()
        with pytest.raises(LinkRefused):
            link(account, **typed)
        return time.perf_counter() - began

    rounds = [[seconds(typed) for typed in kinds] for _ in range(5)]

    least = [min(times) for times in zip(*rounds, strict=True)]
    assert min(least) >= 0.08
    assert max(least) - min(least) < 0.04


class Clock:
    """Stands in for `time` and `threading`: moves only when told or waited for."""

    def __init__(self) -> None:
        self.now, self.depths = 100.0, list[int]()

    def monotonic(self) -> float:
        return self.now

    def Event(self) -> Clock:  # noqa: N802 (the name of threading)
        return self

    def wait(self, seconds: float) -> None:
        self.depths.append(len(connection.savepoint_ids))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for name in ("time", "threading"):
        monkeypatch.setattr(linking, name, made)
    return made


@pytest.mark.parametrize(("took", "answered"), [(0.0, 0.4), (0.001, 0.4), (0.39, 0.4), (0.5, 0.8), (1.0, 1.2)])
def test_a_refusal_ends_at_a_whole_multiple_of_its_time(clock: Clock, took: float, answered: float):
    def refuse_after_work() -> None:
        with linking._at_least(0.4):
            clock.now += took
            raise LinkRefused

    with pytest.raises(LinkRefused):
        refuse_after_work()
    assert clock.now - 100 == pytest.approx(answered)


def test_who_is_connected_does_not_wait(clock: Clock, erika: Insurant, account: Account, settings: Any):
    settings.LINK_FLOOR_SECONDS = 0.4
    link(account)

    assert clock.depths == []


def test_no_transaction_is_open_while_a_refusal_waits(clock: Clock, erika: Insurant, account: Account, settings: Any):
    settings.LINK_FLOOR_SECONDS = 0.4
    outside = len(connection.savepoint_ids)
    refuse("wrong digits", erika, account)

    assert clock.depths == [outside]


# --- one account, one insured person ---------------------------------------------------------------------------------


def test_an_account_of_somebody_else_is_refused_like_anything_else(erika: Insurant):
    other = an_insurant()
    assert other.account

    with pytest.raises(LinkRefused):
        link(other.account)
    assert owner_of(erika) is None
    assert owner_of(other) == other.account


def test_the_database_itself_keeps_an_account_to_one_insured_person(erika: Insurant):
    other = an_insurant()

    with pytest.raises(IntegrityError), transaction.atomic():
        change(erika, account=other.account)


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_at_once_one_wins(at_once: Callable[..., list[Any]], meet_at: Callable[..., None]):
    erika = an_insurant(account=None, kvnr="A123456780")
    accounts = [an_account(), an_account()]
    meet_at(linking, "_connect")
    results = at_once(*(lambda each=each: link(each) for each in accounts))

    assert sorted(type(result).__name__ for result in results) == ["Insurant", "LinkRefused"]
    winner = accounts[0] if isinstance(results[0], Insurant) else accounts[1]
    assert owner_of(erika) == winner
    assert AuditEvent.objects.filter(name="identity.insurant.linked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_insured_people_for_one_account_at_once_one_wins(
    at_once: Callable[..., list[Any]], meet_at: Callable[..., None]
):
    people = [an_insurant(account=None), an_insurant(account=None)]
    account = an_account()
    meet_at(linking, "_connect")
    results = at_once(*(lambda each=each: link(account, kvnr=each.kvnr) for each in people))

    assert sorted(type(result).__name__ for result in results) == ["Insurant", "LinkRefused"]
    assert Insurant.objects.filter(account=account).count() == 1


# --- limits ----------------------------------------------------------------------------------------------------------


def limited_to(settings: Any, name: str, hits: int) -> None:
    settings.LINK_LIMITS = {**dict.fromkeys(settings.LINK_LIMITS, (100, 3600)), name: (hits, 3600)}


@pytest.mark.parametrize("name", ["account", "address", "number", "global"])
def test_guessing_is_limited_by(name: str, erika: Insurant, settings: Any):
    """What the limit is about stays the same from guess to guess, everything else changes."""
    limited_to(settings, name, 2)
    one = an_account()

    def guess(number: int, **given: str) -> None:
        account = one if name == "account" else an_account()
        address = "192.0.2.1" if name == "address" else f"192.0.2.{number}"
        asked = "A123456780" if name == "number" else a_kvnr(60_000_000 + number)
        link(account, address=address, **{"kvnr": asked, "card_digits": "000000", **given})

    for number in (1, 2):
        with pytest.raises(LinkRefused):
            guess(number)
    with pytest.raises(LimitReached) as reached:
        guess(3)
    assert 0 < reached.value.retry_after_seconds <= 3600
    with pytest.raises(LimitReached):  # the right answer comes too late as well
        guess(4, **RIGHT)
    assert owner_of(erika) is None


@pytest.mark.parametrize("name", ["account", "address", "number"])
def test_a_limit_of_one_does_not_stop_others(name: str, erika: Insurant, account: Account, settings: Any):
    limited_to(settings, name, 1)
    with pytest.raises(LinkRefused):
        link(an_account(), address="192.0.2.99", kvnr=UNKNOWN)

    assert link(account).pk == erika.pk


def test_what_was_counted_stays_counted_when_the_answer_is_no(erika: Insurant, account: Account, settings: Any):
    limited_to(settings, "number", 1)
    with pytest.raises(LinkRefused):
        link(account, card_digits="000000")

    with pytest.raises(LimitReached):
        link(an_account())


def test_the_counters_hold_neither_number_nor_address(erika: Insurant, account: Account):
    link(account)

    held = str(list(RateLimit.objects.values_list()))
    assert "A123456780" not in held
    assert "192.0.2" not in held


# --- the page --------------------------------------------------------------------------------------------------------


def page_for(why: str, number: int) -> tuple[int, str, int, str]:
    """Return status, text, size and headers of the page that somebody gets for this reason."""
    person = an_insurant(account=None, kvnr=a_kvnr(70_000_000 + number))
    typed, prepare = REFUSALS[why]
    prepare(person)
    given = {**RIGHT, "kvnr": person.kvnr, **typed}
    year, month, day = (given["birth_date"] if "birth_date" not in typed else "1964-08-13").split("-")
    client = Client(headers={"accept-language": "de"})
    client.force_login(an_account(f"person{number:02d}@example.org"))
    boxes = {"birth_date_0": day, "birth_date_1": month, "birth_date_2": year}
    answer = client.post(
        reverse("identity:link"), {"kvnr": given["kvnr"], "card_digits": given["card_digits"], **boxes}
    )
    text = re.sub(r'\b(value|nonce)="[^"]*"', "", answer.text)  # what was typed, and what is random
    text = text.replace(f"person{number:02d}@", "person@")
    headers = [f"{name}: {value}" for name, value in answer.items() if name != "Expires" and "nonce" not in value]
    return answer.status_code, text, len(answer.content), str(headers)


def test_the_page_is_the_same_in_status_text_size_and_headers_whatever_was_wrong():
    pages = {why: page_for(why, number) for number, why in enumerate(REFUSALS)}

    statuses, texts, sizes, headers = (set(each) for each in zip(*pages.values(), strict=True))
    assert statuses == {422}
    assert len(texts) == 1, [why for why, page in pages.items() if page[1] != pages["an unknown number"][1]]
    assert len(sizes) == 1, {why: page[2] for why, page in pages.items()}
    assert len(headers) == 1
