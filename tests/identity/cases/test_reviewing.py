"""What clerks decide, with four eyes."""

import pytest
from django.contrib.auth.models import Permission

from core.models import OutgoingMessage
from identity.cases import services
from identity.cases.models import IdentificationCase, Result, Review
from identity.cases.services.reviewing import NotYourReview, ReasonMissing
from identity.cases.states import AttemptState, CaseState, MoveNotAllowed
from identity.methods.gate import MethodNotOffered
from tests.factories import a_review, a_suspension, an_account, an_attempt

pytestmark = pytest.mark.django_db
APPROVE, REPEAT, REFUSE = Review.Decision.APPROVE, Review.Decision.REPEAT, Review.Decision.REFUSE


def a_clerk():
    clerk = an_account(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="decide_reviews"))
    return clerk


def decide(review, decision, reason="Heiratsurkunde lag vor"):
    first, second = a_clerk(), a_clerk()
    services.propose_decision(review.pk, decision, reason, clerk=first)
    return services.confirm_decision(review.pk, "gesehen", clerk=second)


@pytest.mark.parametrize(
    ("decision", "state", "message"),
    [
        (APPROVE, CaseState.IDENTIFIED, "identified"),
        (REPEAT, CaseState.CHOOSING, "not_successful"),
        (REFUSE, CaseState.REFUSED, "refused"),
    ],
)
def test_two_clerks_decide_and_the_person_is_told(decision, state, message):
    review = decide(a_review(), decision)
    assert IdentificationCase.objects.get().state == state
    assert review.decision == decision
    assert OutgoingMessage.objects.get().template == f"identity/{message}"


def test_only_an_approval_grants():
    decide(a_review(), APPROVE)
    result = Result.objects.get()
    assert (result.granted_at is not None, result.level_reached) == (True, 3)


@pytest.mark.parametrize("decision", [REPEAT, REFUSE])
def test_anything_else_grants_nothing(decision):
    decide(a_review(), decision)
    assert Result.objects.get().granted_at is None


def test_a_proposal_alone_changes_nothing_for_the_person():
    services.propose_decision(a_review().pk, APPROVE, "passt", clerk=a_clerk())
    assert IdentificationCase.objects.get().state == CaseState.IN_REVIEW
    assert OutgoingMessage.objects.count() == 0


def test_nobody_confirms_or_contradicts_their_own_proposal():
    review, clerk = a_review(), a_clerk()
    services.propose_decision(review.pk, APPROVE, "passt", clerk=clerk)
    with pytest.raises(NotYourReview):
        services.confirm_decision(review.pk, "passt", clerk=clerk)
    with pytest.raises(NotYourReview):
        services.contradict_decision(review.pk, "doch nicht", clerk=clerk)


def test_nobody_decides_about_themselves():
    review, clerk = a_review(), a_clerk()
    insurant = review.case.insurant
    insurant.account = clerk
    insurant.save()
    with pytest.raises(NotYourReview):
        services.propose_decision(review.pk, APPROVE, "das bin ich", clerk=clerk)
    services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk())
    with pytest.raises(NotYourReview):
        services.confirm_decision(review.pk, "das bin ich", clerk=clerk)


def test_who_has_no_right_decides_nothing():
    review = a_review()
    with pytest.raises(NotYourReview):
        services.propose_decision(review.pk, APPROVE, "passt", clerk=an_account(is_staff=True))


def test_a_decision_carries_a_reason():
    review = a_review()
    with pytest.raises(ReasonMissing):
        services.propose_decision(review.pk, APPROVE, "  ", clerk=a_clerk())
    services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk())
    with pytest.raises(ReasonMissing):
        services.contradict_decision(review.pk, "", clerk=a_clerk())


def test_a_contradicted_proposal_goes_back_to_the_desk():
    review, second = a_review(), a_clerk()
    services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk())
    review = services.contradict_decision(review.pk, "anderes Geburtsjahr", clerk=second)
    assert (review.state, review.proposal, review.decision_reason) == ("open", "", "anderes Geburtsjahr")
    services.propose_decision(review.pk, REPEAT, "anderes Geburtsjahr", clerk=second)


def test_a_proposal_is_confirmed_once():
    review = decide(a_review(), APPROVE)
    with pytest.raises(MoveNotAllowed):
        services.confirm_decision(review.pk, "noch einmal", clerk=a_clerk())


def test_nothing_is_confirmed_without_a_proposal():
    with pytest.raises(MoveNotAllowed):
        services.confirm_decision(a_review().pk, "passt", clerk=a_clerk())


def test_an_approval_is_refused_once_the_method_is_suspended():
    review = a_review()
    services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk())
    a_suspension()
    with pytest.raises(MethodNotOffered):
        services.confirm_decision(review.pk, "passt", clerk=a_clerk())
    assert IdentificationCase.objects.get().state == CaseState.IN_REVIEW


def test_a_person_who_cancels_takes_the_review_off_the_desk():
    from core.actors import SYSTEM

    review = a_review()
    services.cancel_case(review.case.public_id, actor=SYSTEM)
    review.refresh_from_db()
    assert review.state == "decided"


def test_a_success_that_was_taken_back_is_looked_at_and_nothing_is_undone_by_itself():
    from tests.factories import a_case

    case = a_case(CaseState.IDENTIFIED)
    attempt = an_attempt(AttemptState.SUCCEEDED, case=case)
    review = Review.objects.create(case=case, attempt=attempt, kind=Review.Kind.WITHDRAWN)
    decide(review, REFUSE)
    case.refresh_from_db()
    assert case.state == CaseState.IDENTIFIED


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_confirm_at_once_decide_once(at_once):
    review = a_review()
    services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk())
    clerks = [a_clerk(), a_clerk()]
    results = at_once(*[lambda one=one: services.confirm_decision(review.pk, "ja", clerk=one) for one in clerks])
    assert sorted(type(each).__name__ for each in results) == ["MoveNotAllowed", "Review"]
