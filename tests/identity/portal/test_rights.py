"""Right person, wrong person, nobody: for every address that belongs to somebody."""

import uuid

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.factories import a_case, an_account, an_attempt

pytestmark = pytest.mark.django_db
OF_CASE = ("case", "declaration", "choice", "status", "history", "cancel", "accept")
OF_ATTEMPT = ("attempt", "proceed", "qr")
OF_ACCOUNT = ("home", "link", "purpose")
PUBLIC = (
    "start", "help", "methods", "methods_before", "methods_feed", "status_plain", "status_helpful", "status_thanks",
    "status_changes", "status_atom", "status_atom_en", "status_announcement", "status_announcement_en", "language",
    "feedback", "feedback_sent",
)  # fmt: skip


@pytest.fixture
def addresses(insurant: Insurant) -> list[str]:
    case = a_case(CaseState.IDENTIFYING, insurant=insurant)
    attempt = an_attempt(case=case)
    of_case = [reverse(f"identity:{name}", args=[case.public_id]) for name in OF_CASE]
    return of_case + [reverse(f"identity:{name}", args=[attempt.pk]) for name in OF_ATTEMPT]


def test_the_right_person_gets_an_answer(member: Client, addresses: list[str]):
    assert {member.get(address).status_code for address in addresses} <= {200, 302, 303, 405}


@pytest.mark.parametrize("verb", ["get", "post"])
def test_for_another_person_it_does_not_exist(stranger: Client, addresses: list[str], verb: str):
    answers = {address: getattr(stranger, verb)(address, {"method": "postident_eid"}) for address in addresses}

    wrong = {address: answer.status_code for address, answer in answers.items() if answer.status_code not in (404, 405)}
    assert wrong == {}
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFYING


def test_for_staff_it_does_not_exist_either(browser, addresses: list[str]):
    staff = browser(an_account(is_staff=True, is_superuser=True))

    assert {staff.get(address).status_code for address in addresses} == {404, 405}


def test_a_foreign_and_an_unknown_address_cannot_be_told_apart(stranger: Client, insurant: Insurant):
    foreign = stranger.get(reverse("identity:case", args=[a_case(insurant=insurant).public_id]))
    unknown = stranger.get(reverse("identity:case", args=[uuid.uuid4()]))

    assert foreign.status_code == unknown.status_code == 404
    assert len(foreign.content) == len(unknown.content)


def test_nobody_is_asked_to_log_in(nobody: Client, addresses: list[str]):
    private = [*addresses, *(reverse(f"identity:{name}") for name in OF_ACCOUNT), "/antrag/epa/"]
    for address in private:
        for answer in (nobody.get(address), nobody.post(address)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith(reverse("account_login"))


def test_every_address_of_identity_is_tested_here():
    known = {*OF_CASE, *OF_ATTEMPT, *OF_ACCOUNT, *PUBLIC, "application", "go_on"}  # go_on: test_following
    playground, api = {"mails", "mail"}, {"api_methods", "api_cases", "api_attempts"}

    namespace = get_resolver().namespace_dict["identity"][1]

    assert {name for name in namespace.reverse_dict if isinstance(name, str)} == known | playground | api
