"""The doors of machines and of staff while a method is suspended: hints, polls, reviews, offers, tasks, commands."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from core.actors import SYSTEM, Actor, ActorKind
from core.errors import DomainError
from epa.models import EpaAccess
from epa.services import follow_cases, open_due, opening
from epa.states import AccessState, RecordState
from identity.callbacks import work
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services import accept_late_result, confirm_decision, propose_decision, start_attempt
from identity.cases.states import AttemptState, CaseState
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Method, MethodAdmission, Suspension
from identity.methods.seeds import seed_methods
from tests.epa.accesses import an_access
from tests.factories import (
    a_case,
    a_review,
    an_account,
    an_attempt,
)
from tests.identity.callbacks.conftest import Caller, a_body, call, callback_path, woken
from tests.identity.methods.closed import (
    EFFECTS,
    FINISH_WITHIN,
    METHOD,
    an_order,
    assert_closed,
    attempt,
    finish_there,
    logged_in,
    member,
    newcomer,
    order,
    person,
)
from tests.identity.scripted import hint_about

__all__ = ["attempt", "call", "member", "newcomer", "order", "person", "woken"]

pytestmark = pytest.mark.django_db
A, C = AttemptState, CaseState


def held(order: Suspension) -> str:
    return Attempt.objects.get(pk=order.held_results.get().attempt_id).state


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("effect", EFFECTS)
def test_the_door_for_callbacks_takes_the_hint_and_nothing_comes_of_it(effect: str, attempt, provider, call: Caller):
    order = an_order(effect)
    finish_there(attempt, provider, timezone.now() + (FINISH_WITHIN if effect == "finish" else timedelta(0)))

    assert call(callback_path(), a_body(attempt.provider_case_id, attempt.reference)).code == 204
    assert work.work_inbox() == 1
    assert held(order) == ("quarantined" if effect == "freeze" else "withheld")
    assert_closed(provider, attempt)


def test_a_result_that_a_hint_tells_of_grants_nothing(order: Suspension, attempt, provider):
    finish_there(attempt, provider)
    hint_about(attempt)

    assert work.work_inbox() == 1
    assert held(order) == ("quarantined" if order.effect == "freeze" else "withheld")
    assert_closed(provider, attempt)


def test_a_result_that_only_polling_finds_grants_nothing(order: Suspension, attempt, provider):
    finish_there(attempt, provider)
    Attempt.objects.update(started_at=timezone.now() - timedelta(days=1))

    asked = work.poll_silent_attempts()
    if not asked:  # a stopped one is no longer asked about; should a hint come all the same …
        hint_about(attempt)
    work.work_inbox()
    assert held(order) in ("quarantined", "withheld")
    assert_closed(provider, attempt)


@pytest.mark.parametrize("effect", ["move", "freeze", "void"])
def test_what_was_identified_before_the_order_counts_only_if_it_says_so(effect: str, attempt, provider):
    finish_there(attempt, provider, timezone.now() - timedelta(hours=1))
    order = an_order(effect)
    hint_about(attempt)
    work.work_inbox()

    assert held(order) in ("quarantined", "withheld")
    assert_closed(provider, attempt)


def test_two_clerks_cannot_approve_a_result_of_it(order: Suspension, attempt, provider):
    review = a_review()
    clerks = [an_account(is_staff=True), an_account(is_staff=True)]
    for clerk in clerks:
        clerk.user_permissions.add(Permission.objects.get(codename="decide_reviews"))
    carry_out_orders()

    with suppress(DomainError):  # withdrawn already
        propose_decision(review.pk, Review.Decision.APPROVE, "same person", clerk=clerks[0])
    review.refresh_from_db()
    with pytest.raises(DomainError):
        confirm_decision(review.pk, "yes", seen=review.proposal_mark, clerk=clerks[1])
    assert_closed(provider, attempt, review.attempt)


def a_late_offer() -> IdentificationCase:
    case = a_case(C.OFFERED, method_id=METHOD)
    Result.objects.create(
        attempt=an_attempt(A.LATE, case=case), case=case, method_used=METHOD, person={}, verdict="match",
        identified_at=timezone.now(), received_at=timezone.now(),
    )  # fmt: skip
    return case


def test_a_late_result_of_it_cannot_be_taken_up(order: Suspension, attempt, provider):
    case = a_late_offer()

    with pytest.raises(DomainError):
        accept_late_result(case.public_id, actor=Actor(ActorKind.INSURANT, "x"))
    logged_in(case).post(reverse("identity:accept", args=[case.public_id]))
    assert_closed(provider, attempt, case.attempts.get())


def test_no_task_and_no_sweep_begins_or_grants_anything(order: Suspension, attempt, provider):
    finish_there(attempt, provider)
    review, late = a_review(), a_late_offer()
    hint_about(attempt)
    app.autodiscover_tasks(force=True)
    tasks = [task for name, task in app.tasks.items() if name.partition(".")[0] in ("core", "identity", "epa")]
    assert len(tasks) > 10
    for task in tasks * 2:
        task()

    assert Attempt.objects.get(pk=attempt.pk).state not in (A.SUCCEEDED, A.LATE)
    assert_closed(provider, attempt, review.attempt, late.attempts.get())


@pytest.mark.parametrize("effect", EFFECTS)
def test_no_command_and_no_seeding_opens_it_again(effect: str, newcomer, provider):
    order = an_order(effect)
    for _ in range(2):
        call_command("demo_data", count=1, verbosity=0, stdout=StringIO())
        seed_methods(Method, MethodAdmission, Suspension)
    call_command("retry_epa_accesses", verbosity=0, stdout=StringIO())

    order.refresh_from_db()
    assert order.covers(timezone.now())
    with pytest.raises(MethodNotOffered):
        start_attempt(newcomer.public_id, METHOD, return_url="https://vorweis.example/", actor=SYSTEM)
    assert_closed(provider)


def test_no_access_opens_on_a_withdrawn_identification_by_any_door(monkeypatch, provider):
    def ask(claimed: opening.Claimed) -> opening.Heard:
        return opening.Heard(True, RecordState.ACTIVATED) if claimed.clear else opening.Heard()

    monkeypatch.setattr(opening, "_ask", ask)
    app.autodiscover_tasks(force=True)
    opening_one, stuck = an_access(), an_access(AccessState.STUCK)
    an_order("void")
    doors = (
        open_due,
        follow_cases,
        lambda: call_command("retry_epa_accesses", stdout=StringIO()),
        open_due,
        carry_out_orders,
        follow_cases,
        lambda: app.tasks["epa.open_accesses"](str(opening_one.case.public_id)),
        lambda: app.tasks["epa.open_accesses"](),
    )
    for door in doors:
        EpaAccess.objects.filter(state=AccessState.OPENING).update(next_try_at=timezone.now())
        door()

    assert not EpaAccess.objects.filter(state=AccessState.OPEN).exists()
    assert EpaAccess.objects.filter(pk__in=[opening_one.pk, stuck.pk], opened_at=None).count() == 2
