"""What does not go straight: declined, expired and late, another way with a coupon outstanding, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services import expire_overdue
from tests.journeys.insured import BRANCH, EID, Insured
from tests.stack import until


def attempt_of(insured: Insured, method: str) -> Attempt:
    return Attempt.objects.get(case__public_id=insured.case, method_id=method)


def finish(insured: Insured, attempt: Attempt, method: str = "basic", **more: Any) -> None:
    """The provider decides while the person is elsewhere."""
    document = insured.canary.document()
    assert insured.stack.outside.finish([attempt.reference], method, "success", document=document, **more) == 1


def wait_for_attempt(attempt: Attempt, state: str) -> None:
    def reached() -> bool:
        attempt.refresh_from_db()
        return attempt.state == state

    until(reached, within=30, what=f"attempt {state}", every=0.2)


def test_a_declined_person_reads_why_and_gets_another_way(insured: Insured):
    insured.apply()
    insured.choose(BRANCH)
    insured.go_to_post_office(outcome="declined")
    insured.come_back()
    insured.wait_for_case("choosing")
    insured.look("case-declined")
    assert "Online-Ausweis" in insured.text()
    insured.follow(f"main a[href='{insured.case_path}wahl/']")
    insured.look("choice-after-decline")
    assert insured.page.locator(f"input[value={EID}]").is_checked()

    insured.choose(EID)
    insured.use_online_id()
    insured.come_back()
    insured.wait_for_case("identified")


def test_a_blocked_pin_leads_to_the_post_office(insured: Insured):
    insured.apply()
    insured.choose(EID)
    insured.use_online_id(outcome="pin_blocked")
    insured.wait_for_case("choosing")
    insured.look("case-pin-blocked")
    assert "Postfiliale" in insured.text()


def test_a_success_after_expiry_is_offered_and_opens_access(insured: Insured):
    insured.apply()
    insured.choose(BRANCH)
    insured.take_coupon()
    attempt, past = attempt_of(insured, BRANCH), timezone.now() - timedelta(days=1)
    provider_case = insured.stack.outside.control("GET", f"/cases?reference_id={attempt.reference}")["cases"][0]
    insured.stack.outside.control("PATCH", f"/cases/{provider_case['case_id']}", {"shift_days": -15})
    wait_for_progress(attempt, "coupon_requested")
    Attempt.objects.filter(pk=attempt.pk).update(valid_until=past)
    IdentificationCase.objects.filter(public_id=insured.case).update(expires_at=past)
    assert expire_overdue() >= 1
    insured.wait_for_case("expired")

    finish(insured, attempt)
    insured.wait_for_case("offered")
    insured.follow(f"main form[action='{insured.case_path}annehmen/'] button")
    insured.wait_for_case("identified")
    insured.wait_for_access()


def wait_for_progress(attempt: Attempt, progress: str) -> None:
    def reached() -> bool:
        attempt.refresh_from_db()
        return attempt.progress == progress

    until(reached, within=30, what=progress, every=0.2)


def test_a_coupon_that_succeeds_after_the_online_id_is_harmless(insured: Insured):
    insured.apply()
    insured.choose(BRANCH)
    insured.take_coupon()
    coupon = attempt_of(insured, BRANCH)
    insured.open(f"{insured.case_path}wahl/")
    insured.look("choice-with-coupon")
    insured.choose(EID)
    insured.use_online_id()
    insured.come_back()
    insured.wait_for_case("identified")
    insured.wait_for_access()
    insured.wait_for_mail("Ihr Zugang zur ePA ist offen")
    told = insured.mails()

    finish(insured, coupon)
    wait_for_attempt(coupon, "surplus")
    insured.wait_for_case("identified")
    insured.wait_for_access()
    assert insured.mails() == told


def test_a_cancelled_application_ends(insured: Insured):
    insured.apply()
    insured.open(f"{insured.case_path}abbrechen/")
    insured.look("cancel")
    insured.send()
    insured.wait_for_case("cancelled")
