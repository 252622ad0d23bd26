"""Re-verification campaigns through the pages: whom it would meet, two people, progress, exceptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.services import carry_campaigns
from tests.factories import an_insurant
from tests.identity.campaigns.rows import METHOD, a_campaign, an_identified_case, told
from tests.identity.workplace.conftest import Login, an_administrator, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


def moment(days: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def given(**changed: Any) -> dict[str, Any]:
    usual = {
        "method": METHOD,
        "provider": "",
        "purpose": "epa",
        "identified_from": moment(-10),
        "identified_to": moment(-1),
        "deadline": (timezone.localdate() + timedelta(days=30)).isoformat(),
        "per_day": "2",
        "reminder_days": "14, 3",
        "reason": "The audit of August",
        "text_de": "Das Verfahren war nicht sicher genug.",
        "text_en": "The method was not safe enough.",
    }
    return usual | changed


def post(desk: Client, name: str, campaign: Campaign | None = None, **data: Any) -> Any:
    args = [campaign.pk] if campaign else []
    return desk.post(reverse(f"workplace:{name}", args=args), data)


def page_of(campaign: Campaign) -> str:
    return reverse("workplace:campaign", args=[campaign.pk])


def test_the_first_post_says_how_many_people_it_would_meet_and_asks_nobody(desk: Client):
    for _ in range(3):
        an_identified_case()
    shown = text_of(post(desk, "campaign_new", **given()))
    assert "3 people would be asked" in shown
    assert "It takes 2 days" in shown
    assert not Campaign.objects.exists()


def test_one_drafts_and_another_one_begins_it(desk: Client, browser: Login):
    an_identified_case()
    assert post(desk, "campaign_new", **given(step="confirm")).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.reminder_days) == ("draft", [14, 3])
    own = text_of(desk.get(page_of(campaign)))
    assert "A second administrator has to confirm it" in own
    assert "Confirm and begin" not in own
    refused = desk.post(reverse("workplace:campaign_confirm", args=[campaign.pk]), follow=True)
    assert "it takes two people" in refused.text

    other = browser(an_administrator())
    assert "Confirm and begin" in text_of(other.get(page_of(campaign)))
    post(other, "campaign_confirm", campaign)
    carry_campaigns()
    assert told("asked") == 1


def test_what_was_typed_is_there_again_when_one_wants_to_change_it(desk: Client):
    page = post(desk, "campaign_new", **given(step="change", reason="Another reason")).text
    assert "Another reason" in page
    assert 'value="14, 3"' in page or 'value="14,3"' in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"deadline": timezone.localdate().isoformat(), "step": "confirm"}, "People need more time"),
        ({"identified_to": moment(1), "step": "confirm"}, "has not come yet"),
        ({"identified_to": moment(-11)}, "later than the beginning"),
        ({"reminder_days": "soon"}, "Only days from 1 to 90"),
        ({"reason": "Mail erika@example.org"}, "No names"),
        ({"method": "", "text_de": ""}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(desk: Client, changed, words):
    response = post(desk, "campaign_new", **given(**changed))
    assert response.status_code == 422
    assert words in text_of(response)
    assert not Campaign.objects.exists()


def test_the_page_shows_the_progress_as_bars_and_as_a_table(desk: Client):
    for _ in range(4):
        an_identified_case()
    an_identified_case(insurant=an_insurant(account=None))
    campaign = a_campaign(per_day=3)
    carry_campaigns()
    page = desk.get(page_of(campaign)).text
    assert page.count("<progress") == 5
    shown = text_of(desk.get(page_of(campaign)))
    assert "Asked 3 60" in shown
    assert "Total 5" in shown


def test_a_person_is_excepted_by_their_case_number_and_a_reason(desk: Client, administrator: Account):
    case = an_identified_case()
    campaign = a_campaign()
    carry_campaigns()
    number = str(case.public_id)
    for wrong, words in (
        ({"exception-case": number, "exception-reason": ""}, "Give a reason"),
        ({"exception-case": str(uuid4()), "exception-reason": "In hospital"}, "This case is not in this campaign"),
        ({"exception-case": "17", "exception-reason": "In hospital"}, "This is not the number of a case"),
    ):
        response = post(desk, "campaign_except", campaign, **wrong)
        assert response.status_code == 422
        assert words in text_of(response)
    post(desk, "campaign_except", campaign, **{"exception-case": number, "exception-reason": "In hospital"})
    member = CampaignMember.objects.get()
    assert (member.state, member.excepted_by) == ("excepted", str(administrator.public_id))
    shown = text_of(desk.get(page_of(campaign)))
    assert number in shown
    assert "In hospital" in shown


def test_stopping_needs_a_reason_and_says_what_it_does(desk: Client):
    campaign = a_campaign()
    assert post(desk, "campaign_stop", campaign, **{"stop-reason": ""}).status_code == 422
    post(desk, "campaign_stop", campaign, **{"stop-reason": "Wrong period"})
    shown = text_of(desk.get(page_of(campaign)))
    assert "Wrong period" in shown
    assert Campaign.objects.get().state == "stopped"


def test_the_list_shows_every_campaign(desk: Client):
    assert "There has been no campaign yet" in text_of(desk.get(reverse("workplace:campaigns")))
    a_campaign()
    assert "Running" in text_of(desk.get(reverse("workplace:campaigns")))


def test_the_pages_need_few_queries(desk: Client, at_most):
    for _ in range(3):
        an_identified_case()
        an_identified_case(insurant=an_insurant(account=None))
    campaign = a_campaign()
    carry_campaigns()
    for address in (page_of(campaign), reverse("workplace:campaigns"), reverse("workplace:campaign_new")):
        desk.get(address)
        with at_most(10):
            desk.get(address)
    with at_most(10):
        post(desk, "campaign_new", **given())
