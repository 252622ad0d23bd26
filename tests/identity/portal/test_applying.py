"""Overview, purpose, application and its copy."""

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.factories import a_case, an_account, an_insurant

pytestmark = pytest.mark.django_db
APPLICATION = "/antrag/epa/"


def statuses(page) -> list[str]:
    return [task["status"] for task in page.context["tasks"]]


def test_a_newcomer_is_told_to_connect_the_insurance_first(newcomer: Client):
    page = newcomer.get(reverse("identity:home"))

    assert statuses(page) == ["To do", "Not possible yet", "Not possible yet"]
    assert reverse("identity:link") in page.text


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (CaseState.CHOOSING, "Choose a way"),
        (CaseState.IDENTIFYING, "Under way"),
        (CaseState.IN_REVIEW, "Being checked"),
        (CaseState.IDENTIFIED, "Identified"),
        (CaseState.OFFERED, "Late result waiting for you"),
    ],
)
def test_the_overview_shows_how_far_it_is(member: Client, insurant: Insurant, state: CaseState, shown: str):
    a_case(state, insurant=insurant)

    page = member.get(reverse("identity:home"))

    assert statuses(page)[2] == shown
    assert ("To your ePA access" in page.text) == (state is CaseState.IDENTIFIED)


@pytest.mark.parametrize("state", [CaseState.CANCELLED, CaseState.EXPIRED, CaseState.REFUSED])
def test_after_an_end_without_success_one_may_apply_again(member: Client, insurant: Insurant, state: CaseState):
    a_case(state, insurant=insurant)

    page = member.get(reverse("identity:home"))

    assert statuses(page) == ["Done", "To do", "Not possible yet"]
    assert APPLICATION in page.text


def test_the_overview_takes_few_queries(member: Client, insurant: Insurant, at_most_queries):
    for _ in range(4):
        a_case(CaseState.CANCELLED, insurant=insurant)

    with at_most_queries(10):
        member.get(reverse("identity:home"))


def test_the_application_is_shown_before_it_is_sent_and_looking_writes_nothing(
    member: Client, insurant: Insurant, account: Account
):
    page = member.get(APPLICATION)

    assert insurant.kvnr in page.text
    assert dict(page.context["rows"])["Date of birth"] == "Aug. 12, 1964"
    assert account.email in page.text
    assert "Deutsche Post" in page.text
    assert not IdentificationCase.objects.exists()


def test_nothing_from_the_register_that_the_person_did_not_type_is_shown(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant)
    of_case = ("case", "choice", "declaration", "cancel")
    addresses = [APPLICATION, "/uebersicht/", *(reverse(f"identity:{name}", args=[case.public_id]) for name in of_case)]

    for address in addresses:
        text = member.get(address, follow=True).text
        assert "Erika" not in text
        assert "Mustermann" not in text
        assert "Heidestraße" not in text


def test_sending_opens_the_case_declares_it_and_leads_to_the_choice(member: Client, insurant: Insurant):
    answer = member.post(APPLICATION)

    case = IdentificationCase.objects.get()
    assert case.insurant == insurant
    assert case.declared_at is not None
    assert answer["Location"] == reverse("identity:choice", args=[case.public_id])


def test_sending_twice_continues_the_same_application(member: Client):
    member.post(APPLICATION)
    member.post(APPLICATION)

    assert IdentificationCase.objects.count() == 1


def test_who_has_sent_it_is_led_to_the_running_application(member: Client, insurant: Insurant):
    case = a_case(insurant=insurant)

    assert member.get(APPLICATION)["Location"] == reverse("identity:case", args=[case.public_id])


def test_the_copy_can_be_kept(member: Client, insurant: Insurant):
    case = a_case(CaseState.IDENTIFIED, insurant=insurant)

    page = member.get(reverse("identity:declaration", args=[case.public_id]))

    assert insurant.kvnr in page.text
    assert "Sent on" in page.text


def test_an_incomplete_birth_date_is_shown_as_far_as_it_is_known(browser):
    person = an_insurant(birth_date="1964-00-00")

    page = browser(person.account).get(APPLICATION)

    assert dict(page.context["rows"])["Date of birth"] == "1964"


def test_who_is_no_member_any_more_is_told_so_with_a_number_to_ring(browser, settings):
    person = an_insurant(member_to="2020-12-31")

    page = browser(person.account).post(APPLICATION)

    assert page.status_code == 409
    assert settings.CONTACT_PHONE in page.text


def test_a_purpose_that_is_not_offered_online_does_not_exist(member: Client):
    assert member.get("/antrag/pin/").status_code == 404
    assert member.post("/antrag/pin/").status_code == 404


def test_who_is_not_connected_yet_is_led_to_connecting(newcomer: Client):
    for address in (APPLICATION, reverse("identity:purpose")):
        assert newcomer.get(address)["Location"] == reverse("identity:link")


def test_staff_without_an_insurance_are_told_where_their_work_is(browser):
    staff = browser(an_account(is_staff=True))

    for address in (APPLICATION, "/antrag/", "/uebersicht/", "/versicherung/"):
        page = staff.get(address)
        assert page.status_code == 200
        assert "You are logged in as staff" in page.text
