"""The status page in its three languages, in every state of an order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.methods.choices import Effect
from identity.methods.services import undo_suspension
from tests.factories import an_account, an_administrator, lift
from tests.identity.status.conftest import an_order
from tests.identity.workplace.conftest import text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now
PLAIN = reverse("identity:status_plain")
PAGE = reverse("identity:methods")


def page_of(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer)


def test_anybody_reads_what_works_for_which_purpose(nobody):
    page = page_of(nobody)
    assert "Access to the electronic patient record (ePA) Possible online Online: Online ID card." in page
    assert "PIN of the health card Possible online" in page
    assert "Existing access to the ePA is not affected" in page
    assert "What has happened, and what it means" not in page


def test_an_order_in_force_says_what_happened_and_what_it_means(nobody, settings):
    order = an_order("postident_eid", purpose="pin")
    page = page_of(nobody)
    assert "What has happened, and what it means Online ID card: suspended since" in page
    assert order.public_text_en in page
    assert "Suspended only for: PIN of the health card." in page
    assert "Access to the electronic patient record (ePA) Not affected." in page
    assert "PIN of the health card At the moment there is no way online. In person: In a post office" in page
    assert "Ordered by gematik" in page
    assert "Until further notice." in page
    assert settings.CONTACT_PHONE in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "please choose another way. What you have entered"),
        ({"effect": Effect.FREEZE}, "your place is kept and every deadline stops"),
        ({"effect": Effect.FINISH, "finish_until": NOW() + timedelta(days=3)}, "you can finish until"),
        ({"effect": Effect.VOID, "void_since": NOW() - timedelta(days=3)}, "is asked to do it again"),
    ],
)
def test_each_effect_is_told_to_those_who_have_begun(nobody, given, sentence):
    an_order(**given)
    page = page_of(nobody)
    assert "If you have begun: " in page
    assert sentence in page


def test_a_planned_order_is_told_before_it_begins(nobody):
    an_order(effective_from=NOW() + timedelta(days=2))
    page = page_of(nobody)
    assert "In a post office: suspended from" in page
    assert "Planned" in page


def test_an_order_that_was_lifted_stands_under_the_changes(nobody):
    lift(an_order())
    page = page_of(nobody)
    assert "What has happened, and what it means" not in page
    assert "The last changes" in page
    assert "In a post office: suspension lifted" in page


def test_an_order_that_was_taken_back_leaves_a_public_change(nobody):
    undo_suspension(an_order().pk, actor=an_administrator())
    page = page_of(nobody)
    assert "In a post office: suspension taken back" in page
    assert "What has happened, and what it means" not in page


def test_the_page_says_how_old_it_is(nobody):
    assert "Last change:" not in page_of(nobody)
    an_order()
    assert "As of:" in page_of(nobody)
    assert "Last change:" in page_of(nobody)


@pytest.mark.parametrize("state", ["unreadable", "dead_database"])
@pytest.mark.parametrize(
    ("address", "words"), [(PAGE, "Not known at the moment"), (PLAIN, "Wir wissen es gerade nicht")]
)
def test_what_cannot_be_read_is_never_called_available(nobody, request, state, address, words):
    request.getfixturevalue(state)
    page = page_of(nobody, address)
    assert words in page
    for word in ("Available", "Possible online", "Diese Wege sind offen:"):
        assert word not in page


def test_the_start_page_calls_nothing_open_that_cannot_be_read(nobody, unreadable):
    page = page_of(nobody, reverse("identity:start"))
    assert "Available:" not in page
    assert "We cannot tell at the moment which ways are open." in page


def test_the_page_comes_in_german():
    an_order()
    page = text_of(Client(headers={"accept-language": "de"}).get(PAGE))
    assert "Die gematik hat allen gesetzlichen Krankenkassen untersagt" in page


def test_plain_german_comes_in_short_sentences_whatever_the_language_of_the_frame(nobody):
    order = an_order("postident_eid")
    page = page_of(nobody, PLAIN)
    assert "Online-Ausweis Dieser Weg ist gesperrt." in page
    assert order.public_text_plain in page
    assert "Im Internet geht es gerade nicht. Diese Wege sind offen: In einer Postfiliale" in page
    assert "Sie behalten Ihren Zugang." in page
    assert "Video-Anruf (Video-Ident) Gesperrt seit dem 9. August 2022." in page


def test_plain_german_announces_and_tells_what_is_over(nobody):
    order = an_order("postident_eid", effective_from=NOW() + timedelta(days=1))
    assert "Dieser Weg wird gesperrt." in page_of(nobody, PLAIN)
    undo_suspension(order.pk, actor=an_administrator())
    assert "Was ist passiert?" not in page_of(nobody, PLAIN)


@pytest.mark.parametrize("address", [PAGE, PLAIN])
def test_nobody_who_steers_is_named(nobody, address):
    boss = an_administrator()
    an_order("postident_eid")
    text = nobody.get(address).text
    assert boss.reference not in text
    assert "imposed_by" not in text


@pytest.mark.parametrize("address", [PAGE, PLAIN])
def test_the_pages_take_few_queries(nobody, browser, address, at_most_queries):
    an_order()
    an_order("postident_eid")
    member = browser(an_account())
    for reader in (nobody, member):
        with at_most_queries(10):
            reader.get(address)


@pytest.mark.parametrize(("before", "now"), [("methods_before", "methods"), ("methods_feed", "api_methods")])
def test_addresses_of_former_days_lead_to_the_same(nobody, before, now):
    answer = nobody.get(reverse(f"identity:{before}"))
    assert (answer.status_code, answer["Location"]) == (301, reverse(f"identity:{now}"))
