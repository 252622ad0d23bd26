"""The switch of languages: of the pages for everybody, of the mails for whoever is logged in."""

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from tests.factories import an_account

pytestmark = pytest.mark.django_db


def choose(client: Client, language: str, then: str = "/verfahren/"):
    return client.post(reverse("identity:language"), {"language": language, "next": then})


def test_pages_come_in_german_and_the_switch_leads_back_to_the_same_page():
    client = Client()
    assert '<html lang="de">' in client.get(reverse("identity:methods")).text

    back = choose(client, "en", then=reverse("identity:methods"))

    assert back["Location"] == reverse("identity:methods")
    assert '<html lang="en">' in client.get(reverse("identity:methods")).text


def test_the_mails_of_whoever_is_logged_in_come_in_the_chosen_language_from_now_on(member: Client, account: Account):
    neighbour = an_account()

    choose(member, "en")

    account.refresh_from_db()
    neighbour.refresh_from_db()
    assert (account.language, neighbour.language) == ("en", "de")


def test_nobody_logged_in_changes_no_account(nobody: Client, account: Account):
    assert choose(nobody, "en").status_code == 302

    account.refresh_from_db()
    assert account.language == "de"


@pytest.mark.parametrize("language", ["fr", "", "en-GB", "xx", "en\n", "<b>"])
def test_a_language_that_we_do_not_speak_changes_nothing(member: Client, account: Account, language: str):
    assert choose(member, language).status_code == 302

    account.refresh_from_db()
    assert account.language == "de"
    assert '<html lang="en">' in member.get(reverse("identity:methods")).text  # as the browser asks


def test_a_link_changes_no_language(member: Client, account: Account):
    assert member.get(reverse("identity:language"), {"language": "en"}).status_code == 405

    account.refresh_from_db()
    assert account.language == "de"


def test_the_switch_leads_to_no_other_site(member: Client):
    assert choose(member, "en", then="https://evil.example/")["Location"] == "/"


def test_the_switch_stands_on_every_page_and_goes_where_it_should(nobody: Client):
    assert f'action="{reverse("identity:language")}"' in nobody.get(reverse("pages:imprint")).text
