"""What follows from a provider's news: through the inbox, as the worker does it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from identity.callbacks import work
from identity.callbacks.states import EntryState
from identity.cases import services
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.ending import OfferOver
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Purpose
from identity.methods.gate import MethodNotOffered
from identity.providers.ports import Progress
from identity.signals import case_identified
from tests.factories import (
    a_case,
    a_document,
    a_suspension,
    an_answer,
    an_attempt,
    an_identification,
    an_insurant,
    lift,
)
from tests.identity.scripted import hint_about

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


@pytest.fixture
def deliver(provider):
    """Let the provider say something about an attempt, and work off the inbox; return the attempt afresh."""

    def say(attempt: Attempt, *identifications, **given) -> Attempt:
        provider.answers[attempt.provider_case_id] = an_answer(attempt, *identifications, **given)
        hint_about(attempt)
        work.work_inbox()
        return Attempt.objects.select_related("case", "case__insurant").get(pk=attempt.pk)

    return say


def told(template: str) -> int:
    return OutgoingMessage.objects.filter(template=f"identity/{template}").count()


def test_a_matching_success_identifies_the_person(deliver):
    attempt = deliver(an_attempt(), an_identification())
    assert (attempt.state, attempt.case.state) == (A.SUCCEEDED, C.IDENTIFIED)
    result = Result.objects.get()
    assert result.granted_at is not None
    assert result.level_reached == 3
    assert told("identified") == 1


def test_the_same_success_ten_times_has_one_effect(deliver):
    attempt = an_attempt()
    for _ in range(10):
        deliver(attempt, an_identification())
    assert Result.objects.count() == 1
    assert told("identified") == 1
    assert AuditEvent.objects.filter(name="identity.case.identified").count() == 1


def test_the_news_of_an_identified_person_is_sent_on_commit(deliver, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, case_ids, **_):
        heard.extend(case_ids)

    case_identified.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        attempt = deliver(an_attempt(), an_identification())
    case_identified.disconnect(listen)
    assert heard == [attempt.case.public_id]


def test_a_difference_goes_to_a_clerk_and_the_person_is_told(deliver):
    attempt = deliver(an_attempt(), an_identification(document=a_document(family_name="Musterfrau")))
    assert (attempt.state, attempt.case.state) == (A.SUCCEEDED, C.IN_REVIEW)
    review = Review.objects.get()
    assert review.differences == ["family_name_differs"]
    assert Result.objects.get().granted_at is None
    assert told("in_review") == 1
    assert told("identified") == 0


def test_somebody_else_s_document_is_rejected_and_the_person_may_choose_again(deliver):
    stranger = a_document(given_names="Max", family_name="Fremd", birth_date="1990-01-01")
    attempt = deliver(an_attempt(), an_identification(document=stranger))
    assert (attempt.state, attempt.reason) == (A.REJECTED, "not_the_insured_person")
    assert (attempt.case.state, attempt.case.end_reason) == (C.CHOOSING, "not_the_insured_person")


def test_a_success_without_a_document_proves_nothing(deliver):
    attempt = deliver(an_attempt(), an_identification(document=None))
    assert attempt.case.state == C.IN_REVIEW


def test_a_decline_leads_back_to_the_choice_with_its_kind(deliver):
    attempt = deliver(an_attempt(), an_identification(Progress.DECLINED, reason="document_expired"))
    assert (attempt.state, attempt.reason) == (A.FAILED, "document_expired")
    assert (attempt.case.state, attempt.case.end_reason) == (C.CHOOSING, "document_expired")
    assert told("not_successful") == 1


def test_a_suspicion_of_fraud_is_kept_for_staff_and_not_told(deliver):
    attempt = deliver(an_attempt(), an_identification(Progress.DECLINED, suspected_fraud=True))
    assert attempt.suspected_fraud
    assert attempt.case.end_reason == "declined"
    assert "fraud" not in str(OutgoingMessage.objects.get(template="identity/not_successful").context)


def test_a_success_after_a_failure_in_the_same_provider_case_counts(deliver):
    attempt = an_attempt()
    failure = an_identification(Progress.DECLINED, method="postident_eid", reason="pin_blocked")
    deliver(attempt, failure)
    attempt = deliver(attempt, failure, an_identification())
    assert (attempt.state, attempt.case.state) == (A.SUCCEEDED, C.IDENTIFIED)


def test_a_late_failure_cannot_undo_a_success(deliver):
    attempt = deliver(an_attempt(), an_identification())
    old = an_identification(Progress.DECLINED, modified_at=timezone.now() - timedelta(days=1))
    attempt = deliver(attempt, old)
    assert (attempt.state, attempt.case.state) == (A.SUCCEEDED, C.IDENTIFIED)
    assert Review.objects.count() == 0


def test_a_success_that_the_provider_takes_back_is_shown_to_a_clerk_once(deliver):
    attempt = deliver(an_attempt(), an_identification())
    taken_back = an_identification(Progress.DECLINED, modified_at=timezone.now() + timedelta(minutes=1))
    deliver(attempt, taken_back)
    attempt = deliver(attempt, taken_back)
    assert attempt.case.state == C.IDENTIFIED
    assert Review.objects.get().kind == Review.Kind.WITHDRAWN


def test_progress_is_shown_and_changes_no_state(deliver):
    attempt = deliver(an_attempt(), an_identification(Progress.COUPON_REQUESTED))
    assert (attempt.progress, attempt.state, attempt.case.state) == ("coupon_requested", A.STARTED, C.IDENTIFYING)


@pytest.mark.parametrize("progress", [Progress.UNKNOWN, Progress.INCOMPLETE, Progress.REVIEW_PENDING])
def test_nothing_but_success_and_decline_decides(deliver, progress):
    attempt = deliver(an_attempt(), an_identification(progress))
    assert attempt.state == A.STARTED


def test_an_answer_without_identifications_changes_nothing(deliver):
    assert deliver(an_attempt()).state == A.STARTED


def test_the_first_success_of_any_attempt_wins_and_the_later_one_is_harmless(deliver):
    coupon = an_attempt()
    online = an_attempt(case=coupon.case, method_id="postident_eid")
    deliver(online, an_identification(method="postident_eid"))
    coupon = deliver(coupon, an_identification())
    assert coupon.state == A.SURPLUS
    assert Result.objects.filter(granted_at__isnull=False).count() == 1
    assert told("identified") == 1


def test_a_success_in_a_cancelled_case_is_recorded_and_grants_nothing(deliver):
    attempt = an_attempt()
    services.cancel_case(attempt.case.public_id, actor=SYSTEM)
    attempt = deliver(attempt, an_identification())
    assert (attempt.state, attempt.case.state) == (A.SURPLUS, C.CANCELLED)


def test_a_result_by_a_suspended_method_is_withheld(deliver):
    attempt = an_attempt()
    a_suspension()
    attempt = deliver(attempt, an_identification())
    assert (attempt.state, attempt.case.state) == (A.WITHHELD, C.CHOOSING)
    assert Result.objects.get().granted_at is None
    assert told("identified") == 0


@pytest.mark.parametrize("method", ["video_ident", "robo_ident", ""])
def test_what_counts_is_the_method_that_was_really_used(deliver, method):
    attempt = deliver(an_attempt(), an_identification(method=method))
    assert attempt.state == A.WITHHELD
    assert Result.objects.get().level_reached is None


def test_a_success_of_an_attempt_whose_start_was_stopped_is_kept_and_withheld(deliver):
    attempt = an_attempt(A.CANCELLED, case=a_case(), started_at=None)
    a_suspension()
    attempt = deliver(attempt, an_identification())
    assert (attempt.state, attempt.case.state) == (A.WITHHELD, C.CHOOSING)
    assert Result.objects.get().granted_at is None


def test_a_stopped_start_grants_nothing_either_when_the_method_has_come_back(deliver):
    attempt = deliver(an_attempt(A.CANCELLED, case=a_case(), started_at=None), an_identification())
    assert (attempt.state, attempt.case.state) == (A.WITHHELD, C.CHOOSING)
    assert Result.objects.get().granted_at is None


@pytest.mark.parametrize("progress", [Progress.STARTED, Progress.SUCCESS])
def test_an_attempt_found_again_after_a_suspension_has_not_started(deliver, progress):
    attempt = an_attempt(A.UNREACHED, provider_case_id="F00000000001", case=a_case())
    a_suspension()
    attempt = deliver(attempt, an_identification(progress))
    assert attempt.state == (A.CANCELLED if progress is Progress.STARTED else A.WITHHELD)
    assert attempt.case.state == C.CHOOSING
    assert told("started") == 0
    assert not AuditEvent.objects.filter(name="identity.attempt.started").exists()


def test_a_result_withheld_stays_so_when_the_method_comes_back(deliver):
    attempt = an_attempt()
    order = a_suspension(effective_from=timezone.now() - timedelta(hours=1))
    identified = an_identification(identified_at=timezone.now() - timedelta(minutes=1))
    deliver(attempt, identified)
    lift(order)
    attempt = deliver(attempt, identified)
    assert attempt.state == A.WITHHELD


def test_the_same_person_s_document_for_a_second_insured_person_is_held_for_review(deliver):
    deliver(an_attempt(), an_identification())
    other = a_case(C.IDENTIFYING, insurant=an_insurant(), method_id="postident_branch")
    attempt = deliver(an_attempt(case=other), an_identification())
    assert attempt.case.state == C.IN_REVIEW
    assert Review.objects.get().kind == Review.Kind.SECOND_PERSON


def test_the_same_person_may_be_identified_for_another_purpose(deliver):
    first = deliver(an_attempt(), an_identification())
    second = a_case(C.IDENTIFYING, insurant=first.case.insurant, purpose="pin", method_id="postident_branch")
    assert deliver(an_attempt(case=second), an_identification()).case.state == C.IDENTIFIED


def test_two_people_with_one_document_in_one_batch_do_not_both_pass(provider):
    attempts = [an_attempt(case=a_case(C.IDENTIFYING, insurant=an_insurant())) for _ in range(2)]
    for attempt in attempts:
        provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
        hint_about(attempt)
    work.work_inbox()
    states = sorted(IdentificationCase.objects.values_list("state", flat=True))
    assert states == [C.IDENTIFIED, C.IN_REVIEW]


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_document_at_two_workers_do_not_both_pass(provider, at_once, meet_at):
    attempts = [an_attempt(case=a_case(C.IDENTIFYING, insurant=an_insurant())) for _ in range(2)]
    fetched = []
    for attempt in attempts:
        entry = hint_about(attempt)
        fetched.append(work.Fetched(entry.pk, entry.hints, an_answer(attempt, an_identification())))
    meet_at(work, "settle")
    assert at_once(*[lambda one=one: work.settle_fetched([one]) for one in fetched]) == [None, None]
    states = sorted(IdentificationCase.objects.values_list("state", flat=True))
    assert states == [C.IDENTIFIED, C.IN_REVIEW]


@pytest.mark.django_db(transaction=True)
def test_one_success_at_two_workers_has_one_effect(provider, at_once, meet_at):
    attempt = an_attempt()
    entry = hint_about(attempt)
    fetched = work.Fetched(entry.pk, entry.hints, an_answer(attempt, an_identification()))
    meet_at(work, "settle")
    assert at_once(*[lambda: work.settle_fetched([fetched])] * 2) == [None, None]
    assert Result.objects.count() == 1
    assert told("identified") == 1


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"died_on": date(2024, 1, 1)}, "not_the_insured_person"),
        ({"member_to": date(2024, 1, 1)}, "not_the_insured_person"),
    ],
)
def test_who_died_or_left_is_not_identified(deliver, facts, reason):
    case = a_case(C.IDENTIFYING, insurant=an_insurant(**facts), method_id="postident_branch")
    assert deliver(an_attempt(case=case), an_identification()).state == A.REJECTED


def test_a_person_below_the_method_s_age_is_not_identified_by_it(deliver):
    born = (timezone.localdate() - timedelta(days=15 * 365)).isoformat()
    case = a_case(C.IDENTIFYING, insurant=an_insurant(birth_date=born), method_id="postident_branch")
    attempt = deliver(an_attempt(case=case), an_identification(document=a_document(birth_date=born)))
    assert attempt.state == A.WITHHELD


def test_what_is_over_expires_and_the_person_is_told():
    case = a_case(C.IDENTIFYING, expires_at=timezone.now() - timedelta(seconds=1), method_id="postident_branch")
    attempt = an_attempt(case=case)
    assert services.expire_overdue() == 1
    assert services.expire_overdue() == 0
    attempt.refresh_from_db()
    case.refresh_from_db()
    assert (attempt.state, case.state) == (A.EXPIRED, C.EXPIRED)
    assert told("expired") == 1


def test_a_coupon_that_is_over_leads_back_to_the_choice():
    attempt = an_attempt(valid_until=timezone.now() - timedelta(seconds=1))
    services.expire_overdue()
    attempt.refresh_from_db()
    attempt.case.refresh_from_db()
    assert (attempt.state, attempt.case.state) == (A.EXPIRED, C.CHOOSING)
    assert told("coupon_expired") == 1


def test_a_success_on_an_expired_coupon_of_an_open_case_counts(deliver):
    attempt = an_attempt(valid_until=timezone.now() - timedelta(seconds=1))
    services.expire_overdue()
    attempt = deliver(attempt, an_identification())
    assert (attempt.state, attempt.case.state) == (A.SUCCEEDED, C.IDENTIFIED)


def test_a_case_in_review_does_not_expire():
    case = a_case(C.IN_REVIEW, expires_at=timezone.now() - timedelta(days=1))
    services.expire_overdue()
    case.refresh_from_db()
    assert case.state == C.IN_REVIEW


def an_offer(deliver):
    case = a_case(C.IDENTIFYING, expires_at=timezone.now() - timedelta(days=3), method_id="postident_branch")
    attempt = an_attempt(case=case, valid_until=timezone.now() - timedelta(days=3))
    services.expire_overdue()
    return deliver(attempt, an_identification())


def test_a_late_success_is_offered_for_fourteen_days(deliver):
    attempt = an_offer(deliver)
    assert (attempt.state, attempt.case.state) == (A.LATE, C.OFFERED)
    assert attempt.case.offered_until is not None
    assert (attempt.case.offered_until - timezone.now()).days in (13, 14)
    assert told("late_result") == 1
    assert Result.objects.get().granted_at is None


def test_a_late_success_taken_up_identifies_and_closes_the_newer_case(deliver):
    attempt = an_offer(deliver)
    newer = services.open_case(attempt.case.insurant, Purpose.EPA, actor=SYSTEM)
    services.accept_late_result(attempt.case.public_id, actor=SYSTEM)
    services.accept_late_result(attempt.case.public_id, actor=SYSTEM)
    newer.refresh_from_db()
    attempt.case.refresh_from_db()
    assert (attempt.case.state, newer.state) == (C.IDENTIFIED, C.CANCELLED)
    assert Result.objects.get().granted_at is not None


def test_a_late_success_is_not_taken_up_once_the_method_is_suspended(deliver):
    attempt = an_offer(deliver)
    a_suspension()
    with pytest.raises(MethodNotOffered):
        services.accept_late_result(attempt.case.public_id, actor=SYSTEM)


def test_an_offer_ends_after_its_time(deliver):
    attempt = an_offer(deliver)
    IdentificationCase.objects.update(offered_until=timezone.now())
    with pytest.raises(OfferOver):
        services.accept_late_result(attempt.case.public_id, actor=SYSTEM)
    services.expire_overdue()
    attempt.case.refresh_from_db()
    assert attempt.case.state == C.EXPIRED


def test_an_attempt_whose_start_got_lost_is_found_by_our_reference(deliver, provider):
    attempt = an_attempt(A.UNREACHED, case=a_case())
    provider.answers["FOUND0000001"] = an_answer(attempt, an_identification(), provider_case_id="FOUND0000001")
    hint_about(attempt, number="FOUND0000001")
    work.work_inbox()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.provider_case_id) == (A.SUCCEEDED, "FOUND0000001")
    assert IdentificationCase.objects.get().state == C.IDENTIFIED


def test_a_result_faster_than_our_own_start_waits_for_it(provider):
    attempt = an_attempt(A.INTENDED, case=a_case())
    provider.answers["FAST00000001"] = an_answer(attempt, an_identification(), provider_case_id="FAST00000001")
    entry = hint_about(attempt, number="FAST00000001")
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (EntryState.WAITING, "start_not_written_yet")
