"""One access: right person, wrong person, nobody, and every state in words."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from epa.models import EpaAccess
from epa.states import AccessState, Channel, EndReason, RecordState
from epa.templatetags.epa_tags import epa_task
from epa.words import WORDS
from identity.cases.states import CaseState
from identity.members.models import Insurant
from tests.epa.accesses import an_access, email_of
from tests.factories import a_case, an_account

pytestmark = pytest.mark.django_db
S = AccessState


def page_of(access: EpaAccess) -> str:
    return reverse("epa:access", args=[access.public_id])


def status_of(access: EpaAccess) -> str:
    return reverse("epa:status", args=[access.public_id])


@pytest.mark.parametrize(
    ("state", "given", "words"),
    [
        (S.REQUESTED, {}, "You have requested access"),
        (S.OPENING, {}, "We set up your access"),
        (S.OPENING, {"problem": "http_503"}, "it takes longer than usual"),
        (S.OPENING, {"problem": "record_error"}, "it takes longer than usual"),
        (S.OPENING, {"problem": "wrong_state"}, "Your ePA cannot be reached at present"),
        (S.OPENING, {"problem": "review_open"}, "We still check something"),
        (S.STUCK, {}, "You have done everything right"),
        (S.OPEN, {}, "Your access to the ePA is open"),
        (S.CANCELLED, {}, "has ended before you were identified"),
        (S.CANCELLED, {"end_reason": EndReason.MEMBERSHIP_ENDED}, "not insured with us any more"),
        (S.CANCELLED, {"end_reason": EndReason.IDENTIFICATION_WITHDRAWN}, "has taken your identification back"),
    ],
)
def test_every_state_is_said_in_words(member: Client, insurant: Insurant, state, given, words):
    page = member.get(page_of(an_access(state, insurant=insurant, **given)))
    assert page.status_code == 200
    assert words in page.text
    assert page.text.count("<h1") == 1
    assert "{#" not in page.text
    assert "http_503" not in page.text.replace("opening-http_503", "")  # codes are for operators


@pytest.mark.parametrize("channel", Channel)
def test_an_open_access_says_what_to_do_next(member: Client, insurant: Insurant, channel):
    page = member.get(page_of(an_access(S.OPEN, insurant=insurant, channel=channel)))
    for step in WORDS[channel].steps:
        assert str(step) in page.text
    assert ("We never ask for your PIN" in page.text) == (channel != Channel.NONE)


def test_a_record_that_may_not_be_there_yet_is_explained(member: Client, insurant: Insurant):
    access = an_access(S.OPEN, insurant=insurant)
    assert "objected to the ePA" not in member.get(page_of(access)).text
    EpaAccess.objects.filter(pk=access.pk).update(record_state=RecordState.NONE_OR_INITIALIZED)
    assert "objected to the ePA" in member.get(page_of(access)).text


@pytest.mark.parametrize(
    ("case_state", "declared", "link"),
    [
        (CaseState.CHOOSING, False, "/antrag/epa/"),
        (CaseState.IDENTIFYING, True, "/vorgang/"),
        (CaseState.EXPIRED, True, ""),
    ],
)
def test_a_requested_access_leads_on_to_the_identification(member: Client, insurant, case_state, declared, link):
    case = a_case(case_state, insurant=insurant, **({} if declared else {"declared_at": None}))
    page = member.get(page_of(an_access(S.REQUESTED, case=case)))
    primary = [line for line in page.text.splitlines() if "kern-btn--primary" in line and "href" in line]
    assert [link in line for line in primary] == ([True] if link else [])


def test_a_late_result_is_offered_instead_of_a_new_request(member: Client, insurant: Insurant):
    case = a_case(CaseState.OFFERED, insurant=insurant)
    page = member.get(page_of(an_access(S.CANCELLED, case=case)))
    assert "A late result is waiting for you" in page.text
    (primary,) = [line for line in page.text.splitlines() if "kern-btn--primary" in line and "href" in line]
    assert reverse("identity:case", args=[case.public_id]) in primary


def test_a_person_in_review_is_told_to_wait(member: Client, insurant: Insurant):
    page = member.get(page_of(an_access(S.REQUESTED, case=a_case(CaseState.IN_REVIEW, insurant=insurant))))
    assert "We check your details" in page.text


def test_a_waiting_page_hears_when_there_is_something_new(member: Client, insurant: Insurant):
    access = an_access(S.OPENING, insurant=insurant)
    before = member.get(status_of(access)).json()
    assert before["state"] == "opening"
    assert f'data-version="{before["version"]}"' in member.get(page_of(access)).text
    EpaAccess.objects.filter(pk=access.pk).update(problem="http_503")
    assert member.get(status_of(access)).json()["version"] != before["version"]


def test_for_another_person_and_for_staff_it_does_not_exist(stranger: Client, browser, insurant: Insurant):
    access = an_access(S.OPEN, insurant=insurant)
    staff = browser(an_account(is_staff=True, is_superuser=True))
    for who in (stranger, staff):
        assert [who.get(page_of(access)).status_code, who.get(status_of(access)).status_code] == [404, 404]
    unknown = stranger.get(reverse("epa:access", args=[uuid.uuid4()]))
    assert len(unknown.content) == len(stranger.get(page_of(access)).content)


def test_another_person_does_not_find_it_by_the_request_page(stranger: Client, insurant: Insurant):
    an_access(S.OPEN, insurant=insurant)
    assert stranger.get(reverse("epa:request")).status_code == 200


def test_nobody_is_asked_to_log_in(nobody: Client, insurant: Insurant):
    access = an_access(S.OPEN, insurant=insurant)
    for address in (page_of(access), status_of(access)):
        assert "/konto/" in nobody.get(address)["Location"]


def test_a_page_of_a_person_is_kept_nowhere_and_names_nobody(member: Client, insurant: Insurant):
    access = an_access(S.OPEN, insurant=insurant)
    page = member.get(page_of(access))
    assert "no-store" in page["Cache-Control"]
    title = page.text.split("<title>")[1].split("</title>")[0]
    for word in (insurant.kvnr, insurant.family_name, email_of(access)):
        assert word not in title


@pytest.mark.parametrize("state", AccessState)
def test_the_page_asks_the_database_little(member: Client, insurant: Insurant, at_most_queries, state):
    access = an_access(state, insurant=insurant)
    with at_most_queries(10):
        assert member.get(page_of(access)).status_code == 200


def test_who_has_to_be_identified_again_is_led_to_another_way(member, insurant):
    access = an_access(S.CANCELLED, case=a_case(insurant=insurant), end_reason=EndReason.IDENTIFICATION_WITHDRAWN)
    page = member.get(page_of(access)).content.decode()
    assert "Please identify yourself again" in page
    assert reverse("identity:choice", args=[access.case.public_id]) in page
    task = epa_task(insurant.account)
    assert (task["url"], task["hint"]) == (page_of(access), "Please identify yourself again.")
