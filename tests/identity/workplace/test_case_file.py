"""Finding a case and reading its file: by numbers only, without names, and never unseen."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from core.audit import record
from core.audit.models import AuditEvent
from identity.cases.models import Review
from identity.cases.services import confirm_decision, propose_decision
from identity.cases.states import AttemptState, CaseState
from identity.portal.timeline import entries_of
from identity.workplace import case_file
from tests.factories import a_case, a_review, an_attempt, an_insurant
from tests.identity.workplace.conftest import Login, text_of, title_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, clerk: Account) -> Client:
    return browser(clerk)


def search(desk: Client, number: str) -> str:
    """Return where a search leads, or the page's words."""
    response = desk.post(reverse("workplace:cases"), {"number": number})
    return response["Location"] if response.status_code == 302 else text_of(response)


def test_a_case_is_found_by_its_number_and_by_the_number_on_a_coupon(desk: Client):
    attempt = an_attempt(reference="ABCDEFGHJKLM23")
    page = reverse("workplace:case", args=[attempt.case.public_id])

    assert search(desk, f" {attempt.case.public_id} ") == page
    assert search(desk, "ABCDEFGHJKLM23") == page
    assert search(desk, " abcde-fghjk lm23") == page


@pytest.mark.parametrize("number", ["ABCDEFGHJKLM99", "Mustermann", "X110411675", "' OR 1=1", "%" * 40])
def test_nothing_else_finds_a_case(desk: Client, number: str):
    an_attempt(reference="ABCDEFGHJKLM23")

    assert "There is no case with this number." in search(desk, number)


def test_a_search_needs_a_number(desk: Client):
    assert "Enter a number." in search(desk, "")


def test_a_search_by_address_finds_nothing(desk: Client):
    attempt = an_attempt()
    response = desk.get(reverse("workplace:cases"), {"number": attempt.reference})

    assert response.status_code == 200
    assert attempt.reference not in text_of(response)
    assert reverse("workplace:case", args=[attempt.case.public_id]) not in response.content.decode()


def test_the_file_tells_all_but_names(desk: Client, clerk: Account, second_clerk: Account):
    review = a_review()
    an_attempt(AttemptState.FAILED, case=review.case, reason="suspected_fraud", suspected_fraud=True)
    proposed = propose_decision(review.pk, Review.Decision.REPEAT, "secret words", clerk=clerk)
    confirm_decision(review.pk, "", seen=proposed.proposal_mark, clerk=second_clerk)
    response = desk.get(reverse("workplace:case", args=[review.case.public_id]))
    shown = text_of(response)

    for words in (
        "Choose a way", review.attempt.reference, "In a post office", "Suspected fraud",
        "The family names are different.",
        "Decision confirmed by a second person", "Decision: Identify again, with another document",
        "Case looked at by staff", clerk.email, "ID card DEU",
    ):  # fmt: skip
        assert words in shown, words
    for hidden in ("Mustermann", "Musterfrau", "Erika", "1964", "secret words", "provider.example"):
        assert hidden not in response.content.decode(), hidden


def test_the_title_names_the_case_by_its_number(desk: Client):
    case = a_case()

    assert (
        title_of(desk.get(reverse("workplace:case", args=[case.public_id])))
        == f"Case {str(case.public_id)[:8]} – Vorweis"
    )


def test_a_look_is_recorded_and_the_person_sees_it(desk: Client, clerk: Account):
    case = a_case()
    desk.get(reverse("workplace:case", args=[case.public_id]))
    look = AuditEvent.objects.get()

    assert (look.name, look.subject_id, look.facts) == (
        "identity.case.viewed",
        str(case.public_id),
        {"page": "case"},
    )
    assert (look.actor_kind, look.actor_reference) == (ActorKind.CLERK, str(clerk.public_id))
    assert "Our staff looked at your application" in [entry.title for entry in entries_of(case, [])]


def test_without_a_record_of_the_look_nothing_is_shown(desk: Client, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("core.audit.record_many", broken)
    with pytest.raises(RuntimeError, match="the trail is gone"):
        desk.get(reverse("workplace:case", args=[a_case().public_id]))


def test_only_who_decides_reviews_is_led_to_them(browser: Login, desk: Client, administrator: Account):
    review = a_review()
    page, address = (
        reverse("workplace:case", args=[review.case.public_id]),
        reverse("workplace:review", args=[review.pk]),
    )

    assert address in desk.get(page).content.decode()
    assert address not in browser(administrator).get(page).content.decode()


def test_the_trail_holds_case_attempts_and_reviews_newest_first(desk: Client):
    review = a_review()
    stranger = a_case()
    for name, subject in (
        ("identity.case.opened", review.case),
        ("identity.attempt.started", review.attempt),
        ("identity.review.proposed", review),
        ("identity.case.cancelled", stranger),
    ):
        record(name, subject, actor=SYSTEM)
    shown = text_of(desk.get(reverse("workplace:case", args=[review.case.public_id])))

    assert (
        shown.index("Decision proposed") < shown.index("Attempt started at the provider") < shown.index("Case opened")
    )
    assert "Case cancelled" not in shown


def test_looks_that_follow_each_other_are_told_as_one_with_their_number(
    desk: Client, browser: Login, second_clerk: Account
):
    case = a_case()
    page = reverse("workplace:case", args=[case.public_id])
    for _ in range(3):
        desk.get(page)
    shown = text_of(browser(second_clerk).get(page))

    assert shown.count("Case looked at by staff") == 2
    assert "3 times since" in shown


def test_a_long_trail_is_cut_and_says_so(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(case_file, "LONGEST_TRAIL", 2)
    case = a_case()
    for _ in range(3):
        record("identity.case.declared", case, actor=Actor(ActorKind.INSURANT, "x"))

    assert "Only the latest events are shown." in text_of(desk.get(reverse("workplace:case", args=[case.public_id])))


def test_a_person_without_an_account_has_to_be_told_in_another_way(desk: Client):
    case = a_case(insurant=an_insurant(account=None))

    assert "none: tell the person in another way" in text_of(desk.get(reverse("workplace:case", args=[case.public_id])))


@pytest.mark.parametrize("state", CaseState)
def test_a_case_in_any_state_has_a_file(desk: Client, state: CaseState):
    case = a_case(state)

    assert str(state.label) in text_of(desk.get(reverse("workplace:case", args=[case.public_id])))


@pytest.mark.parametrize("state", AttemptState)
def test_an_attempt_in_any_state_is_shown(desk: Client, state: AttemptState):
    attempt = an_attempt(state)

    assert str(state.label) in text_of(desk.get(reverse("workplace:case", args=[attempt.case.public_id])))
