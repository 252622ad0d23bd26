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
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Count, Q
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

from core.accounts.models import Account
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
from identity.methods.gate import decide_all
from identity.methods.models import UNDO_WITHIN, Suspension
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
from tests.factories import (
    a_case,
    a_document,
    an_account,
    an_administrator,
    an_answer,
    an_identification,
    an_insurant,
)
from tests.identity.scripted import ScriptedProvider, hint_about

A, C = AttemptState, CaseState
METHODS = ("postident_branch", "postident_eid")
MOSTLY = st.sampled_from(["postident_branch", *METHODS])
START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.get_default_timezone())
EXAMPLES = int(os.environ.get("ORDER_EXAMPLES", "4"))
"""How many stories are played for each effect; with `ORDER_EXAMPLES=200` other ones each time."""
HOW_OFTEN = {
    "the_provider_reports": 9, "somebody_begins": 2, "somebody_chooses_another_way": 2, "an_order_comes": 3,
    "it_is_taken_back": 1, "it_is_confirmed": 1, "it_is_lifted": 4, "clerks_approve": 2,
    "somebody_takes_up_a_late_result": 1, "time_passes": 4, "the_sweeps_come": 1,
}  # fmt: skip
"""What happens, and how often of thirty times. One rule draws it: of many rules Hypothesis leaves half of them out.
The simplest story, which it plays first, is made of the first one alone: everybody's result comes after the order."""
STEPS = st.sampled_from([name for name, often in HOW_OFTEN.items() for _ in range(often)])
SIDES = (timedelta(hours=-1), timedelta(0), timedelta(hours=1))


class Orders(RuleBasedStateMachine):
    provider: ScriptedProvider
    first_effect: Effect

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = START
        self.clock = time_machine.travel(START, tick=False)
        self.clock.start()
        self.bosses = [an_administrator(), an_administrator()]
        self.clerks = [a_clerk(), a_clerk()]
        self.clocks: dict[int, tuple[datetime, datetime | None]] = {}
        self.references = 0
        for method in ("postident_branch", "postident_branch", "postident_eid"):
            self._start(a_case(purpose=Purpose.EPA, insurant=an_insurant()), method)
        self._wait(timedelta(hours=2))
        self._impose(data, self.first_effect, begins=self.now, early=self.first_effect is Effect.VOID)
        carry_out_all()

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            try:
                self.in_the_end_all_orders_are_lifted()
            finally:
                self.clock.stop()
                transaction.set_rollback(True)
                self.atomic.__exit__(None, None, None)

    def in_the_end_all_orders_are_lifted(self) -> None:
        """Then nothing stands still any more, and the promises hold."""
        self._wait(timedelta(hours=4))
        carry_out_all()
        for order in _orders().filter(evidence=""):
            self._lift(order, "release" if order.effect == Effect.FREEZE else "")
        carry_out_all()
        for promise in (self.nothing_counts_that_an_order_forbids, self.no_deadline_gets_shorter,
                        self.nothing_is_open_and_void_at_once, self.nobody_is_in_a_dead_end):  # fmt: skip
            promise()
        assert not IdentificationCase.objects.exclude(frozen_since=None).exists()
        assert not Attempt.objects.filter(state=A.QUARANTINED).exists()

    @rule(data=st.data(), step=STEPS)
    def something_happens(self, data: Any, step: str) -> None:
        getattr(self, step)(data)
        carry_out_all()

    def somebody_begins(self, data: Any) -> None:
        purpose = data.draw(st.sampled_from(list(Purpose)))
        self._start(a_case(purpose=purpose, insurant=an_insurant()), data.draw(MOSTLY))

    def somebody_chooses_another_way(self, data: Any) -> None:
        if case := _one(data, IdentificationCase.objects.filter(state__in=[C.CHOOSING, C.IDENTIFYING])):
            self._start(case, data.draw(MOSTLY))

    def _start(self, case: IdentificationCase, method: str) -> None:
        with suppress(DomainError):
            start_attempt(case.public_id, method, return_url="https://vorweis.example/", actor=self.bosses[0])

    def the_provider_reports(self, data: Any) -> None:
        silent = Attempt.objects.exclude(provider_case_id="").filter(result=None).exclude(case__state=C.IDENTIFIED)
        attempt = _one(data, silent.select_related("case"))
        if attempt is None:
            return
        identified_at = self._moment_of_identification(data, attempt)
        ends = data.draw(st.sampled_from(["success"] * 4 + ["other name", "declined"]))
        own = {"birth_place": f"Ort {attempt.case.insurant_id}"}  # nobody is taken for somebody else
        document = a_document(**own, **({"family_name": "MUSTERFRAU"} if ends == "other name" else {}))
        progress = Progress.DECLINED if ends == "declined" else Progress.SUCCESS
        said = an_identification(
            method=attempt.method_id, identified_at=identified_at, modified_at=identified_at, progress=progress,
            document=None if ends == "declined" else document,
        )  # fmt: skip
        self.provider.answers[attempt.provider_case_id] = an_answer(attempt, said)
        hint_about(attempt)
        work.work_inbox()

    def _moment_of_identification(self, data: Any, attempt: Attempt) -> datetime:
        """Any that is possible; those around the moments of an order are worth most."""
        edges = [self.now, attempt.intended_at]
        for order in _orders().filter(method=attempt.method_id):
            edges += [each for each in (order.void_since, order.effective_from, order.finish_until, order.end) if each]
        beside = {edge + side for edge in edges for side in SIDES}
        possible = sorted(each for each in beside if attempt.intended_at <= each <= self.now)
        chosen: datetime = data.draw(st.sampled_from(possible))
        return chosen

    def an_order_comes(self, data: Any) -> None:
        if sum(order.end is None for order in _orders()) > 2:
            return  # under many orders nothing counts anyway
        self._wait(timedelta(seconds=1))  # nothing else at its very moment
        begins = self.now + timedelta(hours=data.draw(st.sampled_from([0, 0, 3])))
        self._impose(data, data.draw(st.sampled_from(list(Effect))), begins=begins, early=data.draw(st.booleans()))

    def _impose(self, data: Any, effect: Effect, *, begins: datetime, early: bool) -> None:
        self.references += 1
        texts = SUSPENSION_TEXTS | {"order_reference": f"letter {self.references}", "last_door_reason": "so ordered"}
        draft = Suspension(
            method_id=data.draw(MOSTLY), purpose=data.draw(st.sampled_from(["", "", "epa"])),
            effect=effect, effective_from=begins, earlier_results_count=early,
            finish_until=begins + timedelta(hours=40) if effect is Effect.FINISH else None,
            void_since=begins - timedelta(hours=30) if effect is Effect.VOID else None, **texts,
        )  # fmt: skip
        impose_suspension(draft, actor=self.bosses[0])

    def it_is_taken_back(self, data: Any) -> None:
        recent = _orders().filter(imposed_at__gte=self.now - UNDO_WITHIN)
        if order := _one(data, recent):
            with suppress(DomainError):
                undo_suspension(order.pk, actor=self.bosses[0])

    def it_is_confirmed(self, data: Any) -> None:
        if order := _one(data, _orders()):
            with suppress(DomainError):
                confirm_suspension(order.pk, actor=self.bosses[1])

    def it_is_lifted(self, data: Any) -> None:
        if order := _one(data, _orders().filter(evidence="")):
            end = data.draw(st.sampled_from(["release", "refuse"])) if order.effect == Effect.FREEZE else ""
            self._lift(order, end)

    def _lift(self, order: Suspension, quarantine_end: str) -> None:
        self._wait(timedelta(seconds=1))  # an order that was carried out ends after its beginning
        with suppress(DomainError):
            draft = Lifting(suspension=order, evidence="Report 7", quarantine_end=quarantine_end)
            approve_lifting(propose_lifting(draft, actor=self.bosses[0]).pk, actor=self.bosses[1])

    def clerks_approve(self, data: Any) -> None:
        if review := _one(data, Review.objects.filter(state__in=OPEN_REVIEW)):
            with suppress(DomainError), transaction.atomic():
                if review.state == "open":
                    propose_decision(review.pk, Review.Decision.APPROVE, "same person", clerk=self.clerks[0])
                review.refresh_from_db()
                confirm_decision(review.pk, "yes", seen=review.proposal_mark, clerk=self.clerks[1])

    def somebody_takes_up_a_late_result(self, data: Any) -> None:
        if case := _one(data, IdentificationCase.objects.filter(state=C.OFFERED)):
            with suppress(DomainError), transaction.atomic():
                accept_late_result(case.public_id, actor=self.bosses[0])

    def time_passes(self, data: Any) -> None:
        self._wait(timedelta(hours=data.draw(st.sampled_from([1, 12, 41, 24 * 6, 24 * 30]))))

    def _wait(self, how_long: timedelta) -> None:
        self.now += how_long
        self.clock.stop()
        self.clock = time_machine.travel(self.now, tick=False)
        self.clock.start()

    def the_sweeps_come(self, data: Any) -> None:
        expire_overdue()

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nothing_counts_that_an_order_forbids(self) -> None:
        orders = list(_orders())
        for result in Result.objects.filter(granted_at__isnull=False, voided_by=None).select_related("attempt", "case"):
            for order in orders:
                concerned = order.method_id == result.method_used and order.purpose in ("", result.case.purpose)
                assert not (concerned and _forbidden(order, result)), (order, result)

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nothing_is_open_and_void_at_once(self) -> None:
        in_use = Count("results", filter=Q(results__granted_at__isnull=False, results__voided_by=None), distinct=True)
        open_reviews = Count("reviews", filter=Q(reviews__state__in=OPEN_REVIEW), distinct=True)
        cases = IdentificationCase.objects.annotate(in_use=in_use, open_reviews=open_reviews)
        for key, state, used, reviewed in cases.values_list("pk", "state", "in_use", "open_reviews"):
            assert used == (1 if state == C.IDENTIFIED else 0), key
            assert reviewed or state != C.IN_REVIEW, key

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def no_deadline_gets_shorter(self) -> None:
        """And when the clocks run again, every deadline has moved by the whole pause, to the second (M5)."""
        running = IdentificationCase.objects.filter(state__in=[C.CHOOSING, C.IDENTIFYING, C.IN_REVIEW])
        for case in running:
            before, frozen_since = self.clocks.get(case.pk, (case.expires_at, None))
            assert case.expires_at >= before, case
            if frozen_since is not None and case.frozen_since is None:
                thawed = case.affected_by.filter(closing="thawed").select_related("suspension")
                ends = [each.suspension.end for each in thawed if each.closed_at == self.now and each.suspension.end]
                assert not ends or case.expires_at == before + (max(ends) - frozen_since), case
        self.clocks = {case.pk: (case.expires_at, case.frozen_since) for case in running}

    @invariant()
    @precondition(lambda self: hasattr(self, "atomic"))
    def nobody_is_in_a_dead_end(self) -> None:
        on_their_way = IdentificationCase.objects.filter(state=C.IDENTIFYING, frozen_since=None)
        hoped = Attempt.objects.filter(state__in=[A.STARTED, A.QUARANTINED, A.INTENDED, A.UNREACHED])
        hopes = list(hoped.filter(case__in=on_their_way).select_related("case__insurant", "case__insurer"))
        questions = [
            question_about(each.case, Action.RESUME, each.method_id, begun_at=each.intended_at) for each in hopes
        ]
        rulings = decide_all(questions, acting=False) if questions else []
        open_to = {each.case_id for each, ruling in zip(hopes, rulings, strict=True) if ruling.allowed}
        assert {case.pk for case in on_their_way} == open_to
        for met in AffectedCase.objects.filter(closing="").exclude(outcome="kept").select_related("suspension"):
            assert met.suspension.undone_at is None


def _orders() -> Any:
    return Suspension.objects.filter(method__in=METHODS, undone_at=None)


def _one(data: Any, rows: Any) -> Any:
    """Draw one; in an order that does not depend on random keys, or no failure could be played again."""
    by = {Attempt: ("case_id", "method_id", "provider_case_id"), Review: ("case_id", "kind", "state")}
    found = list(rows.order_by(*by.get(rows.model, ("pk",))))
    return data.draw(st.sampled_from(found)) if found else None


def carry_out_all() -> None:
    """Taking back one order can lead people into another: that one is carried out the next time."""
    while carry_out_orders():
        pass


def a_clerk() -> Account:
    clerk = an_account(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="decide_reviews"))
    return clerk


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
@pytest.mark.parametrize("effect", Effect)
def test_no_order_of_events_breaks_the_promises(provider, effect):
    Orders.provider, Orders.first_effect = provider, effect
    run_state_machine_as_test(
        Orders,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize="ORDER_EXAMPLES" not in os.environ,
        ),
    )
