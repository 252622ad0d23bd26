"""The button of a message: a signed address, the log-in, and then what there is to do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.audit.models import AuditEvent
from identity.cases.links import VALID_FOR, address_for, case_id_in, token_for
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.factories import PASSWORD, a_case, an_account, an_attempt

pytestmark = pytest.mark.django_db
NO_GOOD = "This link does not lead any further"


@pytest.fixture
def case(insurant: Insurant) -> IdentificationCase:
    return a_case(insurant=insurant, end_reason="method_suspended")


def link_to(case_id: uuid.UUID) -> str:
    """The path of the address in a message."""
    return urlsplit(address_for(case_id)).path


def test_the_right_person_comes_to_the_choice(member: Client, case: IdentificationCase):
    answer = member.get(link_to(case.public_id))

    assert answer["Location"] == reverse("identity:choice", args=[case.public_id])
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("state", [state for state in CaseState if state != CaseState.CHOOSING])
def test_where_there_is_nothing_to_choose_it_leads_to_how_things_stand(
    member: Client, insurant: Insurant, state: CaseState
):
    case = a_case(state, insurant=insurant)

    assert member.get(link_to(case.public_id))["Location"] == reverse("identity:case", args=[case.public_id])


def test_nobody_logs_in_first_and_comes_out_where_they_wanted(nobody: Client, case: IdentificationCase):
    link = link_to(case.public_id)
    to_login = nobody.get(link)
    assert to_login["Location"].startswith(reverse("account_login"))
    assert parse_qs(urlsplit(to_login["Location"]).query) == {"next": [link]}

    assert case.insurant.account is not None
    form = {"login": case.insurant.account.email, "password": PASSWORD}
    answer = nobody.post(to_login["Location"], form, follow=True)

    assert answer.redirect_chain == [(link, 302), (reverse("identity:choice", args=[case.public_id]), 302)]
    assert "The way that you had begun has been suspended" in answer.text


def test_a_foreign_and_an_unknown_case_get_the_very_same_answer(stranger: Client, case: IdentificationCase):
    foreign, unknown = stranger.get(link_to(case.public_id)), stranger.get(link_to(uuid.uuid4()))

    assert foreign.status_code == unknown.status_code == 404
    assert NO_GOOD in foreign.text
    assert len(foreign.content) == len(unknown.content)
    assert reverse("account_logout") in foreign.text


def test_without_a_log_in_a_foreign_and_an_unknown_case_look_alike_too(nobody: Client, case: IdentificationCase):
    for case_id in (case.public_id, uuid.uuid4()):
        assert nobody.get(link_to(case_id)).status_code == 302


def test_staff_do_not_come_to_a_case_by_a_link_either(browser, case: IdentificationCase):
    assert browser(an_account(is_staff=True)).get(link_to(case.public_id)).status_code == 404


def test_it_is_good_for_three_months_and_not_longer(case: IdentificationCase, time_machine):
    token = token_for(case.public_id)
    time_machine.move_to(timezone.now() + VALID_FOR - timedelta(minutes=1))
    assert case_id_in(token) == case.public_id
    time_machine.shift(timedelta(minutes=2))
    assert case_id_in(token) is None


def test_a_link_that_is_too_old_says_what_to_do_before_any_log_in(
    nobody: Client, case: IdentificationCase, time_machine
):
    link = link_to(case.public_id)
    time_machine.move_to(timezone.now() + VALID_FOR + timedelta(minutes=1))

    page = nobody.get(link)

    assert page.status_code == 404
    assert NO_GOOD in page.text
    assert "Nothing is lost" in page.text
    assert reverse("account_login") in page.text


def tampered(case_id: uuid.UUID) -> list[str]:
    token = token_for(case_id)
    other = uuid.uuid4().hex
    return [
        other + token[32:],
        token[:-1],
        token[:40],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token + "x",
        case_id.hex,
        "x",
        "..",
        TimestampSigner(salt="another use", sep=".").sign(case_id.hex),
        TimestampSigner(salt="identity.cases.links", sep=".").sign("no-case"),
    ]


def test_a_changed_or_cut_link_leads_nowhere_and_says_so(member: Client, nobody: Client, case: IdentificationCase):
    for token in tampered(case.public_id):
        for visitor in (member, nobody):
            page = visitor.get(reverse("identity:go_on", args=[token]))
            assert (page.status_code, NO_GOOD in page.text) == (404, True), token


def test_a_mail_program_that_opens_it_first_causes_nothing(
    nobody: Client, member: Client, insurant: Insurant, case: IdentificationCase
):
    an_attempt(case=case)
    before = list(IdentificationCase.objects.values()), AuditEvent.objects.count()
    for visitor in (nobody, member):
        visitor.get(link_to(case.public_id))
        visitor.head(link_to(case.public_id))
        assert visitor.post(link_to(case.public_id)).status_code == 405
    assert (list(IdentificationCase.objects.values()), AuditEvent.objects.count()) == before
    assert member.get(link_to(case.public_id)).status_code == 302  # and it still works


def test_an_address_holds_the_random_number_of_the_case_and_nothing_of_the_person(case: IdentificationCase):
    address = address_for(case.public_id)

    assert case.public_id.hex in address
    assert case.insurant.kvnr not in address
    assert len(address) < 160


def test_the_same_token_without_its_last_slash_works_too(member: Client, case: IdentificationCase):
    answer = member.get(link_to(case.public_id).rstrip("/"), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("identity:choice", args=[case.public_id])


def test_following_takes_few_queries(member: Client, case: IdentificationCase, at_most_queries):
    with at_most_queries(4):
        member.get(link_to(case.public_id))
