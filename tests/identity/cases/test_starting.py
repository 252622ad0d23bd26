"""Opening a case, declaring, starting and resuming attempts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM, Actor, ActorKind
from core.audit.models import AuditEvent
from core.errors import TryAgain
from core.models import OutgoingMessage
from identity.cases import services
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services.opening import CaseClosed, NotAMember
from identity.cases.services.starting import AttemptStopped, DeclarationMissing, ProviderAway, TooManyAttempts
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Purpose
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from tests.factories import a_case, a_suspension, an_administrator, an_attempt, an_insurant, lift

pytestmark = pytest.mark.django_db
ME = Actor(ActorKind.INSURANT, "me")
BACK = "https://vorweis.example/back"


def start(case: IdentificationCase, method: str = "postident_branch") -> Attempt:
    return services.start_attempt(case.public_id, method, return_url=BACK, actor=ME)


def test_a_second_start_continues_the_open_case():
    insurant = an_insurant()
    first = services.open_case(insurant, Purpose.EPA, actor=ME)
    second = services.open_case(insurant, Purpose.EPA, actor=ME)
    assert first == second
    assert IdentificationCase.objects.count() == 1


def test_another_purpose_is_another_case():
    insurant = an_insurant()
    services.open_case(insurant, Purpose.EPA, actor=ME)
    services.open_case(insurant, Purpose.PIN, actor=ME)
    assert IdentificationCase.objects.count() == 2


def test_after_a_closed_case_a_new_one_is_opened():
    closed = a_case(CaseState.CANCELLED)
    assert services.open_case(closed.insurant, Purpose.EPA, actor=ME) != closed


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_open_one_case(at_once):
    insurant = an_insurant()
    first, second = at_once(*[lambda: services.open_case(insurant, Purpose.EPA, actor=ME)] * 2)
    assert first == second
    assert IdentificationCase.objects.count() == 1


@pytest.mark.parametrize(
    "membership", [{"member_to": date(2020, 1, 1)}, {"member_from": date(2999, 1, 1)}, {"died_on": date(2024, 1, 1)}]
)
def test_who_is_no_member_opens_no_case(membership):
    with pytest.raises(NotAMember):
        services.open_case(an_insurant(**membership), Purpose.EPA, actor=ME)


def test_a_declaration_is_taken_once_and_told_by_mail():
    case = a_case(declared_at=None)
    first = services.declare(case.public_id, actor=ME).declared_at
    assert services.declare(case.public_id, actor=ME).declared_at == first
    assert OutgoingMessage.objects.filter(template="identity/declared").count() == 1


def test_a_closed_case_takes_no_declaration():
    with pytest.raises(CaseClosed):
        services.declare(a_case(CaseState.EXPIRED, declared_at=None).public_id, actor=ME)


def test_nothing_starts_before_the_declaration(provider):
    with pytest.raises(DeclarationMissing):
        start(a_case(declared_at=None))
    assert provider.orders == []


def test_a_start_is_written_down_with_the_provider_s_answer(provider):
    case = a_case()
    attempt = start(case)
    case.refresh_from_db()
    assert (attempt.state, case.state) == (AttemptState.STARTED, CaseState.IDENTIFYING)
    assert attempt.continue_url.endswith(attempt.provider_case_id)
    assert Attempt.objects.get().app_url.startswith("postident://")
    assert OutgoingMessage.objects.filter(template="identity/started").count() == 1


def test_the_provider_gets_no_kvnr_and_the_name_as_on_a_document(provider):
    case = a_case(insurant=an_insurant(name_prefix="von", family_name="Muster"))
    start(case)
    order = provider.orders[0]
    assert order.family_name == "von Muster"
    assert case.insurant.kvnr not in repr(order)
    assert order.address is not None
    assert order.address.city == "Köln"


def test_an_incomplete_birth_date_is_not_passed_on(provider):
    start(a_case(insurant=an_insurant(birth_date="1964-00-00")))
    assert provider.orders[0].birth_date == ""


def test_the_intent_is_committed_before_the_provider_is_called(provider):
    seen: list[str] = []
    provider.on_start = lambda order: seen.append(Attempt.objects.get(reference=order.reference).state)
    start(a_case())
    assert seen == [AttemptState.INTENDED]


def test_the_same_method_again_continues_the_running_attempt(provider):
    case = a_case()
    assert start(case) == start(case)
    assert len(provider.orders) == 1


def test_a_found_again_attempt_without_an_address_is_not_gone_on_with(provider):
    case = a_case(CaseState.IDENTIFYING)
    an_attempt(case=case, continue_url="")
    assert start(case).continue_url
    assert len(provider.orders) == 1


def test_another_method_keeps_the_case_and_the_outstanding_coupon(provider):
    case = a_case()
    coupon, online = start(case), start(case, "postident_eid")
    coupon.refresh_from_db()
    case.refresh_from_db()
    assert coupon.state == online.state == AttemptState.STARTED
    assert case.method_id == "postident_eid"


def test_going_back_to_the_coupon_starts_nothing_new(provider):
    case = a_case()
    coupon = start(case)
    start(case, "postident_eid")
    assert start(case) == coupon
    case.refresh_from_db()
    assert case.method_id == "postident_branch"


def test_the_provider_being_away_never_counts(provider):
    def away(order):
        raise TryAgain("timeout")

    case = a_case()
    provider.on_start = away
    for _ in range(7):
        with pytest.raises(ProviderAway):
            start(case)
    provider.on_start = lambda order: None
    assert start(case).state == AttemptState.STARTED
    assert Attempt.objects.filter(state=AttemptState.UNREACHED).count() == 7


def test_the_sixth_attempt_in_thirty_days_is_refused(provider):
    case = a_case()
    for _ in range(5):
        an_attempt(AttemptState.FAILED, case=case)
    with pytest.raises(TooManyAttempts):
        start(case)


def test_attempts_of_an_earlier_case_count_and_old_ones_do_not(provider):
    earlier = a_case(CaseState.EXPIRED)
    attempts = [an_attempt(AttemptState.EXPIRED, case=earlier) for _ in range(5)]
    case = a_case(insurant=earlier.insurant)
    with pytest.raises(TooManyAttempts):
        start(case)
    Attempt.objects.filter(pk=attempts[0].pk).update(intended_at=timezone.now() - timedelta(days=31))
    assert start(case).state == AttemptState.STARTED


@pytest.mark.parametrize("method", ["video_ident", "robo_ident", "insurer_branch", "nect_epass", "nonsense"])
def test_what_the_gate_refuses_never_reaches_the_provider(provider, method):
    with pytest.raises(MethodNotOffered):
        start(a_case(), method)
    assert provider.orders == []
    assert Attempt.objects.count() == 0


def test_a_suspension_while_the_provider_is_called_leaves_no_started_attempt(provider):
    provider.on_start = lambda order: a_suspension() and None
    case = a_case()
    with pytest.raises(MethodNotOffered):
        start(case)
    case.refresh_from_db()
    assert Attempt.objects.get().state == AttemptState.CANCELLED
    assert Attempt.objects.get().provider_case_id != ""
    assert case.state == CaseState.CHOOSING


def test_a_running_attempt_is_resumed_until_the_method_is_suspended(provider):
    attempt = an_attempt()
    assert services.resume_attempt(attempt.pk, actor=ME).continue_url == attempt.continue_url
    a_suspension()
    with pytest.raises(MethodNotOffered):
        services.resume_attempt(attempt.pk, actor=ME)


def test_an_expired_coupon_is_not_resumed(provider):
    attempt = an_attempt(valid_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CaseClosed):
        services.resume_attempt(attempt.pk, actor=ME)


@pytest.mark.parametrize("state", [CaseState.IN_REVIEW, CaseState.IDENTIFIED, CaseState.CANCELLED, CaseState.EXPIRED])
def test_a_case_that_does_not_wait_for_an_attempt_starts_none(provider, state):
    with pytest.raises(CaseClosed):
        start(a_case(state))


def test_a_start_without_an_answer_is_given_up_and_does_not_count():
    attempt = an_attempt(AttemptState.INTENDED, case=a_case())
    assert services.give_up_orphans() == 0
    assert services.give_up_orphans(timezone.now() + timedelta(minutes=11)) == 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.UNREACHED


def test_every_step_of_a_start_leaves_a_trace(provider):
    start(a_case())
    names = list(AuditEvent.objects.order_by("seq").values_list("name", flat=True))
    assert names == ["identity.attempt.intended", "identity.attempt.started", "identity.case.identifying"]


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_do_not_break_the_limit(provider, at_once):
    case = a_case()
    for _ in range(4):
        an_attempt(AttemptState.FAILED, case=case)
    results = at_once(lambda: start(case), lambda: start(case, "postident_eid"))
    assert sorted(type(each).__name__ for each in results) == ["Attempt", "TooManyAttempts"]


def test_a_case_is_cancelled_once_with_its_coupons():
    attempt = an_attempt()
    services.cancel_case(attempt.case.public_id, actor=SYSTEM)
    services.cancel_case(attempt.case.public_id, actor=SYSTEM)
    attempt.refresh_from_db()
    attempt.case.refresh_from_db()
    assert (attempt.state, attempt.case.state) == (AttemptState.CANCELLED, CaseState.CANCELLED)
    assert OutgoingMessage.objects.filter(template="identity/cancelled").count() == 1


def stopped(**given) -> Attempt:
    """An attempt that an order has stopped, and that order."""
    attempt = an_attempt(**given)
    draft = Suspension(method_id=attempt.method_id, **SUSPENSION_TEXTS)
    impose_suspension(draft, actor=an_administrator())
    carry_out_orders()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.STOPPED
    return attempt


def lift_all() -> None:
    lift(Suspension.objects.get(method="postident_branch"))
    carry_out_orders()


def test_an_attempt_that_an_order_stopped_goes_on_when_the_order_is_lifted(provider):
    attempt = stopped()
    lift_all()
    assert start(attempt.case) == attempt
    attempt.refresh_from_db()
    case = IdentificationCase.objects.get()
    assert (attempt.state, attempt.reason, attempt.decided_at) == (AttemptState.STARTED, "", None)
    assert (case.state, case.method_id, case.end_reason) == (CaseState.IDENTIFYING, "postident_branch", "")
    assert (Attempt.objects.count(), provider.orders) == (1, [])
    event = AuditEvent.objects.filter(name="identity.attempt.started").get()
    assert (event.facts["source"], event.actor_reference) == ("stopped", "me")


def test_going_on_after_an_order_is_no_new_attempt_for_the_limit(provider):
    attempt = stopped()
    for _ in range(4):
        an_attempt(AttemptState.FAILED, case=attempt.case)
    lift_all()
    assert start(attempt.case) == attempt


def test_a_stopped_attempt_is_not_started_while_the_order_stands(provider):
    attempt = stopped()
    with pytest.raises(MethodNotOffered):
        start(attempt.case)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.STOPPED


@pytest.mark.parametrize("given", [{"continue_url": ""}, {"valid_until": timezone.now() + timedelta(hours=1)}])
def test_a_stopped_attempt_that_leads_nowhere_is_not_gone_on_with(provider, time_machine, given):
    attempt = stopped(**given)
    lift_all()
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert start(attempt.case) != attempt
    assert len(provider.orders) == 1


def test_one_that_runs_is_preferred_to_one_that_was_stopped(provider):
    attempt = stopped()
    lift_all()
    running = an_attempt(case=attempt.case)
    older = Attempt.objects.filter(pk=running.pk)
    older.update(intended_at=attempt.intended_at - timedelta(days=1))
    assert start(attempt.case) == running


def test_a_stale_link_to_a_stopped_attempt_says_why(provider):
    attempt = stopped()
    with pytest.raises(MethodNotOffered) as refused:
        services.resume_attempt(attempt.pk, actor=ME)
    assert refused.value.ruling.suspension is not None
    lift_all()
    with pytest.raises(AttemptStopped):
        services.resume_attempt(attempt.pk, actor=ME)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.STOPPED


def test_who_may_finish_goes_on_until_the_moment(provider, time_machine):
    attempt = an_attempt()
    a_suspension(effect="finish", finish_until=timezone.now() + timedelta(days=2))
    assert services.resume_attempt(attempt.pk, actor=ME) == attempt
    time_machine.move_to(timezone.now() + timedelta(days=2))
    with pytest.raises(MethodNotOffered):
        services.resume_attempt(attempt.pk, actor=ME)
