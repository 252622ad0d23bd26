"""Opening, against the record system's process over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from core.actors import SYSTEM
from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from epa.models import EpaAccess
from epa.record_system.adapter import RecordSystemOverHttp
from epa.services import moving, open_due, opening, try_again, try_all_again
from epa.states import AccessMoveNotAllowed, AccessState, Channel, EndReason, RecordState
from identity.cases.models import Review
from identity.cases.states import AttemptState
from identity.members.models import Insurant
from tests.epa.accesses import a_withdrawal, again, an_access, an_identified_case, decided, email_of
from tests.epa.conftest import Records
from tests.factories import an_attempt, an_insurant

pytestmark = pytest.mark.django_db
S = AccessState


@pytest.fixture(autouse=True)
def quiet(woken: list[tuple[str, ...]]) -> None:
    """No broker here."""


def mails(template: str) -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(template=f"epa/{template}"))


def events(access: EpaAccess) -> list[str]:
    found = AuditEvent.objects.filter(subject_id=str(access.public_id)).order_by("seq")
    return [event.name.removeprefix("epa.access.") for event in found]


def due_now(access: EpaAccess) -> None:
    EpaAccess.objects.filter(pk=access.pk).update(next_try_at=timezone.now())


def seconds_to_wait(access: EpaAccess) -> float:
    access = again(access)
    assert access.next_try_at is not None
    return (access.next_try_at - timezone.now()).total_seconds()


def test_an_active_record_opens_the_access_and_tells_the_person(records: Records):
    access = an_access()
    assert open_due() == 1
    now_open = again(access)
    assert (now_open.state, now_open.record_state, now_open.problem) == (S.OPEN, RecordState.ACTIVATED, "")
    assert now_open.opened_at
    assert now_open.email_set_at
    assert now_open.status_seen_at
    (mail,) = mails("open")
    assert mail.key == f"epa.access.{access.public_id}.open"
    assert mail.recipient == email_of(access)
    assert events(access) == ["open"]
    found = records.find(access.insurant.kvnr)
    assert (found["email"], found["email_set_count"], found["status_calls"]) == (mail.recipient, 1, 1)


def test_no_record_yet_opens_the_access_too(records: Records):
    access = an_access()
    records.put(access.insurant.kvnr, state="INITIALIZED")
    assert open_due() == 1
    assert again(access).record_state == RecordState.NONE_OR_INITIALIZED
    assert mails("open")[0].context["record_state"] == "none_or_initialized"


def test_an_open_access_is_not_asked_about_again(records: Records):
    access = an_access()
    assert [open_due(), open_due()] == [1, 0]
    assert records.find(access.insurant.kvnr)["status_calls"] == 1
    assert len(mails("open")) == 1


def test_a_wrong_state_waits_as_long_as_the_setting_says_and_tells_the_person_once(records: Records, settings):
    settings.EPA_WAIT_WRONG_STATE_SECONDS = 5000
    access = an_access()
    records.put(access.insurant.kvnr, state="SUSPENDED")
    for _ in range(2):
        assert open_due() == 0
        assert 4900 < seconds_to_wait(access) <= 5000
        due_now(access)
    waiting = again(access)
    assert (waiting.state, waiting.record_state, waiting.problem) == (S.OPENING, RecordState.WRONG_STATE, "wrong_state")
    assert len(mails("waiting")) == 1
    assert events(access) == ["waiting"]
    records.put(access.insurant.kvnr, state="ACTIVATED")
    assert open_due() == 1
    assert records.find(access.insurant.kvnr)["email_set_count"] == 1


def test_an_error_waits_as_long_as_the_setting_says(records: Records, settings):
    settings.EPA_WAIT_ERROR_SECONDS = 700
    access = an_access()
    records.fault("http_500", on=["status"])
    assert open_due() == 0
    assert 600 < seconds_to_wait(access) <= 700
    waiting = again(access)
    assert (waiting.record_state, waiting.problem) == (RecordState.ERROR, "record_error")
    assert waiting.email_set_at  # what has been done is not done again
    records.heal()
    assert open_due() == 0  # not before its time
    due_now(access)
    assert open_due() == 1


@pytest.mark.parametrize(
    ("fault", "problem"), [("down", "http_503"), ("html_error", "http_502"), ("malformed", "unreadable_answer")]
)
def test_an_outage_waits_longer_each_time_and_never_fails_the_person(records: Records, fault, problem):
    access = an_access()
    records.fault(fault)
    waits = []
    for _ in range(4):
        assert open_due() == 0
        waits.append(seconds_to_wait(access))
        due_now(access)
    assert waits[0] < 15
    assert waits[3] > 2 * waits[0]
    assert (again(access).state, again(access).problem) == (S.OPENING, problem)
    assert events(access) == ["waiting"]  # one trace for one outage
    records.heal()
    assert open_due() == 1
    assert again(access).tries == 0


def test_an_outage_of_weeks_still_asks_every_half_hour(records: Records):
    access = an_access()
    EpaAccess.objects.filter(pk=access.pk).update(tries=30)
    records.fault("down")
    open_due()
    assert 1300 < seconds_to_wait(access) < 2300


def test_a_slow_record_system_is_an_outage(records: Records, settings):
    settings.RECORD_SYSTEM = {**settings.RECORD_SYSTEM, "timeout_seconds": 0.3}
    access = an_access()
    records.fault("slow", seconds=1, on=["status"])
    assert open_due() == 0
    assert again(access).problem == "timeout"


def test_a_record_system_that_is_away_is_an_outage(settings):
    settings.RECORD_SYSTEM = {"base_url": "http://127.0.0.1:1", "timeout_seconds": 1}
    access = an_access()
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.OPENING, "unreachable")


def test_an_error_of_our_own_is_never_taken_for_an_answer(records: Records, settings, monkeypatch):
    access = an_access()
    settings.RECORD_SYSTEM = None
    with capture_logs() as logs:
        assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.OPENING, "our_own_error")
    assert "record_system_broke" in [entry["event"] for entry in logs]


def test_a_refusal_for_good_waits_for_an_operator_who_lets_it_try_again(records: Records):
    access = an_access()
    records.fault("http_403")
    assert open_due() == 0
    stuck = again(access)
    assert (stuck.state, stuck.problem) == (S.STUCK, "http_403")
    assert len(mails("waiting")) == 1
    records.heal()
    assert open_due() == 0
    for _ in range(2):
        try_again(access.public_id, actor=SYSTEM)
    assert open_due() == 1
    assert events(access) == ["stuck", "opening", "open"]
    with pytest.raises(AccessMoveNotAllowed):
        try_again(access.public_id, actor=SYSTEM)


def test_a_malformed_question_is_a_refusal_for_good(records: Records, settings):
    access = an_access(insurant=an_insurant(kvnr="A123456789"))  # wrong check digit
    EpaAccess.objects.filter(pk=access.pk).update(email_set_at=timezone.now())
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.STUCK, "http_400")


def test_all_that_is_stuck_with_one_code_can_be_tried_again_at_once():
    refused, other = an_access(S.STUCK, problem="http_403"), an_access(S.STUCK, problem="no_account")
    assert try_all_again("http_403", actor=SYSTEM) == 1
    assert [again(refused).state, again(other).state] == [S.OPENING, S.STUCK]
    assert try_all_again(actor=SYSTEM) == 1


def test_a_person_without_an_account_has_no_address_to_give(records: Records):
    access = an_access(insurant=an_insurant(account=None))
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.STUCK, "no_account")


def test_a_kill_between_the_two_calls_is_repeated_without_harm(records: Records, monkeypatch):
    access = an_access()
    with monkeypatch.context() as killed:

        def die(self: RecordSystemOverHttp, kvnr: str) -> RecordState:
            raise KeyboardInterrupt

        killed.setattr(RecordSystemOverHttp, "status", die)
        with pytest.raises(KeyboardInterrupt):
            open_due()
    assert open_due() == 0  # its claim holds until it runs out
    EpaAccess.objects.filter(pk=access.pk).update(claimed_until=timezone.now())
    assert open_due() == 1
    found = records.find(access.insurant.kvnr)
    assert (found["email_set_count"], found["status_calls"]) == (1, 1)
    assert len(mails("open")) == 1


def test_a_kill_before_the_answer_is_written_down_is_repeated_without_harm(records: Records, monkeypatch):
    access = an_access()
    with monkeypatch.context() as killed:

        def die(*_: object) -> bool:
            raise KeyboardInterrupt

        killed.setattr(opening, "_write_down", die)
        with pytest.raises(KeyboardInterrupt):
            open_due()
    EpaAccess.objects.filter(pk=access.pk).update(claimed_until=timezone.now())
    assert open_due() == 1
    assert records.find(access.insurant.kvnr)["email_set_count"] == 1
    assert len(mails("open")) == 1


def test_a_late_answer_cannot_change_what_somebody_faster_has_opened(records: Records):
    access = an_access()
    (slow,) = opening.claim()
    EpaAccess.objects.filter(pk=access.pk).update(claimed_until=None)
    assert open_due() == 1
    assert opening._write_down(slow, opening.Heard(True, RecordState.WRONG_STATE)) is False
    assert (again(access).state, again(access).record_state) == (S.OPEN, RecordState.ACTIVATED)


def test_one_that_breaks_holds_up_nobody_else(records: Records, monkeypatch):
    bad, good = an_access(), an_access()
    original = moving.move

    def breaking(access: EpaAccess, *args: object, **how: object) -> None:
        if access.pk == bad.pk:
            raise ZeroDivisionError
        original(access, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "move", breaking)
    assert open_due() == 1
    assert [again(bad).state, again(good).state] == [S.OPENING, S.OPEN]


def test_many_are_opened_in_one_round(records: Records):
    for _ in range(11):
        an_access()
    assert open_due(limit=10) == 10
    assert open_due() == 1


def test_no_transaction_is_open_while_the_record_system_is_asked(records: Records, monkeypatch):
    depth = len(connection.savepoint_ids)
    seen: list[int] = []
    original = opening._ask_all

    def looking(claimed):
        seen.append(len(connection.savepoint_ids))
        return original(claimed)

    monkeypatch.setattr(opening, "_ask_all", looking)
    an_access()
    open_due()
    assert seen == [depth]


def test_a_review_that_is_open_keeps_the_access_shut_and_nobody_is_asked(records: Records):
    access = an_access()
    review = a_withdrawal(access.case)
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.OPENING, "review_open")
    found = records.find(access.insurant.kvnr)
    assert (found["email"], found["status_calls"]) == (None, 0)
    decided(review, "approve")
    due_now(access)
    assert open_due() == 1


def test_a_review_that_begins_while_the_record_system_is_asked_keeps_the_access_shut(records: Records, monkeypatch):
    access = an_access()
    original = opening._ask_all

    def meanwhile(claimed):
        heard = original(claimed)
        a_withdrawal(access.case)
        return heard

    monkeypatch.setattr(opening, "_ask_all", meanwhile)
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.OPENING, "review_open")
    assert mails("open") == []


def test_a_review_that_ends_while_nobody_was_asked_is_asked_about_at_once(records: Records):
    access = an_access()
    review = a_withdrawal(access.case)
    (claimed,) = opening.claim()
    decided(review, "approve")
    assert opening._write_down(claimed, opening.Heard()) is False
    assert open_due() == 1


@pytest.mark.parametrize("decision", ["repeat", "refuse"])
def test_an_identification_that_was_taken_back_ends_the_access_and_tells_the_person(records: Records, decision):
    access = an_access()
    decided(a_withdrawal(access.case), decision)
    assert open_due() == 0
    ended = again(access)
    assert (ended.state, ended.end_reason) == (S.CANCELLED, EndReason.IDENTIFICATION_WITHDRAWN)
    assert len(mails("cancelled")) == 1
    assert records.find(access.insurant.kvnr)["email"] is None


def test_a_withdrawal_of_another_attempt_does_not_count(records: Records):
    access = an_access()
    earlier = an_attempt(AttemptState.REJECTED, case=access.case)
    review = Review.objects.create(case=access.case, attempt=earlier, kind=Review.Kind.WITHDRAWN)
    decided(review, "refuse")
    assert open_due() == 1


def test_who_is_no_member_any_more_gets_no_access(records: Records):
    access = an_access()
    Insurant.objects.filter(pk=access.insurant.pk).update(member_to=date(2020, 1, 1))
    assert open_due() == 0
    assert (again(access).state, again(access).end_reason) == (S.CANCELLED, EndReason.MEMBERSHIP_ENDED)
    assert mails("cancelled")[0].context["end_reason"] == "membership_ended"


def test_too_low_a_level_goes_to_an_operator(records: Records):
    access = an_access(case=an_identified_case(level=2))
    assert open_due() == 0
    assert (again(access).state, again(access).problem) == (S.STUCK, "level_too_low")


def test_only_the_first_address_is_ours_to_give(records: Records):
    first = an_access()
    open_due()
    records.put(first.insurant.kvnr, email="own@example.org")  # the person has changed it in the app
    further = an_access(case=first.case, channel=Channel.DESKTOP)
    assert open_due() == 1
    assert records.find(first.insurant.kvnr)["email"] == "own@example.org"
    assert again(further).email_set_at == again(first).email_set_at


def test_what_is_not_due_or_held_by_somebody_is_left_alone(records: Records):
    later = an_access(next_try_at=timezone.now() + timedelta(hours=1))
    held = an_access(claimed_until=timezone.now() + timedelta(seconds=30))
    assert open_due() == 0
    assert [again(later).state, again(held).state] == [S.OPENING, S.OPENING]


def test_a_claim_shows_nothing_of_the_person():
    access = an_access()
    (claimed,) = opening.claim()
    assert access.insurant.kvnr not in repr(claimed)
    assert email_of(access) not in repr(claimed)
