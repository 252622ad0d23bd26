"""What clerks decide, with four eyes."""

import pytest
from django.contrib.auth.models import Permission

from core.models import OutgoingMessage
from identity.cases import services
from identity.cases.models import IdentificationCase, Result, Review
from identity.cases.services import reviewing
from identity.cases.services.moving import locked_case
from identity.cases.services.reviewing import NotYourReview, ProposalChanged, ReasonMissing
from identity.cases.states import AttemptState, CaseState, MoveNotAllowed, ReviewState
from identity.methods.gate import MethodNotOffered
from identity.signals import case_closed
from tests.factories import a_review, a_suspension, an_account, an_attempt

pytestmark = pytest.mark.django_db
APPROVE, REPEAT, REFUSE = Review.Decision.APPROVE, Review.Decision.REPEAT, Review.Decision.REFUSE


def a_clerk():
    clerk = an_account(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="decide_reviews"))
    return clerk


def decide(review, decision, reason="Heiratsurkunde lag vor"):
    proposed = services.propose_decision(review.pk, decision, reason, clerk=a_clerk())
    return services.confirm_decision(review.pk, "gesehen", seen=proposed.proposal_mark, clerk=a_clerk())


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


def test_others_hear_of_a_refusal_and_not_of_a_repetition(django_capture_on_commit_callbacks):
    heard = []

    def hear(case_ids, **_):
        heard.extend(case_ids)

    case_closed.connect(hear)
    try:
        refused, repeated = a_review(), a_review()
        with django_capture_on_commit_callbacks(execute=True):
            decide(refused, REFUSE)
            decide(repeated, REPEAT)
    finally:
        case_closed.disconnect(hear)
    assert heard == [refused.case.public_id]


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
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=clerk).proposal_mark
    with pytest.raises(NotYourReview):
        services.confirm_decision(review.pk, "passt", seen=seen, clerk=clerk)
    with pytest.raises(NotYourReview):
        services.contradict_decision(review.pk, "doch nicht", seen=seen, clerk=clerk)


def test_nobody_decides_about_themselves():
    review, clerk = a_review(), a_clerk()
    insurant = review.case.insurant
    insurant.account = clerk
    insurant.save()
    with pytest.raises(NotYourReview):
        services.propose_decision(review.pk, APPROVE, "das bin ich", clerk=clerk)
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    with pytest.raises(NotYourReview):
        services.confirm_decision(review.pk, "das bin ich", seen=seen, clerk=clerk)


def test_who_has_no_right_decides_nothing():
    review = a_review()
    with pytest.raises(NotYourReview):
        services.propose_decision(review.pk, APPROVE, "passt", clerk=an_account(is_staff=True))


def test_a_decision_carries_a_reason():
    review = a_review()
    with pytest.raises(ReasonMissing):
        services.propose_decision(review.pk, APPROVE, "  ", clerk=a_clerk())
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    with pytest.raises(ReasonMissing):
        services.contradict_decision(review.pk, "", seen=seen, clerk=a_clerk())


def test_a_contradicted_proposal_goes_back_to_the_desk():
    review, second = a_review(), a_clerk()
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    review = services.contradict_decision(review.pk, "anderes Geburtsjahr", seen=seen, clerk=second)
    assert (review.state, review.proposal, review.decision_reason) == ("open", "", "anderes Geburtsjahr")
    services.propose_decision(review.pk, REPEAT, "anderes Geburtsjahr", clerk=second)


def test_a_proposal_is_confirmed_once():
    review = decide(a_review(), APPROVE)
    with pytest.raises(MoveNotAllowed):
        services.confirm_decision(review.pk, "noch einmal", seen=review.proposal_mark, clerk=a_clerk())


def test_nothing_is_confirmed_without_a_proposal():
    review = a_review()
    with pytest.raises(MoveNotAllowed):
        services.confirm_decision(review.pk, "passt", seen=review.proposal_mark, clerk=a_clerk())


def test_an_approval_is_refused_once_the_method_is_suspended():
    review = a_review()
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    a_suspension()
    with pytest.raises(MethodNotOffered):
        services.confirm_decision(review.pk, "passt", seen=seen, clerk=a_clerk())
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


def replace_proposal(review, seen, decision=REFUSE):
    services.contradict_decision(review.pk, "so nicht", seen=seen, clerk=a_clerk())
    return services.propose_decision(review.pk, decision, "anders gesehen", clerk=a_clerk())


@pytest.mark.parametrize("answer", [services.confirm_decision, services.contradict_decision])
def test_who_answers_answers_the_proposal_they_have_seen(answer):
    review = a_review()
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    replace_proposal(review, seen)
    with pytest.raises(ProposalChanged):
        answer(review.pk, "ja", seen=seen, clerk=a_clerk())
    review.refresh_from_db()
    assert (review.state, review.proposal) == (ReviewState.PROPOSED, REFUSE)


def test_the_same_decision_for_another_reason_is_another_proposal():
    review, clerk = a_review(), a_clerk()
    first = services.propose_decision(review.pk, APPROVE, "Heiratsurkunde lag vor", clerk=clerk).proposal_mark
    services.contradict_decision(review.pk, "Welche?", seen=first, clerk=a_clerk())
    second = services.propose_decision(review.pk, APPROVE, "Heiratsurkunde vom 3. Mai", clerk=clerk).proposal_mark
    assert first != second


@pytest.mark.django_db(transaction=True)
def test_a_proposal_replaced_just_before_the_lock_is_not_confirmed(at_once, monkeypatch):
    review, clerk = a_review(), a_clerk()
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    lock = locked_case

    def replaced_meanwhile(case_id):
        monkeypatch.setattr(reviewing, "locked_case", lock)
        assert at_once(lambda: replace_proposal(review, seen).proposal) == [REFUSE]
        return lock(case_id)

    monkeypatch.setattr(reviewing, "locked_case", replaced_meanwhile)
    with pytest.raises(ProposalChanged):
        services.confirm_decision(review.pk, "ja", seen=seen, clerk=clerk)
    review.refresh_from_db()
    assert (review.state, review.proposal) == (ReviewState.PROPOSED, REFUSE)


@pytest.mark.django_db(transaction=True)
def test_a_proposal_is_confirmed_or_replaced_never_both(at_once, meet_at):
    review, clerk = a_review(), a_clerk()
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    meet_at(reviewing, "_move_review")
    answers = at_once(
        lambda: services.confirm_decision(review.pk, "ja", seen=seen, clerk=clerk).decision,
        lambda: replace_proposal(review, seen).proposal,
    )
    review.refresh_from_db()
    confirmed, replaced = (None if isinstance(each, Exception) else each for each in answers)
    assert (confirmed, replaced, review.state) in [(APPROVE, None, "decided"), (None, REFUSE, "proposed")]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_confirm_at_once_decide_once(at_once):
    review, clerks = a_review(), [a_clerk(), a_clerk()]
    seen = services.propose_decision(review.pk, APPROVE, "passt", clerk=a_clerk()).proposal_mark
    confirm = services.confirm_decision
    results = at_once(*[lambda one=one: confirm(review.pk, "ja", seen=seen, clerk=one) for one in clerks])
    assert sorted(type(each).__name__ for each in results) == ["MoveNotAllowed", "Review"]
