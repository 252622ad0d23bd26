"""The page of one attempt, and the way on to the provider."""

from datetime import datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.audit.models import AuditEvent
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.portal.standing import last_day_of
from tests.factories import a_case, a_suspension, an_attempt

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def attempt(insurant: Insurant):
    return an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant, method_id="postident_branch"))


def of(attempt, name: str = "attempt") -> str:
    return reverse(f"identity:{name}", args=[attempt.pk])


def test_the_coupon_page_says_how_to_go_on_until_when_and_what_to_bring(member: Client, attempt):
    page = member.get(of(attempt))

    assert of(attempt, "proceed") in page.text
    assert of(attempt, "qr") in page.text
    assert attempt.reference in page.text
    assert "14 days left" in page.text
    assert "ID card or passport (no driving licence)" in page.text
    assert reverse("identity:choice", args=[attempt.case.public_id]) in page.text
    assert reverse("identity:cancel", args=[attempt.case.public_id]) in page.text


def test_the_providers_address_is_a_secret_that_no_page_holds(member: Client, attempt):
    assert attempt.continue_url not in member.get(of(attempt)).text
    assert attempt.provider_case_id not in member.get(of(attempt)).text


def test_the_online_page_has_its_own_words(member: Client, insurant: Insurant):
    attempt = an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant), method_id="postident_eid")

    assert "Hold your ID card to the phone" in member.get(of(attempt)).text


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        ("coupon_requested", "You have the coupon"),
        ("review_pending", "Deutsche Post checks your details"),
        ("incomplete", "It was not finished"),
    ],
)
def test_the_page_tells_how_far_it_is_at_the_provider(member: Client, insurant: Insurant, progress: str, words: str):
    attempt = an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant), progress=progress)

    assert words in member.get(of(attempt)).text


@pytest.mark.parametrize(
    ("until", "day"),
    [
        (datetime(2026, 12, 24, 23, 59, 59, tzinfo=BERLIN), 24),
        (datetime(2026, 12, 25, 0, 0, tzinfo=BERLIN), 24),
        (datetime(2026, 12, 25, 0, 0, 2, tzinfo=BERLIN), 25),
    ],
)
def test_until_midnight_means_the_day_before(until: datetime, day: int):
    last_day = last_day_of(until)
    assert last_day is not None
    assert last_day.day == day


def test_going_on_leads_to_the_provider_and_leaves_a_trace(member: Client, attempt):
    answer = member.get(of(attempt, "proceed"))

    assert answer.status_code == 303
    assert answer["Location"] == attempt.continue_url
    assert AuditEvent.objects.filter(name="identity.attempt.resumed", subject_id=str(attempt.pk)).count() == 1


def test_going_on_is_a_get_because_a_post_must_not_lead_to_another_host(member: Client, attempt):
    assert member.post(of(attempt, "proceed")).status_code == 405
    assert member.head(of(attempt, "proceed")).status_code == 405


def test_an_old_link_to_a_suspended_way_leads_back_to_the_choice(member: Client, attempt):
    a_suspension("postident_branch")

    answer = member.get(of(attempt, "proceed"), follow=True)

    assert answer.redirect_chain == [(reverse("identity:choice", args=[attempt.case.public_id]), 302)]
    assert "This way is not open to you at present" in answer.text


def test_the_page_of_a_suspended_way_says_so_and_shows_no_way_on(member: Client, attempt):
    a_suspension("postident_branch")

    page = member.get(of(attempt))

    assert "This way may not be used at the moment" in page.text
    assert "gematik" in page.text
    assert of(attempt, "proceed") not in page.text
    assert of(attempt, "qr") not in page.text


TOLD = (AttemptState.STARTED, AttemptState.STOPPED, AttemptState.QUARANTINED)  # have a page of their own


@pytest.mark.parametrize("state", [each for each in AttemptState if each not in TOLD])
def test_an_attempt_that_is_over_leads_to_its_case(member: Client, insurant: Insurant, state: AttemptState):
    attempt = an_attempt(state, case=a_case(insurant=insurant))
    case_page = reverse("identity:case", args=[attempt.case.public_id])

    assert member.get(of(attempt))["Location"] == case_page
    assert member.get(of(attempt, "proceed"))["Location"] == case_page


def test_an_attempt_found_again_without_its_address_leads_to_its_case(member: Client, insurant: Insurant):
    attempt = an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant), continue_url="")
    case_page = reverse("identity:case", args=[attempt.case.public_id])

    assert member.get(of(attempt))["Location"] == case_page
    assert member.get(of(attempt, "proceed"))["Location"] == case_page
    assert "Nothing can be gone on with at the moment" in member.get(case_page).text


def test_after_the_last_moment_there_is_no_way_on(member: Client, insurant: Insurant):
    attempt = an_attempt(
        case=a_case(CaseState.IDENTIFYING, insurant=insurant), valid_until=timezone.now() - timedelta(seconds=1)
    )

    assert member.get(of(attempt)).status_code == 302
    assert member.get(of(attempt, "proceed"))["Location"] == reverse("identity:case", args=[attempt.case.public_id])


def test_the_code_for_the_phone_holds_our_own_address_and_no_secret(member: Client, attempt, settings):
    import zxingcpp

    answer = member.get(of(attempt, "qr"))

    assert answer["Content-Type"] == "image/svg+xml"
    drawing = ElementTree.fromstring(answer.content)  # noqa: S314 (we have drawn it ourselves)
    assert drawing.get("viewBox")
    expected = zxingcpp.create_barcode(settings.BASE_URL + of(attempt), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    path = expected.to_svg(add_quiet_zones=True).split('<path d="')[1].split('"')[0]
    assert path in answer.text


def test_the_page_takes_few_queries(member: Client, attempt, at_most_queries):
    with at_most_queries(10):
        member.get(of(attempt))
