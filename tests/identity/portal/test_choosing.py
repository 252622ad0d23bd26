"""The page that offers ways: never empty, never a dead end (M6)."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import TryAgain
from identity.cases.models import Attempt
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from tests.factories import a_case, a_suspension, an_attempt, an_insurant
from tests.identity.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db


def born(years: int) -> str:
    return (timezone.localdate() - relativedelta(years=years)).isoformat()


def choice_of(case) -> str:
    return reverse("identity:choice", args=[case.public_id])


def codes(cards) -> list[str]:
    return [card["method"].code for card in cards]


@pytest.fixture
def case(insurant: Insurant):
    return a_case(insurant=insurant)


def test_an_adult_sees_what_is_open_what_is_suspended_and_the_way_without_a_device(member: Client, case):
    page = member.get(choice_of(case))

    assert codes(page.context["cards"]) == ["postident_eid", "postident_branch"]
    assert [each.method.code for each in page.context["ways"].suspended] == ["video_ident", "robo_ident"]
    assert "Suspended since" in page.text
    assert "gematik" in page.text
    assert page.context["ways"].branch.code == "insurer_branch"
    assert case.insurer.phone in page.text
    assert 'value="video_ident"' not in page.text


@pytest.mark.parametrize(
    ("birth_date", "representative"),
    [(born(15), False), (born(14), True), (born(3), True), (f"{timezone.localdate().year - 16}-00-00", False)],
    ids=["15 years", "14 years", "3 years", "age unknown"],
)
def test_who_may_not_go_online_is_sent_to_the_branch_with_what_to_bring(browser, birth_date: str, representative: bool):
    person = an_insurant(birth_date=birth_date)
    case = a_case(insurant=person)

    page = browser(person.account).get(choice_of(case))

    ways = page.context["ways"]
    assert codes(page.context["cards"]) == []
    assert {each.method.code for each in ways.unsuitable} == {"postident_eid", "postident_branch"}
    assert ways.branch is not None
    assert ways.needs_representative is representative
    assert ("together with a parent or legal guardian" in page.text) == (representative or ways.age is None)
    assert "your health card" in page.text
    assert person.insurer.phone in page.text


def test_an_incomplete_date_that_leaves_no_doubt_about_the_age_is_enough(browser):
    person = an_insurant(birth_date="1950-00-00")
    case = a_case(insurant=person)

    page = browser(person.account).get(choice_of(case))

    assert len(page.context["cards"]) == (2 if person.age_on(timezone.localdate()) is not None else 0)
    assert page.context["ways"].branch is not None


def test_with_everything_online_suspended_the_branch_is_left(member: Client, case):
    a_suspension("postident_eid")
    a_suspension("postident_branch")

    page = member.get(choice_of(case))

    assert codes(page.context["cards"]) == []
    assert len(page.context["ways"].suspended) == 4
    assert "Come to our branch" in page.text


def test_with_the_branch_suspended_too_there_is_still_somebody_to_ring(member: Client, case):
    for method in ("postident_eid", "postident_branch", "insurer_branch"):
        a_suspension(method)

    page = member.get(choice_of(case))

    assert page.context["ways"].branch is None
    assert case.insurer.phone in page.text


def test_a_suspension_for_another_insurer_changes_nothing(member: Client, case):
    from tests.factories import an_insurer

    a_suspension("postident_eid", insurer=an_insurer(ik="108310400"))

    assert codes(member.get(choice_of(case)).context["cards"]) == ["postident_eid", "postident_branch"]


def test_choosing_starts_an_attempt_and_leads_to_its_page(member: Client, case, provider: ScriptedProvider):
    answer = member.post(choice_of(case), {"method": "postident_branch"})

    attempt = Attempt.objects.get()
    assert attempt.state == AttemptState.STARTED
    assert answer["Location"] == reverse("identity:attempt", args=[attempt.pk])
    assert provider.orders[0].return_url.endswith(reverse("identity:case", args=[case.public_id]))


def test_the_answer_to_choosing_never_leads_to_another_host(member: Client, case, provider: ScriptedProvider):
    answer = member.post(choice_of(case), {"method": "postident_branch"})

    assert answer["Location"].startswith("/")


def test_another_way_can_be_chosen_with_a_coupon_outstanding(member: Client, case, provider: ScriptedProvider):
    member.post(choice_of(case), {"method": "postident_branch"})
    page = member.get(choice_of(case))
    assert "What you have begun stays valid" in page.text
    assert [card["is_running"] for card in page.context["cards"]] == [False, True]

    member.post(choice_of(case), {"method": "postident_eid"})

    assert set(Attempt.objects.values_list("method_id", "state")) == {
        ("postident_branch", "started"), ("postident_eid", "started"),
    }  # fmt: skip


def test_the_same_way_again_continues_the_running_attempt(member: Client, case, provider: ScriptedProvider):
    first = member.post(choice_of(case), {"method": "postident_branch"})
    second = member.post(choice_of(case), {"method": "postident_branch"})

    assert first["Location"] == second["Location"]
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("method", ["video_ident", "robo_ident", "insurer_branch", "no_such_way", "nect_epass"])
def test_a_way_that_is_not_open_is_refused_by_direct_post_and_the_choice_comes_back(
    member: Client, case, provider: ScriptedProvider, method: str
):
    page = member.post(choice_of(case), {"method": method})

    assert page.status_code == 409
    assert "This way is not open to you at present" in page.text
    assert codes(page.context["cards"]) == ["postident_eid", "postident_branch"]
    assert not Attempt.objects.exists()
    assert provider.orders == []


def test_a_way_suspended_while_the_page_was_open_is_refused(member: Client, case, provider: ScriptedProvider):
    member.get(choice_of(case))
    a_suspension("postident_eid")

    page = member.post(choice_of(case), {"method": "postident_eid"})

    assert page.status_code == 409
    assert codes(page.context["cards"]) == ["postident_branch"]
    assert provider.orders == []


def test_an_attempt_for_somebody_too_young_is_refused_by_direct_post(browser, provider: ScriptedProvider):
    person = an_insurant(birth_date=born(15))
    case = a_case(insurant=person)

    page = browser(person.account).post(choice_of(case), {"method": "postident_eid"})

    assert page.status_code == 409
    assert provider.orders == []


def test_choosing_nothing_says_so(member: Client, case):
    page = member.post(choice_of(case), {})

    assert page.status_code == 422
    assert "Please choose one of the ways." in page.text
    assert page.context["cards"]


def test_when_the_provider_is_away_the_choice_comes_back(member: Client, case, provider: ScriptedProvider):
    def away(order: object) -> None:
        raise TryAgain("timeout")

    provider.on_start = away

    page = member.post(choice_of(case), {"method": "postident_eid"})

    assert page.status_code == 503
    assert "does not answer at the moment" in page.text
    assert [card["checked"] for card in page.context["cards"]] == [True, False]


def test_too_many_attempts_lead_to_the_branch(member: Client, case, insurant: Insurant, provider: ScriptedProvider):
    for _ in range(5):
        an_attempt(AttemptState.FAILED, case=case)

    page = member.post(choice_of(case), {"method": "postident_eid"})

    assert page.status_code == 429
    assert "tried several times" in page.text
    assert "Come to our branch" in page.text


def test_after_a_blocked_pin_the_post_office_is_suggested_first(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant, end_reason="pin_blocked")

    page = member.get(choice_of(case))

    assert codes(page.context["cards"]) == ["postident_branch", "postident_eid"]
    assert [card["is_best"] for card in page.context["cards"]] == [True, False]
    assert "The PIN of your ID card is blocked" in page.text


def test_before_the_application_is_sent_there_is_nothing_to_choose(member: Client, insurant: Insurant, provider):
    case = a_case(insurant=insurant, declared_at=None)

    assert member.get(choice_of(case))["Location"] == "/antrag/epa/"
    assert member.post(choice_of(case), {"method": "postident_eid"})["Location"] == "/antrag/epa/"
    assert provider.orders == []


@pytest.mark.parametrize("state", [each for each in CaseState if each not in ("choosing", "identifying")])
def test_a_case_that_is_past_choosing_shows_how_it_stands(
    member: Client, insurant: Insurant, provider: ScriptedProvider, state: CaseState
):
    case = a_case(state, insurant=insurant)

    for answer in (member.get(choice_of(case)), member.post(choice_of(case), {"method": "postident_eid"})):
        assert answer["Location"] == reverse("identity:case", args=[case.public_id])
    assert provider.orders == []


def test_the_choice_takes_few_queries(member: Client, case, at_most_queries):
    an_attempt(case=case)
    for method in ("postident_eid", "postident_branch"):
        a_suspension(method, effective_from=timezone.now() + timedelta(days=1))

    with at_most_queries(10):  # session and account 3, case, attempts, methods, the gate 3, the banner
        member.get(choice_of(case))
