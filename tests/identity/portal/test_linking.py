"""Connecting the insurance."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import RateLimit
from identity.members.models import Insurant
from identity.portal.forms import LinkForm
from tests.factories import a_kvnr, an_insurant

pytestmark = pytest.mark.django_db
ADDRESS = "/versicherung/"


@pytest.fixture(autouse=True)
def _no_wait(settings):
    settings.LINK_FLOOR_SECONDS = 0


@pytest.fixture
def person(db: None) -> Insurant:
    return an_insurant(account=None, kvnr="A123456780", card_last6="123456")


def typed(**given: str) -> dict[str, str]:
    usual = {
        "kvnr": "a123 456 780",
        "birth_date_0": "12",
        "birth_date_1": "8",
        "birth_date_2": "1964",
        "card_digits": "123 456",
    }
    return usual | given


def test_the_right_details_connect_the_account_and_lead_on(newcomer: Client, person: Insurant):
    answer = newcomer.post(ADDRESS, typed())

    assert answer["Location"] == reverse("identity:purpose")
    person.refresh_from_db()
    assert person.account is not None


def test_the_whole_card_number_may_be_typed(newcomer: Client, person: Insurant):
    number = person.cards.get().iccsn

    assert newcomer.post(ADDRESS, typed(card_digits=number)).status_code == 302


def test_a_wrong_an_unknown_and_a_foreign_number_get_the_same_answer(newcomer: Client, person: Insurant):
    taken = an_insurant()
    wrong = newcomer.post(ADDRESS, typed(card_digits="654321"))
    unknown = newcomer.post(ADDRESS, typed(kvnr=a_kvnr(99999998)))
    foreign = newcomer.post(ADDRESS, typed(kvnr=taken.kvnr))

    assert wrong.status_code == unknown.status_code == foreign.status_code == 422
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert len({len(each.context["form"].errors) for each in (wrong, unknown, foreign)}) == 1
    summaries = {each.text.split("data-error-summary")[1].split("</div>")[0] for each in (wrong, unknown, foreign)}
    assert len(summaries) == 1


def test_what_was_typed_stays_in_the_form(newcomer: Client, person: Insurant):
    page = newcomer.post(ADDRESS, typed(card_digits="12"))

    assert page.status_code == 422
    assert 'value="a123 456 780"' in page.text
    assert 'value="1964"' in page.text


@pytest.mark.parametrize("kvnr", ["", "A12", "A123456789", "Ä123456780", "A12345678٠"])
def test_a_number_with_a_typing_error_is_told_apart_from_an_unknown_one(kvnr: str):
    form = LinkForm(typed(kvnr=kvnr))

    assert "kvnr" in form.errors


@pytest.mark.parametrize(
    ("day", "month", "year", "cleaned"),
    [
        ("12", "8", "1964", "1964-08-12"),
        ("", "", "1964", "1964-00-00"),
        ("", "8", "1964", "1964-08-00"),
        ("00", "00", "1964", "1964-00-00"),
        ("0", "8", "1964", "1964-08-00"),
        ("29", "2", "1964", "1964-02-29"),
    ],
)
def test_a_birth_date_may_be_incomplete(day: str, month: str, year: str, cleaned: str):
    form = LinkForm(typed(birth_date_0=day, birth_date_1=month, birth_date_2=year))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["birth_date"] == cleaned


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("", "", ""),
        ("12", "8", ""),
        ("12", "", "1964"),
        ("30", "2", "1964"),
        ("1", "13", "1964"),
        ("1", "1", "64"),
        ("x", "1", "1964"),
        ("1", "-1", "1964"),
    ],
)
def test_a_day_that_no_calendar_has_is_refused(day: str, month: str, year: str):
    form = LinkForm(typed(birth_date_0=day, birth_date_1=month, birth_date_2=year))

    assert "birth_date" in form.errors


def test_too_many_attempts_pause_with_a_way_out(newcomer: Client, person: Insurant, settings):
    settings.LINK_LIMITS = {**settings.LINK_LIMITS, "account": (2, 3600)}
    for _ in range(2):
        assert newcomer.post(ADDRESS, typed(card_digits="654321")).status_code == 422

    page = newcomer.post(ADDRESS, typed())

    assert page.status_code == 429
    assert int(page["Retry-After"]) > 3000
    assert settings.CONTACT_PHONE in page.text
    person.refresh_from_db()
    assert person.account is None
    assert RateLimit.objects.exists()


def test_who_is_connected_already_is_led_to_the_overview(member: Client):
    assert member.get(ADDRESS)["Location"] == reverse("identity:home")


def test_a_typing_error_does_not_count_as_an_attempt(newcomer: Client, person: Insurant):
    newcomer.post(ADDRESS, typed(kvnr="A12"))

    assert not RateLimit.objects.exists()
