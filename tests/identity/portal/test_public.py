"""Pages that everybody may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.members.models import InsurerArea
from tests.factories import a_suspension, an_insurer

pytestmark = pytest.mark.django_db


def test_the_start_page_says_what_works_today_and_what_does_not(nobody: Client):
    page = nobody.get(reverse("identity:start"))

    assert page.status_code == 200
    assert [method.code for method in page.context["open_methods"]] == [
        "postident_eid", "postident_branch", "insurer_branch",
    ]  # fmt: skip
    assert {method.code for method in page.context["suspended_methods"]} == {"video_ident", "robo_ident"}
    assert reverse("account_signup") in page.text


def test_the_start_page_takes_few_queries(nobody: Client, at_most_queries):
    with at_most_queries(10):
        nobody.get(reverse("identity:start"))


def test_a_suspension_shows_on_the_start_page_at_the_next_look(nobody: Client):
    nobody.get(reverse("identity:start"))
    a_suspension("postident_eid")

    page = nobody.get(reverse("identity:start"))

    assert "postident_eid" not in [method.code for method in page.context["open_methods"]]
    assert "postident_eid" in [method.code for method in page.context["suspended_methods"]]


def test_the_start_page_still_helps_when_everything_is_suspended(nobody: Client):
    for method in ("postident_eid", "postident_branch", "insurer_branch"):
        a_suspension(method)

    page = nobody.get(reverse("identity:start"))

    assert "At the moment no way is open. Please call us." in page.text


def test_a_postcode_names_who_is_responsible(nobody: Client):
    insurer = an_insurer()
    InsurerArea.objects.create(insurer=insurer, postcode_from="20000", postcode_to="22999")

    page = nobody.get(reverse("identity:help"), {"plz": "20095"})

    assert insurer.name in page.text
    assert insurer.phone in page.text


def test_a_postcode_that_nobody_is_responsible_for_still_gets_a_number_to_ring(nobody: Client, settings):
    page = nobody.get(reverse("identity:help"), {"plz": "99999"})

    assert page.status_code == 200
    assert settings.CONTACT_PHONE in page.text
    assert "We found nobody for this postcode" in page.text


@pytest.mark.parametrize("typed", ["", "1234", "123456", "abcde", "١٢٣٤٥"])
def test_what_is_no_postcode_is_said_and_kept(nobody: Client, typed: str):
    page = nobody.get(reverse("identity:help"), {"plz": typed})

    assert page.status_code == 422
    assert "<title>" in page.text
    assert f'value="{typed}"' in page.text or not typed


def test_the_methods_page_gives_state_reason_and_since_when_of_every_method(nobody: Client):
    page = nobody.get(reverse("identity:methods"))

    states = {each.method.code: each for each in page.context["page"].states}
    assert len(states) == 11
    assert states["postident_eid"].state == "available"
    assert states["video_ident"].state == "suspended"
    assert timezone.localtime(states["video_ident"].since).date().isoformat() == "2022-08-09"
    assert states["nect_epass"].state == "not_offered"
    assert states["pharmacy"].state == "planned"
    assert "gematik" in page.text


def test_a_suspension_for_one_purpose_restricts_a_method(nobody: Client):
    a_suspension("postident_branch", purpose="pin")

    states = {each.method.code: each for each in nobody.get(reverse("identity:methods")).context["page"].states}

    assert states["postident_branch"].state == "restricted"
    assert [each.allowed for each in states["postident_branch"].purposes] == [True, False]


def test_a_planned_suspension_is_announced(nobody: Client):
    a_suspension("postident_branch", effective_from=timezone.now() + timedelta(days=7))

    page = nobody.get(reverse("identity:methods"))

    assert "Will be suspended from" in page.text
    states = {each.method.code: each for each in page.context["page"].states}
    assert states["postident_branch"].state == "available"


def test_the_feed_tells_programs_the_same_and_the_history(nobody: Client):
    three_days_ago, yesterday = (timezone.now() - timedelta(days=days) for days in (3, 1))
    a_suspension("postident_eid", effective_from=three_days_ago, ends_at=yesterday)

    answer = nobody.get(reverse("identity:methods_feed"), follow=True)
    methods = {each["code"]: each for each in answer.json()["methods"]}

    assert methods["video_ident"]["state"] == "suspended"
    assert methods["video_ident"]["suspensions"][0]["authority"] == "gematik"
    assert methods["postident_eid"]["state"] == "available"
    assert methods["postident_eid"]["suspensions"][0]["ends_at"]
    assert methods["postident_eid"]["purposes"]["epa"]["open"] is True
