"""Reviews at the desk: one clerk proposes, another one answers; the gate has the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM
from core.audit.models import AuditEvent
from identity.cases.models import Review
from identity.cases.services import cancel_case, confirm_decision, propose_decision
from identity.cases.states import AttemptState, CaseState, ReviewState
from tests.factories import a_case, a_review, a_suspension, an_attempt, an_insurant
from tests.identity.workplace.conftest import Login, audit_names, text_of, title_of

pytestmark = pytest.mark.django_db
APPROVE, REPEAT, REFUSE = Review.Decision.APPROVE, Review.Decision.REPEAT, Review.Decision.REFUSE


def page(review: Review) -> str:
    return reverse("workplace:review", args=[review.pk])


def propose(client: Client, review: Review, decision: str = APPROVE, reason: str = "Marriage certificate seen.") -> Any:
    return client.post(page(review), {"decision": decision, "reason": reason})


def answer(client: Client, review: Review, said: str, reason: str = "", seen: str | None = None) -> Any:
    review.refresh_from_db()
    shown = {"answer": said, "reason": reason, "seen": seen or review.proposal_mark}
    return client.post(page(review), shown)


@pytest.fixture
def first(browser: Login, clerk: Account) -> Client:
    return browser(clerk)


@pytest.fixture
def second(browser: Login, second_clerk: Account) -> Client:
    return browser(second_clerk)


@pytest.mark.parametrize(
    ("decision", "state"),
    [(APPROVE, CaseState.IDENTIFIED), (REPEAT, CaseState.CHOOSING), (REFUSE, CaseState.REFUSED)],
)
def test_one_clerk_proposes_and_another_one_confirms(
    first: Client, second: Client, clerk: Account, second_clerk: Account, decision: str, state: CaseState
):
    review = a_review()
    said = propose(first, review, decision)
    assert said["Location"] == reverse("workplace:reviews")
    review.case.refresh_from_db()
    assert review.case.state == CaseState.IN_REVIEW

    done = answer(second, review, "confirm")
    assert done["Location"] == reverse("workplace:reviews")
    review.refresh_from_db()
    review.case.refresh_from_db()
    assert review.case.state == state
    assert (review.proposed_by, review.decided_by, review.decision) == (clerk, second_clerk, decision)
    assert [name for name in audit_names() if "review" in name] == [
        "identity.review.proposed",
        "identity.review.decided",
    ]


def test_a_proposal_needs_a_decision_and_a_reason(first: Client):
    review = a_review()
    response = first.post(page(review), {"decision": "", "reason": "  "})

    assert response.status_code == 422
    assert "Choose how to decide." in text_of(response)
    assert "Give a reason: without one nobody can confirm it." in text_of(response)
    assert title_of(response).startswith("Error:")
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN


def test_only_the_three_decisions_can_be_proposed(first: Client):
    review = a_review()

    assert propose(first, review, "grant_everything").status_code == 422


def test_who_proposed_sees_that_a_colleague_has_to_confirm(first: Client):
    review = a_review()
    propose(first, review)
    response = first.get(page(review))

    assert "You proposed this yourself" in text_of(response)
    assert 'name="answer"' not in response.content.decode()


def test_who_proposed_cannot_confirm_even_by_a_direct_request(first: Client):
    review = a_review()
    propose(first, review)
    response = answer(first, review, "confirm")

    assert response.status_code == 403
    assert "nobody decides about themselves or confirms their own proposal" in text_of(response)
    review.refresh_from_db()
    assert review.state == ReviewState.PROPOSED


def test_a_contradiction_needs_a_reason_and_sends_the_proposal_back(first: Client, second: Client):
    review = a_review()
    propose(first, review, REFUSE)
    refused = answer(second, review, "contradict")
    assert refused.status_code == 422
    assert "Say why you contradict." in text_of(refused)

    answer(second, review, "contradict", "The prefix is missing, nothing else.")
    review.refresh_from_db()
    assert (review.state, review.proposal, review.proposed_by) == (ReviewState.OPEN, "", None)
    assert propose(second, review).status_code == 302


def test_who_confirms_confirms_what_they_have_seen(first: Client, second: Client, browser: Login):
    review = a_review()
    propose(first, review, APPROVE)
    review.refresh_from_db()
    shown = review.proposal_mark
    answer(second, review, "contradict", "Look again.")
    propose(first, review, REFUSE)
    response = answer(second, review, "confirm", seen=shown)

    assert response["Location"] == page(review)
    assert "The proposal is another one by now" in text_of(second.get(page(review)))
    review.refresh_from_db()
    assert review.state == ReviewState.PROPOSED


def test_the_mark_on_the_page_is_the_one_that_is_asked_for(first: Client, second: Client):
    review = a_review()
    propose(first, review)
    review.refresh_from_db()

    assert f'name="seen" value="{review.proposal_mark}"' in second.get(page(review)).content.decode()


def test_two_clerks_propose_at_once_and_the_second_looks_again(first: Client, second: Client, clerk: Account):
    review = a_review()
    propose(first, review, APPROVE)
    response = propose(second, review, REFUSE)

    assert response["Location"] == page(review)
    assert "This step is no longer possible" in text_of(second.get(page(review)))
    review.refresh_from_db()
    assert (review.proposal, review.proposed_by) == (APPROVE, clerk)


def test_nobody_decides_about_themselves(first: Client, clerk: Account):
    case = a_case(CaseState.IN_REVIEW, insurant=an_insurant(account=clerk, family_name="Eigenmann"))
    review = a_review(case=case)
    looked, proposed = first.get(page(review)), propose(first, review)

    assert (looked.status_code, proposed.status_code) == (403, 403)
    assert "Eigenmann" not in looked.content.decode()
    assert "Your own case: somebody else has to decide it." in text_of(first.get(reverse("workplace:reviews")))
    assert audit_names() == []


def test_a_method_suspended_meanwhile_stops_the_approval(first: Client, second: Client):
    review = a_review()
    propose(first, review, APPROVE)
    a_suspension("postident_branch", authority="gematik", order_reference="Az. 7")
    response = answer(second, review, "confirm")

    assert response.status_code == 409
    assert "This result cannot be accepted any more" in text_of(response)
    assert "gematik" in text_of(response)
    assert "Az. 7" in text_of(response)
    review.refresh_from_db()
    review.case.refresh_from_db()
    assert (review.state, review.case.state) == (ReviewState.PROPOSED, CaseState.IN_REVIEW)
    assert "identity.review.decided" not in audit_names()


@pytest.mark.parametrize("decision", [REPEAT, REFUSE])
def test_a_suspended_method_does_not_stop_the_other_decisions(first: Client, second: Client, decision: str):
    review = a_review()
    propose(first, review, decision)
    a_suspension("postident_branch")

    assert answer(second, review, "confirm").status_code == 302


def test_a_success_that_was_taken_back_is_decided_and_nothing_is_undone(first: Client, second: Client):
    case = a_case(CaseState.IDENTIFIED, method_id="postident_branch")
    review = a_review(case=case, kind=Review.Kind.WITHDRAWN, differences=[])
    shown = text_of(first.get(page(review)))
    assert "No program undoes anything" in shown
    assert "The identification stands" in shown
    assert "Accept: it is the insured person" not in shown

    propose(first, review, REFUSE)
    answer(second, review, "confirm")
    review.refresh_from_db()
    case.refresh_from_db()
    review.attempt.refresh_from_db()
    assert (review.state, case.state, review.attempt.state) == (
        ReviewState.DECIDED,
        CaseState.IDENTIFIED,
        AttemptState.SUCCEEDED,
    )


def test_a_decided_review_shows_who_decided_what_and_why(first: Client, clerk: Account, second_clerk: Account):
    review = a_review()
    proposed = propose_decision(review.pk, REPEAT, "The photo is not readable.", clerk=clerk)
    confirm_decision(review.pk, "I agree.", seen=proposed.proposal_mark, clerk=second_clerk)
    shown = text_of(first.get(page(review)))

    for words in ("Identify again, with another document", "The photo is not readable.", "I agree."):
        assert words in shown
    assert clerk.email in shown
    assert second_clerk.email in shown
    assert propose(first, review).status_code == 302


def test_a_review_of_a_cancelled_case_says_that_nobody_decided(first: Client):
    review = a_review()
    cancel_case(review.case.public_id, actor=SYSTEM)

    assert "None: the case ended before." in text_of(first.get(page(review)))


def test_every_look_is_recorded_with_who_and_where(first: Client, clerk: Account):
    review = a_review()
    first.get(page(review))
    first.post(page(review), {"decision": "", "reason": ""})
    looks = AuditEvent.objects.filter(name="identity.case.viewed")

    assert [look.facts for look in looks] == [{"page": "review"}] * 2
    assert {look.actor_reference for look in looks} == {str(clerk.public_id)}
    assert {look.subject_id for look in looks} == {str(review.case.public_id)}


def test_the_reason_stands_in_no_audit_event(first: Client):
    propose(first, a_review(), reason="Frau Mustermann hat geheiratet.")

    assert not any("Mustermann" in str(event.facts) for event in AuditEvent.objects.all())


def test_an_attempt_with_suspected_fraud_is_marked_for_staff(first: Client):
    review = a_review()
    an_attempt(AttemptState.FAILED, case=review.case, reason="suspected_fraud", suspected_fraud=True)

    assert "Suspected fraud" in text_of(first.get(page(review)))


def test_the_list_begins_with_what_waits_longest_and_names_nobody(first: Client):
    old, new = a_review(), a_review()
    Review.objects.filter(pk=old.pk).update(raised_at=timezone.now() - timedelta(days=3))
    response = first.get(reverse("workplace:reviews"))
    shown = text_of(response)

    assert shown.index(old.attempt.reference) < shown.index(new.attempt.reference)
    assert "3 days" in shown.replace("\xa0", " ")
    assert "Mustermann" not in response.content.decode()
    assert audit_names() == []


def test_the_list_can_be_narrowed(first: Client, second: Client, clerk: Account):
    waiting, proposed, decided = a_review(), a_review(), a_review()
    withdrawn = a_review(case=a_case(CaseState.IDENTIFIED), kind=Review.Kind.WITHDRAWN, differences=[])
    propose(first, proposed)
    propose(first, decided)
    answer(second, decided, "confirm")
    reviews = {"waiting": waiting, "proposed": proposed, "decided": decided, "withdrawn": withdrawn}

    def listed(**query: str) -> set[str]:
        shown = text_of(first.get(reverse("workplace:reviews"), query))
        return {name for name, review in reviews.items() if review.attempt.reference in shown}

    assert listed() == {"waiting", "proposed", "withdrawn"}
    assert listed(stand="first") == {"waiting", "withdrawn"}
    assert listed(stand="second") == {"proposed"}
    assert listed(stand="decided") == {"decided"}
    assert listed(art="withdrawn") == {"withdrawn"}
    assert listed(stand="nonsense", art="nonsense") == {"waiting", "proposed", "withdrawn"}
    assert "Proposed by you" in text_of(first.get(reverse("workplace:reviews")))


def test_a_long_list_has_pages_that_keep_the_filter(first: Client):
    for _ in range(27):
        a_review()
    response = first.get(reverse("workplace:reviews"), {"stand": "first"})

    assert "Page 1 of 2" in text_of(response)
    assert 'href="?stand=first&amp;art=&amp;page=2"' in response.content.decode()
    assert "Page 2 of 2" in text_of(first.get(reverse("workplace:reviews"), {"stand": "first", "page": "2"}))


def test_an_empty_list_says_so(first: Client):
    assert "Nothing waits in this state." in text_of(first.get(reverse("workplace:reviews")))
