"""The tables of moves, in code and in the database: every arrow that is drawn works, every other is refused."""

import itertools

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.states import (
    ATTEMPT_MOVES,
    CASE_MOVES,
    OPEN_CASE,
    REVIEW_MOVES,
    AttemptState,
    CaseState,
    MoveNotAllowed,
    ReviewState,
    check_attempt_move,
    check_case_move,
)
from tests.factories import a_case, a_review, an_account, an_attempt

pytestmark = pytest.mark.django_db
CASES = list(itertools.permutations(CaseState, 2))
ATTEMPTS = list(itertools.permutations(AttemptState, 2))


@pytest.mark.parametrize(("source", "target"), CASES)
def test_a_case_moves_along_the_drawn_arrows_only(source, target):
    case = a_case(source)
    closed_at = None if target in OPEN_CASE else timezone.now()
    change = {"state": target, "offered_until": timezone.now(), "closed_at": closed_at}
    if target in CASE_MOVES[source]:
        check_case_move(source, target)
        IdentificationCase.objects.filter(pk=case.pk).update(**change)
    else:
        with pytest.raises(MoveNotAllowed):
            check_case_move(source, target)
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            IdentificationCase.objects.filter(pk=case.pk).update(**change)


@pytest.mark.parametrize(("source", "target"), ATTEMPTS)
def test_an_attempt_moves_along_the_drawn_arrows_only(source, target):
    attempt = an_attempt(source, case=a_case())
    change = {"state": target, "started_at": timezone.now(), "provider_case_id": "T00000000000"}
    if target in ATTEMPT_MOVES[source]:
        check_attempt_move(source, target)
        Attempt.objects.filter(pk=attempt.pk).update(**change)
    else:
        with pytest.raises(MoveNotAllowed):
            check_attempt_move(source, target)
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Attempt.objects.filter(pk=attempt.pk).update(**change)


@pytest.mark.parametrize(("source", "target"), list(itertools.permutations(ReviewState, 2)))
def test_a_review_moves_along_the_drawn_arrows_only(source, target):
    review = a_review(state=source, decision="repeat", decided_at=timezone.now())
    change = Review.objects.filter(pk=review.pk)
    if target in REVIEW_MOVES[source]:
        change.update(state=target)
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            change.update(state=target)


@pytest.mark.parametrize("make", [a_case, an_attempt, a_review])
def test_nothing_of_a_case_can_be_deleted(make):
    row = make()
    with pytest.raises(DatabaseError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).delete()


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def test_a_person_has_one_open_case_per_purpose():
    case = a_case()
    with refused("identity_case_one_open"), transaction.atomic():
        a_case(CaseState.IN_REVIEW, insurant=case.insurant)
    a_case(insurant=case.insurant, purpose="pin")


@pytest.mark.parametrize(
    ("state", "wrong", "constraint"),
    [
        (CaseState.CHOOSING, {"closed_at": timezone.now()}, "identity_case_closed_iff_not_open"),
        (CaseState.IDENTIFIED, {"closed_at": None}, "identity_case_closed_iff_not_open"),
        (CaseState.OFFERED, {"offered_until": None}, "identity_case_offer_has_an_end"),
        (CaseState.CHOOSING, {"purpose": "holiday"}, "identity_case_purpose_known"),
    ],
)
def test_a_case_row_cannot_lie(state, wrong, constraint):
    with refused(constraint), transaction.atomic():
        a_case(state, **wrong)


def test_a_case_has_a_known_state():
    with refused("identity_case_state_known"), transaction.atomic():
        IdentificationCase.objects.create(
            insurant=a_case().insurant, insurer=a_case().insurer, purpose="pin", state="lost",
            expires_at=timezone.now(), closed_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"provider_case_id": ""}, {"started_at": None}])
def test_a_started_attempt_knows_its_case_at_the_provider(wrong):
    with refused("identity_attempt_started_knows_provider_case"), transaction.atomic():
        an_attempt(**wrong)


def test_a_reference_is_used_once():
    attempt = an_attempt()
    with refused("identity_attempt_reference"), transaction.atomic():
        an_attempt(reference=attempt.reference)


def test_a_case_is_granted_by_one_result():
    review = a_review()
    case = review.case
    Result.objects.update(granted_at=timezone.now(), level_reached=3)
    second = an_attempt(AttemptState.SUCCEEDED, case=case)
    with refused("identity_result_one_grant"), transaction.atomic():
        Result.objects.create(
            attempt=second, case=case, received_at=timezone.now(), person={}, verdict="match", level_reached=3,
            granted_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"granted_at": timezone.now(), "level_reached": None}, "identity_result_grant_has_level"),
        ({"verdict": "perhaps"}, "identity_result_verdict_known"),
    ],
)
def test_a_result_row_cannot_lie(wrong, constraint):
    a_review()
    with refused(constraint), transaction.atomic():
        Result.objects.update(**wrong)


def test_a_review_is_decided_by_other_eyes_than_it_was_proposed_by():
    clerk = an_account()
    with refused("identity_review_four_eyes"), transaction.atomic():
        a_review(state="decided", decision="approve", decided_at=timezone.now(), proposed_by=clerk, decided_by=clerk)


def test_a_case_has_one_open_review_of_a_kind():
    review = a_review()
    with refused("identity_review_one_open"), transaction.atomic():
        Review.objects.create(case=review.case, attempt=review.attempt, kind=review.kind)
