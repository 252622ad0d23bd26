"""Any order of events: nobody ends in a dead end, nothing counts that an order forbids, no deadline gets shorter.

A machine of rules plays people, providers, administrators and the clock against each other; what must hold is checked
after every step that carries out what is due. The oracle below is written from the rules M2 to M5, not from the code.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import DomainError
from identity.callbacks import work
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.effects.models import AffectedCase
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services import (
    accept_late_result,
    confirm_decision,
    expire_overdue,
    propose_decision,
    start_attempt,
)
from identity.cases.services.moving import question_about
from identity.cases.states import OPEN_REVIEW, AttemptState, CaseState
from identity.methods.choices import Action, Effect, Purpose
from identity.methods.gate import decide
from identity.methods.models import Suspension
from identity.methods.records import Lifting
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import (
    approve_lifting,
    confirm_suspension,
    impose_suspension,
    propose_lifting,
    undo_suspension,
)
from identity.providers.ports import Progress
from tests.factories import a_case, a_document, an_administrator, an_answer, an_identification, an_insurant
from tests.identity.scripted import ScriptedProvider, hint_about

A, C = AttemptState, CaseState
METHODS = ("postident_branch", "postident_eid")
START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.get_default_timezone())
EFFECTS = st.sampled_from(list(Effect))
EXAMPLES = int(os.environ.get("ORDER_EXAMPLES", "10"))
"""How many stories are played; with `ORDER_EXAMPLES=500` other ones each time."""
HOURS = st.sampled_from([0, 1, 5, 30, 24 * 4, 24 * 20])


class Orders(RuleBasedStateMachine):
    provider: ScriptedProvider

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = START
        self.clock = time_machine.travel(START, tick=False)
        self.clock.start()
        self.bosses = [an_administrator(), an_administrator()]
        self.deadlines: dict[int, datetime] = {}
        self.references = 0
        for method in ("postident_branch", "postident_branch", "postident_eid"):
            self.somebody_begins(method, Purpose.EPA)

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            self.clock.stop()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule(method=st.sampled_from(METHODS), purpose=st.sampled_from(list(Purpose)))
    def somebody_begins(self, method: str, purpose: Purpose) -> None:
        case = a_case(purpose=purpose, insurant=an_insurant())
        with suppress(DomainError):
            start_attempt(case.public_id, method, return_url="https://vorweis.example/", actor=self.bosses[0])

    @rule(data=st.data(), method=st.sampled_from(METHODS))
    def somebody_chooses_another_way(self, data: Any, method: str) -> None:
        if case := _one(data, IdentificationCase.objects.filter(state__in=[C.CHOOSING, C.IDENTIFYING])):
            with suppress(DomainError):
                start_attempt(case.public_id, method, return_url="https://vorweis.example/", actor=self.bosses[0])

    @rule(data=st.data(), ago=HOURS, ends=st.sampled_from(["success", "other name", "declined"]))
    def the_provider_reports(self, data: Any, ago: int, ends: str) -> None:
        attempt = _one(data, Attempt.objects.exclude(provider_case_id="").select_related("case"))
        if attempt is None:
            return
        identified_at = max(self.now - timedelta(hours=ago), attempt.intended_at)
        own = {"birth_place": f"Ort {attempt.case.insurant_id}"}  # nobody is taken for somebody else
        document = a_document(**own, **({"family_name": "MUSTERFRAU"} if ends == "other name" else {}))
        progress = Progress.DECLINED if ends == "declined" else Progress.SUCCESS
        said = an_identification(
            method=attempt.method_id, identified_at=identified_at, modified_at=identified_at, progress=progress,
            document=None if ends == "declined" else document,
        )  # fmt: skip
        self.provider.answers.setdefault(attempt.provider_case_id, an_answer(attempt, said))
        hint_about(attempt)
        work.work_inbox()

    @rule(effect=EFFECTS, method=st.sampled_from(METHODS), planned=st.sampled_from([0, 0, 3]), early=st.booleans(),
          purpose=st.sampled_from(["", "epa"]))  # fmt: skip
    def an_order_comes(self, effect: Effect, method: str, planned: int, early: bool, purpose: str) -> None:
        self._wait(timedelta(seconds=1))  # nothing else at its very moment
        begins = self.now + timedelta(hours=planned)
        self.references += 1
        texts = SUSPENSION_TEXTS | {"order_reference": f"letter {self.references}", "last_door_reason": "so ordered"}
        draft = Suspension(
            method_id=method, effect=effect, purpose=purpose, effective_from=begins, earlier_results_count=early,
            finish_until=begins + timedelta(hours=40) if effect is Effect.FINISH else None,
            void_since=begins - timedelta(hours=10) if effect is Effect.VOID else None, **texts,
        )  # fmt: skip
        impose_suspension(draft, actor=self.bosses[0])

    @rule(data=st.data())
    def it_is_taken_back(self, data: Any) -> None:
        if order := _one(data, _orders()):
            with suppress(DomainError):
                undo_suspension(order.pk, actor=self.bosses[0])

    @rule(data=st.data())
    def it_is_confirmed(self, data: Any) -> None:
        if order := _one(data, _orders()):
            with suppress(DomainError):
                confirm_suspension(order.pk, actor=self.bosses[1])

    @rule(data=st.data(), quarantine=st.sampled_from(["release", "refuse"]))
    def it_is_lifted(self, data: Any, quarantine: str) -> None:
        if order := _one(data, _orders()):
            end = quarantine if order.effect == Effect.FREEZE else ""
            with suppress(DomainError):
                draft = Lifting(suspension=order, evidence="Report 7", quarantine_end=end)
                approve_lifting(propose_lifting(draft, actor=self.bosses[0]).pk, actor=self.bosses[1])

    @rule(data=st.data())
    def clerks_approve(self, data: Any) -> None:
        if review := _one(data, Review.objects.filter(state__in=OPEN_REVIEW)):
            with suppress(DomainError), transaction.atomic():
                _approve(review)

    @rule(data=st.data())
    def somebody_takes_up_a_late_result(self, data: Any) -> None:
        if case := _one(data, IdentificationCase.objects.filter(state=C.OFFERED)):
            with suppress(DomainError), transaction.atomic():
                accept_late_result(case.public_id, actor=self.bosses[0])

    @rule(hours=st.sampled_from([1, 12, 41, 24 * 6, 24 * 30]))
    def time_passes(self, hours: int) -> None:
        self._wait(timedelta(hours=hours))

    def _wait(self, how_long: timedelta) -> None:
        self.now += how_long
        self.clock.stop()
        self.clock = time_machine.travel(self.now, tick=False)
        self.clock.start()

    @rule()
    def the_sweeps_come(self) -> None:
        carry_out_orders()
        expire_overdue()

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nothing_counts_that_an_order_forbids(self) -> None:
        carry_out_orders()
        for result in Result.objects.filter(granted_at__isnull=False, voided_by=None).select_related("attempt", "case"):
            for order in _orders().filter(method=result.method_used, purpose__in=["", result.case.purpose]):
                assert not _forbidden(order, result), (order, result)

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nothing_is_open_and_void_at_once(self) -> None:
        for case in IdentificationCase.objects.all():
            in_use = case.results.filter(granted_at__isnull=False, voided_by=None).count()
            assert in_use == (1 if case.state == C.IDENTIFIED else 0), case
            if case.state == C.IN_REVIEW:
                assert case.reviews.filter(state__in=OPEN_REVIEW).exists()

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def no_deadline_gets_shorter(self) -> None:
        for case in IdentificationCase.objects.filter(state__in=[C.CHOOSING, C.IDENTIFYING, C.IN_REVIEW]):
            assert case.expires_at >= self.deadlines.get(case.pk, case.expires_at), case
            self.deadlines[case.pk] = case.expires_at

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nobody_is_in_a_dead_end(self) -> None:
        carry_out_orders()
        for case in IdentificationCase.objects.filter(state=C.IDENTIFYING).select_related("insurant", "insurer"):
            if case.frozen_since is not None:
                continue
            attempts = list(case.attempts.filter(state__in=[A.STARTED, A.QUARANTINED, A.INTENDED, A.UNREACHED]))
            assert attempts, case
            open_to = [each for each in attempts if decide(
                question_about(case, Action.RESUME, each.method_id, begun_at=each.intended_at)).allowed]  # fmt: skip
            assert open_to, (case, attempts)
        for met in AffectedCase.objects.filter(closing="").exclude(outcome="kept").select_related("suspension"):
            assert met.suspension.undone_at is None


def _orders() -> Any:
    return Suspension.objects.filter(method__in=METHODS, undone_at=None)


def _one(data: Any, rows: Any) -> Any:
    """Draw one; in an order that does not depend on random keys, or no failure could be played again."""
    by = {Attempt: ("case_id", "method_id", "provider_case_id"), Review: ("case_id", "kind", "state")}
    found = list(rows.order_by(*by.get(rows.model, ("pk",))))
    return data.draw(st.sampled_from(found)) if found else None


def _approve(review: Review) -> None:
    from django.contrib.auth.models import Permission

    from tests.factories import an_account

    clerks = [an_account(is_staff=True), an_account(is_staff=True)]
    for clerk in clerks:
        clerk.user_permissions.add(Permission.objects.get(codename="decide_reviews"))
    if review.state == "open":
        propose_decision(review.pk, Review.Decision.APPROVE, "same person", clerk=clerks[0])
    review.refresh_from_db()
    confirm_decision(review.pk, "yes", seen=review.proposal_mark, clerk=clerks[1])


def _forbidden(order: Suspension, result: Result) -> bool:
    """Does the order forbid this identification to be in use, by the time it was made (M3)?"""
    made, begun, used = result.identified_at, result.attempt.intended_at, result.granted_at
    assert made is not None
    assert used is not None
    now, starts, ends = timezone.now(), order.effective_from, order.end or datetime.max.replace(tzinfo=made.tzinfo)
    if now < starts:
        return False
    if order.effect == Effect.VOID and order.void_since and order.void_since <= made < ends:
        return ends > starts
    if order.effect == Effect.FINISH and order.finish_until and begun <= starts and made < order.finish_until:
        return False
    if starts <= made < ends:
        released = order.effect == Effect.FREEZE and order.quarantine_end == "release" and used >= ends
        return not released
    return made < starts <= used < ends and not order.earlier_results_count


@pytest.mark.slow
@pytest.mark.django_db
def test_no_order_of_events_breaks_the_promises(provider):
    Orders.provider = provider
    run_state_machine_as_test(
        Orders,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize="ORDER_EXAMPLES" not in os.environ,
        ),
    )
