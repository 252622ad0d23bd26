"""Pages that no journey comes by: public ones, mails, errors, and both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from identity.portal.previews import templates
from tests.journeys.insured import Insured
from tests.journeys.visitor import Visitor

PUBLIC = {
    "/": "start",
    "/hilfe/": "help",
    "/hilfe/?plz=51147": "help-found",
    "/status/": "methods",
    "/status/einfach/": "methods-plain",
    "/konto/login/": "log-in",
    "/konto/signup/": "sign-up",
    "/konto/password/reset/": "password-reset",
    "/entwicklung/mails/": "mails",
}
OWN = {
    "/uebersicht/": "overview-new",
    "/versicherung/": "link",
    "/konto/email/": "account-email",
    "/konto/password/change/": "account-password",
    "/konto/2fa/": "account-second-factor",
    "/konto/logout/": "log-out",
}


@pytest.fixture
def guest(visit: Callable[..., Any]) -> Visitor:
    visitor: Visitor = visit(Visitor)
    return visitor


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_can_be_used_by_everybody(guest: Visitor, path: str):
    assert guest.open(path).status == 200
    guest.look(PUBLIC[path])


def test_pages_of_the_footer_can_be_used_by_everybody(guest: Visitor):
    guest.open("/")
    links = guest.page.locator("footer a[href^='/']").all()
    for path in sorted({link.get_attribute("href") or "" for link in links}):
        assert guest.open(path).status == 200, path
        guest.look(f"footer-{path.strip('/').replace('/', '-') or 'start'}")


def test_a_page_that_is_not_there_says_so(guest: Visitor):
    assert guest.open("/gibt-es-nicht/").status == 404
    guest.look("not-found")


def test_half_a_postcode_is_asked_for_again(guest: Visitor):
    assert guest.open("/hilfe/?plz=12").status == 422
    guest.look("help-wrong")


def test_the_start_page_speaks_english(guest: Visitor):
    guest.open("/")
    guest.follow("header button[value=en], header a[hreflang=en]")
    assert guest.page.locator("html").get_attribute("lang") == "en"
    guest.look("start-english")


@pytest.mark.parametrize("template", templates())
def test_a_mail_can_be_read_by_everybody(guest: Visitor, template: str):
    assert guest.open(f"/entwicklung/mails/{template}.html").status == 200
    guest.look(f"mail-{template.replace('/', '-')}")


def test_pages_of_the_account_can_be_used_by_everybody(insured: Insured):
    insured.sign_up()
    for path, name in OWN.items():
        assert insured.open(path).status == 200, path
        insured.look(name)


def test_wrong_numbers_are_refused_in_words(insured: Insured):
    insured.sign_up()
    insured.open("/versicherung/")
    insured.send(kvnr="A12", birth_date_2="64", card_digits="12")
    insured.look("link-wrong-form")
    insured.send(kvnr="A123456780", birth_date_0="1", birth_date_1="1", birth_date_2="1964", card_digits="123456")
    insured.look("link-refused")


def test_a_linked_person_sees_the_application_and_its_copy(insured: Insured):
    insured.apply()
    for path, name in (("/uebersicht/", "overview-applied"), (f"{insured.case_path}antrag/", "declaration")):
        assert insured.open(path).status == 200
        insured.look(name)
