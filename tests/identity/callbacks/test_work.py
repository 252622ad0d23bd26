"""Working off the inbox: claims, retries, dead letters, polling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.errors import Never, TryAgain
from identity.callbacks import work
from identity.callbacks.models import InboxEntry
from identity.callbacks.services import retry_entry
from identity.callbacks.states import EntryState
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.services import settling
from identity.cases.states import AttemptState, CaseState
from identity.providers.ports import Progress
from tests.factories import a_case, an_answer, an_attempt, an_identification
from tests.identity.scripted import hint_about

pytestmark = pytest.mark.django_db
E = EntryState
CLERK = Actor(ActorKind.CLERK, "7d9b2f4e-1b7c-4d53-9d2e-000000000001")


def due_again() -> None:
    InboxEntry.objects.update(next_try_at=timezone.now(), claimed_until=None)


def test_an_entry_is_done_when_it_has_been_worked(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
    entry = hint_about(attempt)
    assert work.work_inbox() == 1
    entry.refresh_from_db()
    assert (entry.state, entry.worked_hints, entry.claimed_until) == (E.DONE, 1, None)
    assert work.work_inbox() == 0


def test_a_hint_that_comes_while_the_provider_is_asked_is_not_lost(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = an_answer(attempt)
    entry = hint_about(attempt)
    provider.on_fetch = lambda number: hint_about(attempt)
    work.work_inbox(batches=1)
    entry.refresh_from_db()
    assert (entry.state, entry.hints) == (E.RECEIVED, 2)

    provider.on_fetch = lambda number: None
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
    work.work_inbox()
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFIED


@pytest.mark.parametrize("error", [TryAgain("timeout"), TryAgain("http_503", after_seconds=120)])
def test_the_provider_being_away_is_tried_again_and_never_fails_the_person(provider, error):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = error
    entry = hint_about(attempt)
    work.work_inbox()
    entry.refresh_from_db()
    attempt.refresh_from_db()
    assert (entry.state, entry.problem, entry.tries) == (E.WAITING, error.code, 1)
    assert entry.next_try_at > timezone.now() + timedelta(seconds=(error.after_seconds or 0) - 5)
    assert attempt.state == AttemptState.STARTED


def test_after_many_tries_an_entry_is_a_dead_letter_with_its_reason(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = TryAgain("timeout")
    entry = hint_about(attempt)
    for _ in range(work.TRIES):
        due_again()
        work.work_inbox(batches=1)
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (E.DEAD, "timeout")


def test_the_pauses_grow_and_end_somewhere(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = TryAgain("timeout")
    entry = hint_about(attempt)
    pauses = []
    for _ in range(work.TRIES - 1):
        due_again()
        work.work_inbox(batches=1)
        entry.refresh_from_db()
        pauses.append((entry.next_try_at - timezone.now()).total_seconds())
    assert pauses[0] < 3
    assert pauses[-1] > 500
    assert max(pauses) <= work.LONGEST_PAUSE_SECONDS


def test_a_final_refusal_about_our_own_case_is_a_dead_letter(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = Never("unknown_case", status=404)
    entry = hint_about(attempt)
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (E.DEAD, "unknown_case")


def test_a_forged_hint_about_nothing_is_done_and_bothers_nobody(provider):
    provider.answers["FORGED000001"] = Never("unknown_case", status=404)
    entry = hint_about(an_attempt(), reference="", number="FORGED000001")
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (E.DONE, "unknown_at_provider")


def test_a_case_of_the_provider_that_matches_no_attempt_is_stored_for_a_person(provider):
    attempt = an_attempt()
    stranger = an_answer(attempt, an_identification(), reference="UNKNOWN", provider_case_id="STRANGE00001")
    provider.answers["STRANGE00001"] = stranger
    entry = hint_about(attempt, reference="", number="STRANGE00001")
    work.work_inbox()
    entry.refresh_from_db()
    attempt.refresh_from_db()
    assert (entry.state, entry.problem) == (E.FOR_PERSON, "matches_no_attempt")
    assert attempt.state == AttemptState.STARTED


@pytest.mark.parametrize(
    "name", ["post\x00ident", "postident_branch\n", "\u202ehcnarb", "\ud800", "x" * 31, "A123456780"]
)
def test_a_method_that_cannot_be_written_down_is_held_for_a_clerk_and_nothing_is_lost(provider, name):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(method=name))
    entry = hint_about(attempt)
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (E.FOR_PERSON, "unreadable_method")
    assert (Attempt.objects.get().state, Result.objects.count()) == (AttemptState.STARTED, 0)

    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
    retry_entry(entry.pk, CLERK)
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, IdentificationCase.objects.get().state) == (E.DONE, CaseState.IDENTIFIED)


def test_one_unreadable_method_holds_up_nobody(provider):
    attempts = [an_attempt() for _ in range(3)]
    for attempt, method in zip(attempts, ("postident_branch", "a\x00b", "postident_branch"), strict=True):
        said = an_identification(Progress.DECLINED, method=method)
        provider.answers[attempt.provider_case_id] = an_answer(attempt, said)
        hint_about(attempt)
    work.work_inbox(batches=1)
    assert list(InboxEntry.objects.order_by("pk").values_list("state", flat=True)) == [E.DONE, E.FOR_PERSON, E.DONE]


def test_a_result_under_a_new_number_is_bound_by_our_reference(provider):
    attempt = an_attempt()
    answer = an_answer(attempt, an_identification(), provider_case_id="NEWNUMBER001")
    provider.answers["NEWNUMBER001"] = answer
    hint_about(attempt, number="NEWNUMBER001")
    work.work_inbox()
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFIED


def test_a_number_that_the_provider_uses_again_does_not_reach_the_old_attempt(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(), reference="ANOTHERPERSON1")
    entry = hint_about(attempt)
    work.work_inbox()
    attempt.refresh_from_db()
    entry.refresh_from_db()
    assert attempt.state == AttemptState.STARTED
    assert entry.state == E.FOR_PERSON


def test_without_a_reference_the_provider_s_number_binds(provider):
    attempt = an_attempt()
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(), reference="")
    hint_about(attempt)
    work.work_inbox()
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFIED


def test_one_broken_entry_holds_up_nobody(provider, monkeypatch):
    attempts = [an_attempt() for _ in range(3)]
    for attempt in attempts:
        provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification(Progress.DECLINED))
        hint_about(attempt)
    original = settling.settle

    def breaks_on_the_second(news, rulings, settlement):
        if any(each.attempt.pk == attempts[1].pk for each in news):
            raise ZeroDivisionError
        original(news, rulings, settlement)

    monkeypatch.setattr(work, "settle", breaks_on_the_second)
    work.work_inbox(batches=1)
    states = list(InboxEntry.objects.order_by("pk").values_list("state", "problem"))
    assert states == [(E.DONE, ""), (E.WAITING, "our_own_error"), (E.DONE, "")]


def test_an_adapter_that_breaks_is_tried_again(provider):
    attempt = an_attempt()
    entry = hint_about(attempt)  # the scripted provider knows no answer and raises KeyError
    work.work_inbox()
    entry.refresh_from_db()
    assert (entry.state, entry.problem) == (E.WAITING, "adapter_broke")


def test_a_claimed_entry_is_left_to_its_worker_until_the_claim_runs_out(provider):
    hint_about(an_attempt())
    assert len(work.claim()) == 1
    assert work.claim() == []
    InboxEntry.objects.update(claimed_until=timezone.now())
    assert len(work.claim()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_without_taking_the_same_entry(provider, at_once):
    for _ in range(6):
        hint_about(an_attempt())
    first, second = at_once(lambda: work.claim(3), lambda: work.claim(3))
    taken = [entry.pk for entry in [*first, *second]]
    assert len(taken) == len(set(taken)) == 6


def test_an_attempt_that_is_silent_too_long_is_asked_about_once(provider):
    silent = an_attempt(started_at=timezone.now() - timedelta(minutes=61))
    an_attempt(started_at=timezone.now() - timedelta(minutes=5))
    assert work.poll_silent_attempts() == 1
    assert work.poll_silent_attempts() == 0
    assert InboxEntry.objects.get().provider_case_id == silent.provider_case_id


def test_a_case_that_no_callback_ever_reached_is_found_by_polling(provider):
    attempt = an_attempt(started_at=timezone.now() - timedelta(hours=2))
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
    work.poll_silent_attempts()
    work.work_inbox()
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFIED


def test_a_success_after_a_failure_is_found_by_polling_while_the_case_is_open(provider):
    attempt = an_attempt(AttemptState.FAILED, started_at=timezone.now() - timedelta(hours=2))
    provider.answers[attempt.provider_case_id] = an_answer(
        attempt, an_identification(Progress.DECLINED), an_identification()
    )
    an_attempt(AttemptState.FAILED, case=a_case(CaseState.IDENTIFIED), started_at=timezone.now() - timedelta(hours=2))
    assert work.poll_silent_attempts() == 1
    work.work_inbox()
    assert IdentificationCase.objects.get(pk=attempt.case_id).state == CaseState.IDENTIFIED


def test_an_expired_coupon_is_asked_about_daily_as_long_as_it_could_be_offered():
    case = a_case(CaseState.EXPIRED)
    an_attempt(AttemptState.EXPIRED, case=case, valid_until=timezone.now() - timedelta(days=2))
    an_attempt(AttemptState.EXPIRED, case=case, valid_until=timezone.now() - timedelta(days=20))
    assert work.poll_silent_attempts() == 1
    assert work.poll_silent_attempts(timezone.now() + timedelta(hours=23)) == 0
    assert work.poll_silent_attempts(timezone.now() + timedelta(hours=25)) == 1


def test_settled_attempts_are_not_asked_about():
    an_attempt(AttemptState.SUCCEEDED, started_at=timezone.now() - timedelta(days=1))
    assert work.poll_silent_attempts() == 0
    assert Attempt.objects.count() == 1
