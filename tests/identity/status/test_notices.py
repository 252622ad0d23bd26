"""Banners: orders that are news, on the pages that they concern."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from identity.methods.services import undo_suspension
from identity.status.notices import notices
from tests.factories import a_case, a_suspension, an_administrator, an_insurer, lift
from tests.identity.status.conftest import an_order

pytestmark = pytest.mark.django_db
NOW = timezone.now


def told(**given) -> list[tuple[str, bool]]:
    return [(each.method.code, each.is_planned) for each in notices(**given)]


def test_what_was_suspended_before_this_installation_began_is_no_news():
    assert told() == []


def test_an_order_in_force_is_news_until_it_is_lifted():
    order = an_order()
    assert told() == [("postident_branch", False)]
    lift(order)
    assert told() == []


def test_an_order_that_was_taken_back_is_no_news():
    undo_suspension(an_order().pk, actor=an_administrator())
    assert told() == []


@pytest.mark.parametrize(("days", "shown"), [(6, True), (8, False)])
def test_a_planned_order_is_announced_for_a_week(days, shown):
    an_order(effective_from=NOW() + timedelta(days=days))
    assert told() == ([("postident_branch", True)] if shown else [])


def test_a_way_that_was_never_open_here_is_no_news():
    an_order("nect_epass")
    assert told() == []


def test_a_way_in_person_is_news():
    an_order("insurer_branch")
    assert told() == [("insurer_branch", False)]


def test_an_order_concerns_its_purpose_insurer_and_region():
    north, south = an_insurer(), an_insurer("260326822", region="south")
    an_order("postident_eid", purpose="pin")
    an_order("postident_branch", insurer=north)
    an_order("insurer_branch", region="south")

    assert told(insurer=north, purpose="epa") == [("postident_branch", False)]
    assert told(insurer=south, purpose="epa") == [("insurer_branch", False)]
    assert told(insurer=south, purpose="pin") == [("postident_eid", False), ("insurer_branch", False)]


def banner(**context) -> str:
    tag = "{% load status %}{% suspension_notices insurer=insurer told=told %}"
    return " ".join(Template(tag).render(Context({"insurer": None, "told": None} | context)).split())


def test_without_news_there_is_no_banner():
    assert banner() == ""


def test_one_order_stands_in_the_banner_with_its_text():
    order = an_order()
    assert "In a post office: suspended since" in banner()
    assert order.public_text_en in banner()
    assert reverse("identity:methods") in banner()


def test_a_long_text_is_cut_and_the_link_leads_to_the_whole():
    an_order(public_text_en="One word more. " * 100)
    assert banner().count("One word more.") < 20
    assert "…" in banner()


def test_several_orders_stand_in_one_banner():
    an_order()
    an_order("postident_eid", effective_from=NOW() + timedelta(hours=2))
    assert banner().count("<h2") == 1
    assert "In a post office: suspended since" in banner()
    assert "Online ID card: suspended from" in banner()


def test_a_page_that_tells_of_the_order_itself_does_not_repeat_it():
    order = an_order()
    assert banner(told=order) == ""


def test_a_banner_that_cannot_be_read_says_so(unreadable):
    assert "Not known at the moment" in banner()


def test_the_banner_takes_one_query(at_most_queries):
    an_order()
    an_order("postident_eid", insurer=an_insurer())
    with at_most_queries(1):
        banner()


def test_the_pages_that_an_order_concerns_carry_the_banner(nobody, member, insurant, at_most_queries):
    case = a_case(insurant=insurant)
    a_suspension("postident_eid")
    pages = {
        reverse("identity:start"): nobody,
        reverse("identity:home"): member,
        reverse("identity:choice", args=[case.public_id]): member,
        reverse("identity:case", args=[case.public_id]): member,
    }
    for address, browser in pages.items():
        assert "Online ID card: suspended since" in browser.get(address).text, address
    with at_most_queries(10):
        nobody.get(reverse("identity:start"))


def test_a_person_of_another_insurer_is_not_alarmed(member, insurant):
    a_suspension("postident_eid", insurer=an_insurer("260326822"))
    assert "suspended since" not in member.get(reverse("identity:home")).text
