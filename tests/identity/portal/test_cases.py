"""The page of a case in each of its states, and what a person can do there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.cases.models import IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.portal.reasons import GENERAL, REASONS, why
from tests.factories import a_case, a_suspension, an_attempt

pytestmark = pytest.mark.django_db


def of(case, name: str = "case") -> str:
    return reverse(f"identity:{name}", args=[case.public_id])


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        (CaseState.CHOOSING, "Your application has been sent"),
        (CaseState.IDENTIFYING, "You can identify yourself now"),
        (CaseState.IN_REVIEW, "We are checking your details"),
        (CaseState.IDENTIFIED, "You have been identified"),
        (CaseState.CANCELLED, "You have cancelled this application"),
        (CaseState.EXPIRED, "The time for your application is over"),
        (CaseState.OFFERED, "Your result has arrived, a little late"),
    ],
)
def test_every_state_has_its_page_with_one_heading_and_a_contact(
    member: Client, insurant: Insurant, state: CaseState, heading: str
):
    case = a_case(state, insurant=insurant)

    page = member.get(of(case))

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert heading in page.text
    assert case.insurer.phone in page.text


def test_a_refusal_names_the_kind_of_reason_the_next_step_and_a_contact(member: Client, insurant: Insurant):
    case = a_case(CaseState.REFUSED, insurant=insurant, end_reason="refused_by_clerk")

    page = member.get(of(case))

    assert "We had to refuse your application" in page.text
    assert "Please call us." in page.text
    assert case.insurer.phone in page.text


@pytest.mark.parametrize("code", [*REASONS, "declined", "other", "a_code_nobody_knows"])
def test_every_step_that_did_not_succeed_says_why_and_what_comes_next(member: Client, insurant: Insurant, code: str):
    case = a_case(insurant=insurant, end_reason=code)

    page = member.get(of(case))

    words = why(code)
    assert str(words.title) in page.text
    assert page.text.count("<h1") == 1
    best = page.context["best"]
    assert best is None or best.code not in words.avoid
    assert "The next best way" in page.text
    assert of(case, "choice") in page.text
    assert case.insurer.phone in page.text


def test_a_code_nobody_knows_gets_the_general_words():
    assert why("something_new") is GENERAL


def test_when_every_way_would_hit_the_same_wall_the_branch_is_next(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant, end_reason="not_the_insured_person")

    page = member.get(of(case))

    assert page.context["best"] is None
    assert "Come to our branch: there we settle it together." in page.text
    assert "What you bring" in page.text


def test_an_application_not_yet_sent_leads_to_its_preview(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant, declared_at=None)

    page = member.get(of(case))

    assert "Your application has not been sent yet" in page.text
    assert "/antrag/epa/" in page.text


def test_all_running_attempts_are_shown_with_their_last_day(member: Client, insurant: Insurant):
    case = a_case(CaseState.IDENTIFYING, insurant=insurant)
    coupon = an_attempt(case=case)
    online = an_attempt(case=case, method_id="postident_eid")
    an_attempt(AttemptState.EXPIRED, case=case)

    page = member.get(of(case))

    assert [each.attempt.pk for each in page.context["running"]] == [online.pk, coupon.pk]
    assert reverse("identity:attempt", args=[coupon.pk]) in page.text


def test_a_coupon_of_a_suspended_way_is_marked_and_leads_to_another_choice(member: Client, insurant: Insurant):
    case = a_case(CaseState.IDENTIFYING, insurant=insurant)
    attempt = an_attempt(case=case)
    a_suspension("postident_branch")

    page = member.get(of(case))

    assert "Suspended: In a post office" in page.text
    assert reverse("identity:attempt", args=[attempt.pk]) not in page.text
    assert of(case, "choice") in page.text


def test_cancelling_asks_first_and_then_ends_the_application(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant)
    assert "Cancel the application?" in member.get(of(case, "cancel")).text
    case.refresh_from_db()
    assert case.state == CaseState.CHOOSING

    answer = member.post(of(case, "cancel"))

    assert answer["Location"] == of(case)
    case.refresh_from_db()
    assert case.state == CaseState.CANCELLED


def test_cancelling_what_is_decided_says_so(member: Client, insurant: Insurant):
    case = a_case(CaseState.IDENTIFIED, insurant=insurant)

    answer = member.post(of(case, "cancel"), follow=True)

    assert "This step is no longer possible." in answer.text
    case.refresh_from_db()
    assert case.state == CaseState.IDENTIFIED
    assert member.get(of(case, "cancel"))["Location"] == of(case)


@pytest.fixture
def offered(insurant: Insurant) -> IdentificationCase:
    """A case whose success came after its end."""
    case = a_case(CaseState.OFFERED, insurant=insurant)
    attempt = an_attempt(AttemptState.LATE, case=case)
    Result.objects.create(
        attempt=attempt,
        case=case,
        method_used="postident_branch",
        identified_at=timezone.now() - timedelta(days=1),
        received_at=timezone.now(),
        person={},
        verdict="match",
        level_reached=3,
    )
    return case


def test_a_late_result_can_be_taken_up(member: Client, offered: IdentificationCase):
    assert of(offered, "accept") in member.get(of(offered)).text

    member.post(of(offered, "accept"))

    offered.refresh_from_db()
    assert offered.state == CaseState.IDENTIFIED


def test_taking_up_is_a_post_because_mail_programs_open_links(member: Client, offered: IdentificationCase):
    assert member.get(of(offered, "accept")).status_code == 405


def test_a_late_result_of_a_way_suspended_since_is_not_taken_up(member: Client, offered: IdentificationCase):
    a_suspension("postident_branch")

    answer = member.post(of(offered, "accept"), follow=True)

    assert "has been suspended meanwhile" in answer.text
    offered.refresh_from_db()
    assert offered.state == CaseState.OFFERED


def test_taking_up_nothing_says_so(member: Client, insurant: Insurant):
    case = a_case(CaseState.EXPIRED, insurant=insurant)

    answer = member.post(of(case, "accept"), follow=True)

    assert "This result can no longer be taken up." in answer.text


def test_a_waiting_page_learns_that_there_is_something_new(member: Client, insurant: Insurant):
    case = a_case(CaseState.IDENTIFYING, insurant=insurant)
    attempt = an_attempt(case=case)
    page = member.get(of(case))
    version = page.context["version"]
    assert f'data-version="{version}"' in page.text
    assert member.get(of(case, "status")).json() == {"state": "identifying", "version": version}

    attempt.state = AttemptState.FAILED
    attempt.save()

    assert member.get(of(case, "status")).json()["version"] != version


@pytest.mark.parametrize("state", [CaseState.IDENTIFIED, CaseState.CANCELLED, CaseState.REFUSED])
def test_a_page_where_nothing_can_happen_any_more_does_not_ask(member: Client, insurant: Insurant, state: CaseState):
    page = member.get(of(a_case(state, insurant=insurant, end_reason="refused_by_clerk")))

    assert "data-status-url" not in page.text


def test_no_page_of_a_person_is_kept_by_a_browser_or_proxy(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant)

    for name in ("case", "choice", "declaration", "cancel", "status"):
        assert "no-store" in member.get(of(case, name))["Cache-Control"]
