"""A re-verification campaign: two administrators begin it, a person lets the time pass and identifies again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from epa.models import EpaAccess
from epa.services import follow_restrictions
from identity.campaigns.models import CampaignMember
from identity.campaigns.services import carry_campaigns
from identity.cases.models import Result
from tests.journeys.insured import BRANCH, EID, Insured
from tests.journeys.visitor import Visitor
from tests.stack import until

Staff = Callable[[str], Visitor]
DAY = timedelta(days=1)


@pytest.fixture
def identified(insured: Insured) -> Insured:
    """A person with access to the ePA, identified in the post office two days ago."""
    insured.apply()
    insured.choose(BRANCH)
    insured.go_to_post_office()
    insured.come_back()
    insured.wait_for_case("identified")
    insured.wait_for_access()
    before = timezone.now() - 2 * DAY
    Result.objects.filter(case__public_id=insured.case).update(identified_at=before, granted_at=before)
    return insured


def _moment(days: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def _draft(first: Visitor) -> str:
    first.open("/arbeitsplatz/nachpruefungen/")
    first.look("campaigns-none")
    first.open("/arbeitsplatz/nachpruefungen/neu/")
    first.look("campaign-new")
    first.send(text_en="")
    first.look("campaign-new-errors")
    first.send(
        method=BRANCH, purpose="epa", identified_from=_moment(-3), identified_to=_moment(-1), reason="Prüfbericht 7",
        deadline=(timezone.localdate() + 20 * DAY).isoformat(), text_de="Das Verfahren war nicht sicher genug.",
        text_en="The method was not safe enough.",
    )  # fmt: skip
    first.look("campaign-preview")
    first.send("step=confirm")
    first.look("campaign-drafted")
    return first.page.url


def _carried(person: Insured, state: str, case: str = "") -> CampaignMember:
    """Carry campaigns until a person is in a state: a worker may be on it at the same time."""
    member = CampaignMember.objects.filter(case__public_id=case or person.case)

    def reached() -> bool:
        carry_campaigns()
        return member.filter(state=state).exists()

    until(reached, within=20, what=f"member {state}", every=0.2)
    return member.get()


def test_two_people_begin_it_and_a_late_person_is_restricted_until_they_repeat_it(identified: Insured, staff: Staff):
    first, second = staff("administrator"), staff("second_administrator")
    address = _draft(first)
    second.open(address)
    second.look("campaign-to-confirm")
    second.send()
    member = _carried(identified, "asked")
    second.open(address)
    second.look("campaign-running")

    now = timezone.now()
    CampaignMember.objects.filter(pk=member.pk).update(
        asked_at=now - 20 * DAY, reminded_at=now - 3 * DAY, reminded_days=3, due_at=now - DAY
    )
    _carried(identified, "restricted")
    follow_restrictions()
    access = EpaAccess.objects.get(case__public_id=identified.case)
    assert access.restricted_at
    identified.open(f"/epa/zugang/{access.public_id}/")
    identified.look("access-restricted")
    identified.open("/uebersicht/")
    identified.look("overview-restricted")

    first_case = identified.case
    identified.open(f"/epa/zugang/{access.public_id}/")
    identified.follow("main a[href*='/antrag/']")
    identified.look("apply-again")
    identified.send()
    identified.case = identified.page.url.rstrip("/").split("/")[-2]
    identified.choose(EID)
    identified.use_online_id()
    identified.come_back()
    identified.wait_for_case("identified")
    _carried(identified, "done", first_case)
    follow_restrictions()
    freed = EpaAccess.objects.get(pk=access.pk)
    assert (freed.restricted_at, freed.state) == (None, "open")

    second.open(address)
    second.send(**{"exception-case": "17"})
    second.look("campaign-exception-errors")
    second.send(**{"stop-reason": "Falscher Zeitraum"})
    second.look("campaign-stopped")
    second.open("/arbeitsplatz/nachpruefungen/")
    second.look("campaigns")
