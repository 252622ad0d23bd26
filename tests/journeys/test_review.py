"""A difference in the name: two clerks decide, and the person is told what goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from identity.cases.models import Review
from tests.journeys.insured import BRANCH, Insured
from tests.journeys.visitor import Visitor

REASON = "Heiratsurkunde im Archiv gesehen, die Anschrift stimmt"
Staff = Callable[[str], Visitor]


@pytest.fixture
def waiting(insured: Insured) -> Insured:
    """A person whose document shows another family name than the register."""
    insured.apply()
    insured.choose(BRANCH)
    insured.go_to_post_office(last_name=f"Andershausen{insured.canary.person.family_name[-2:]}")
    insured.come_back()
    insured.wait_for_case("in_review")
    return insured


def _open_review(clerk: Visitor, person: Insured) -> None:
    clerk.open("/arbeitsplatz/")
    clerk.look("workplace")
    clerk.open("/arbeitsplatz/pruefungen/")
    clerk.look("reviews")
    clerk.follow(_link_to_review(person))


def _link_to_review(person: Insured) -> str:
    review = Review.objects.get(case__public_id=person.case)
    return f"main table a[href$='/pruefungen/{review.pk}/']"


def test_two_clerks_accept_another_name_and_access_opens(waiting: Insured, staff: Staff):
    first, second = staff("clerk"), staff("second_clerk")
    _open_review(first, waiting)
    first.look("review-desk")
    assert waiting.canary.person.family_name in first.text()
    first.send(decision="approve", reason=REASON)

    first.follow(_link_to_review(waiting))
    first.look("review-own-proposal")
    assert first.page.locator("button[name=answer]").count() == 0  # not with the same pair of eyes

    _open_review(second, waiting)
    second.look("review-proposed")
    second.send("answer=confirm", reason=REASON)
    second.look("reviews-confirmed")
    waiting.wait_for_case("identified")
    waiting.wait_for_access()


def test_a_refused_application_names_the_way_on(waiting: Insured, staff: Staff):
    first, second = staff("clerk"), staff("second_clerk")
    _open_review(first, waiting)
    first.send(decision="refuse", reason=REASON)
    _open_review(second, waiting)
    second.send("answer=confirm", reason=REASON)
    waiting.wait_for_case("refused")
    assert waiting.page.locator("main a[href^='tel:']").count()


def test_clerks_see_the_case_and_its_trail(waiting: Insured, staff: Staff):
    clerk = staff("clerk")
    clerk.open(f"/arbeitsplatz/vorgaenge/{waiting.case}/")
    clerk.look("staff-case")
    for path, name in (("vorgaenge", "staff-cases"), ("posteingang", "staff-inbox")):
        assert clerk.open(f"/arbeitsplatz/{path}/").status == 200
        clerk.look(name)
