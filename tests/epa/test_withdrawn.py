"""What an order that withdraws identifications does to accesses: open ones stay, the others wait for a new one (M4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import permutations
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutgoingMessage
from epa.models import EpaAccess
from epa.services import follow_case, follow_cases, open_due, opening, request_access
from epa.states import AccessState, Channel, EndReason, RecordState
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import IdentificationCase, Result, Review
from identity.cases.services.using import identification_holds
from identity.cases.states import AttemptState, CaseState, ReviewState
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension, undo_suspension
from tests.epa.accesses import a_withdrawal, again, an_access, an_identified_case, decided
from tests.factories import a_review, an_administrator, an_attempt

S = AccessState
VOID = "void"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, woken: list[tuple[str, ...]]) -> list[int]:
    """A record system that finds every record active; which accesses it was asked about."""
    seen: list[int] = []

    def ask(claimed: opening.Claimed) -> opening.Heard:
        if not claimed.clear:
            return opening.Heard()
        seen.append(claimed.access_id)
        return opening.Heard(True, RecordState.ACTIVATED)

    monkeypatch.setattr(opening, "_ask", ask)
    return seen


def imposed(effect: str = VOID, **given: Any) -> Suspension:
    since = {"void_since": timezone.now() - timedelta(days=2)} if effect == VOID else {}
    until = {"finish_until": timezone.now() + timedelta(days=2)} if effect == "finish" else {}
    draft = Suspension(method_id="postident_branch", effect=effect, **SUSPENSION_TEXTS | since | until | given)
    return impose_suspension(draft, actor=an_administrator())


def identified_again(case: IdentificationCase, method: str = "postident_eid") -> None:
    """The person has identified themself in the same case by another method."""
    now = timezone.now()
    Result.objects.create(
        attempt=an_attempt(AttemptState.SUCCEEDED, case=case, method_id=method), case=case, method_used=method,
        identified_at=now, received_at=now, person={}, verdict="match", level_reached=3, granted_at=now,
    )  # fmt: skip
    IdentificationCase.objects.filter(pk=case.pk).update(state=CaseState.IDENTIFIED, closed_at=now)


def mails() -> set[str]:
    return set(OutgoingMessage.objects.values_list("template", flat=True))


@pytest.mark.django_db
def test_an_order_counts_before_anybody_has_carried_it_out(asked):
    access = an_access()
    imposed()
    assert open_due() == 0
    assert (again(access).state, again(access).problem, asked) == (S.OPENING, "method_suspended", [])


@pytest.mark.django_db
@pytest.mark.parametrize("effect", ["move", "freeze", "finish"])
def test_only_an_order_that_says_so_withdraws_what_is_finished(effect):
    access = an_access()
    imposed(effect)
    carry_out_orders()
    assert open_due() == 1
    assert again(access).state == S.OPEN


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "after"), [(S.OPENING, S.CANCELLED), (S.STUCK, S.CANCELLED), (S.OPEN, S.OPEN), (S.REQUESTED, S.REQUESTED)]
)
def test_what_is_open_stays_and_what_is_not_yet_waits_for_a_new_identification(state, after):
    access = an_access(state)
    imposed()
    carry_out_orders()
    assert follow_cases() == (state in (S.OPENING, S.STUCK))
    assert follow_cases() == 0
    found = again(access)
    assert found.state == after
    assert found.end_reason == (EndReason.IDENTIFICATION_WITHDRAWN if after == S.CANCELLED else "")
    assert "epa/cancelled" not in mails()  # the order itself has told the person


@pytest.mark.django_db
def test_the_news_of_a_withdrawal_wakes_a_worker(django_capture_on_commit_callbacks, monkeypatch):
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr("epa.apps.wake", lambda *task: sent.append(task))
    access = an_access()
    imposed()
    with django_capture_on_commit_callbacks(execute=True):
        carry_out_orders()
    assert ("epa.open_accesses", str(access.case.public_id)) in sent


@pytest.mark.django_db
def test_an_access_opens_when_the_person_is_identified_again():
    access = an_access()
    imposed()
    carry_out_orders()
    follow_case(access.case.public_id)
    assert open_due() == 0
    identified_again(access.case)
    assert follow_case(access.case.public_id) == 1
    assert open_due() == 1
    assert again(access).state == S.OPEN


@pytest.mark.django_db
def test_an_access_opens_when_the_order_is_undone():
    access = an_access()
    order = imposed()
    carry_out_orders()
    follow_case(access.case.public_id)
    undo_suspension(order.pk, actor=an_administrator())
    carry_out_orders()
    assert (follow_cases(), open_due()) == (1, 1)
    assert again(access).state == S.OPEN


STEPS: dict[str, Callable[[], object]] = {
    "impose": imposed,
    "carry": carry_out_orders,
    "follow": follow_cases,
    "open": open_due,
}


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(STEPS)), ids="-".join)
def test_in_any_order_nothing_opens_after_the_order(order):
    access = an_access()
    for name in order:
        STEPS[name]()
    for sweep in (carry_out_orders, follow_cases, open_due):
        EpaAccess.objects.filter(state=S.OPENING).update(next_try_at=timezone.now())
        sweep()
    opened_before = order.index("open") < order.index("impose")
    assert again(access).state == (S.OPEN if opened_before else S.CANCELLED)


@pytest.mark.django_db
def test_what_a_clerk_has_taken_back_is_not_opened_by_a_sweep():
    access = an_access()
    decided(a_withdrawal(access.case), "refuse")
    open_due()
    assert again(access).end_reason == EndReason.IDENTIFICATION_WITHDRAWN
    assert (follow_cases(), open_due()) == (0, 0)
    assert again(access).state == S.CANCELLED


@pytest.mark.django_db
def test_a_new_identification_counts_although_a_clerk_had_taken_back_the_withdrawn_one():
    access = an_access()
    decided(a_withdrawal(access.case), "refuse")
    open_due()
    imposed()
    carry_out_orders()
    identified_again(access.case)
    assert (follow_cases(), open_due()) == (1, 1)


@pytest.mark.django_db
def test_a_review_that_an_order_has_withdrawn_holds_up_no_access():
    review = a_review()
    access = EpaAccess.objects.create(insurant=review.case.insurant, case=review.case, channel=Channel.APP_IOS)
    imposed("move")
    carry_out_orders()
    assert Review.objects.get().state == ReviewState.WITHDRAWN
    identified_again(review.case)
    assert (follow_cases(), open_due()) == (1, 1)
    assert again(access).state == S.OPEN


@pytest.mark.django_db
def test_the_database_opens_nothing_on_a_withdrawn_result():
    access = an_access()
    Result.objects.update(voided_by=imposed())
    seen = {"record_state": RecordState.ACTIVATED, "status_seen_at": timezone.now(), "email_set_at": timezone.now()}
    with pytest.raises(IntegrityError, match="identified person"), transaction.atomic():
        EpaAccess.objects.filter(pk=access.pk).update(state=S.OPEN, opened_at=timezone.now(), next_try_at=None, **seen)


@pytest.mark.django_db
def test_no_further_channel_is_built_on_a_withdrawn_result():
    access = an_access(S.OPEN)
    imposed()
    carry_out_orders()
    further = request_access(access.insurant, Channel.DESKTOP, actor=SYSTEM)
    assert (further.state, further.case) == (S.REQUESTED, access.case)
    identified_again(access.case)
    assert (follow_cases(), open_due()) == (1, 1)
    assert {each.state for each in EpaAccess.objects.all()} == {S.OPEN}


@pytest.mark.django_db
def test_an_identification_that_was_never_made_does_not_hold():
    case = an_identified_case()
    assert identification_holds(case)
    Result.objects.update(voided_by=imposed())
    assert not identification_holds(case)


@pytest.mark.django_db(transaction=True)
def test_an_opening_waits_for_an_order_that_is_just_being_given(at_once):
    access = an_access()
    (claimed,) = opening.claim()
    held, waited_long = Event(), Event()
    administrator = an_administrator()

    def impose() -> None:
        draft = Suspension(
            method_id="postident_branch", effect=VOID, void_since=timezone.now() - timedelta(days=2), **SUSPENSION_TEXTS
        )
        with transaction.atomic():
            impose_suspension(draft, actor=administrator)
            held.set()
            waited_long.wait(0.3)

    def open_meanwhile() -> bool:
        assert held.wait(10)
        return opening._write_down(claimed, opening.Heard(True, RecordState.ACTIVATED))

    assert at_once(impose, open_meanwhile) == [None, False]
    assert again(access).state == S.OPENING


@pytest.mark.django_db(transaction=True)
def test_withdrawing_and_opening_at_once_have_an_order(at_once):
    """Twenty accesses, an order, its carrying out and two openers at once: what is open was open before the order."""
    accesses = [an_access() for _ in range(20)]
    order = Suspension(
        method_id="postident_branch", effect=VOID, void_since=timezone.now() - timedelta(days=2), **SUSPENSION_TEXTS
    )
    impose = partial(impose_suspension, order, actor=an_administrator())
    results = at_once(open_due, impose, open_due, carry_out_orders, follow_cases)
    assert [each for each in results if isinstance(each, Exception)] == []
    for sweep in (carry_out_orders, follow_cases):
        sweep()
    imposed_at = Suspension.objects.get(pk=order.pk).imposed_at
    for access in map(again, accesses):
        assert access.state in (S.OPEN, S.CANCELLED)
        assert access.state == S.CANCELLED or (access.opened_at is not None and access.opened_at <= imposed_at)
