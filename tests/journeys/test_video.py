"""Video identification is suspended: it is refused at every door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from identity.cases.models import Attempt, Result
from identity.methods.models import Suspension
from tests.journeys.insured import BRANCH, EID, Insured
from tests.journeys.test_other_ends import attempt_of, finish, wait_for_attempt
from tests.journeys.visitor import Visitor

Staff = Callable[[str], Visitor]
VIDEO = "video_ident"
ORDER = {
    "authority": "gematik",
    "order_reference": "Anordnung vom 24. November 2026",
    "reason": "Schwachstelle gemeldet",
    "public_text_de": "Dieses Verfahren ist zurzeit untersagt.",
    "public_text_plain": "Dieses Verfahren geht im Moment nicht.",
    "public_text_en": "This method is forbidden at the moment.",
    "when": "now",
    "effect": "move",
}


def test_the_choice_page_says_that_video_is_suspended_and_why(insured: Insured):
    insured.apply()
    text = insured.text()
    assert "Video-Anruf" in text
    assert "9. August 2022" in text
    assert "gematik" in text
    assert insured.page.locator(f"input[value={VIDEO}]").count() == 0


def test_a_form_that_asks_for_video_is_refused(insured: Insured):
    insured.apply()
    insured.page.locator(f"input[value={EID}]").evaluate(f"each => {{ each.value = '{VIDEO}'; each.checked = true }}")
    with insured.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        insured.send()
    assert answer.value.status == 409
    insured.look("choice-video-refused")
    assert not Attempt.objects.filter(case__public_id=insured.case).exists()


def test_the_interface_refuses_video(insured: Insured):
    insured.apply()
    token = next(each["value"] for each in insured.page.context.cookies() if "csrf" in each["name"])
    headers = {"X-CSRFToken": token, "Referer": insured.page.url}
    path = f"/api/v1/cases/{insured.case}/attempts"
    answer = insured.page.request.post(path, data={"method": VIDEO}, headers=headers)
    assert answer.status == 409
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert not Attempt.objects.filter(case__public_id=insured.case).exists()


def test_a_result_that_was_made_by_video_is_withheld(insured: Insured):
    insured.apply()
    insured.choose(BRANCH)
    attempt = attempt_of(insured, BRANCH)
    finish(insured, attempt, "video")
    wait_for_attempt(attempt, "withheld")
    assert not Result.objects.filter(attempt=attempt, granted_at__isnull=False).exists()
    insured.wait_for_case("choosing")
    insured.look("case-withheld")


@contextmanager
def _suspended(first: Visitor, second: Visitor, method: str) -> Iterator[None]:
    """Suspend a method on the staff's pages; afterwards two administrators lift it there."""
    first.open(f"/arbeitsplatz/verfahren/{method}/aussetzen/")
    first.look("suspend")
    first.send(**ORDER)
    first.look("suspend-confirm")
    first.send("step=confirm", last_door_reason="Die Anordnung lässt keine Wahl.")
    order = Suspension.objects.get(method_id=method, order_reference=ORDER["order_reference"], ends_at=None)
    page = f"/arbeitsplatz/aussetzungen/{order.pk}/"
    assert first.page.url.endswith(page)
    first.look("suspension")
    try:
        yield
    finally:
        first.open(f"{page}aufheben/")
        first.look("suspension-lift")
        first.send(evidence="Bericht vom 25. November 2026", how="at_once")
        second.open(page)
        second.look("suspension-proposal")
        with second.page.expect_navigation():
            second.page.locator("form[action$='/genehmigen/'] button").click()


def test_an_old_link_leads_nowhere_once_its_way_is_suspended(insured: Insured, staff: Staff):
    first, second = staff("administrator"), staff("second_administrator")
    insured.apply()
    ready = insured.choose(EID)
    with _suspended(first, second, EID):
        insured.open(ready)
        insured.look("ready-suspended")
        assert ORDER["public_text_de"] in insured.text()
        insured.open(f"{ready}weiter/")
        assert insured.page.url.endswith(f"{insured.case_path}wahl/")
        assert ORDER["public_text_de"] in insured.text()
        insured.look("choice-suspended")


def test_staff_cannot_end_the_suspension_of_video_without_evidence(staff: Staff):
    administrator = staff("administrator")
    administrator.open("/arbeitsplatz/verfahren/")
    administrator.look("staff-methods")
    order = Suspension.objects.get(method_id=VIDEO, ends_at=None)
    administrator.open(f"/arbeitsplatz/aussetzungen/{order.pk}/aufheben/")
    administrator.send()
    administrator.look("suspension-lift-refused")
    order.refresh_from_db()
    assert order.ends_at is None


def test_a_clerk_has_no_say_in_methods(staff: Staff):
    assert staff("clerk").open(f"/arbeitsplatz/verfahren/{VIDEO}/aussetzen/").status == 403
