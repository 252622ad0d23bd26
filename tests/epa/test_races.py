"""Two at once. Each lock has a race that fails without it."""

from __future__ import annotations

from functools import partial
from threading import Event

import pytest
from django.db import transaction

from core.actors import SYSTEM
from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from epa.models import EpaAccess
from epa.services import follow_case, moving, opening, request_access, requesting, try_again
from epa.states import AccessState, Channel, RecordState
from identity.cases.models import IdentificationCase
from identity.cases.services.moving import locked_case
from tests.epa.accesses import a_withdrawal, again, an_access, an_identified_case
from tests.epa.conftest import Records
from tests.factories import an_insurant

pytestmark = pytest.mark.django_db(transaction=True)
S = AccessState


@pytest.fixture(autouse=True)
def quiet(woken: list[tuple[str, ...]]) -> None:
    """No broker here."""


def count(event: str) -> int:
    return AuditEvent.objects.filter(name=f"epa.access.{event}").count()


def test_a_double_click_requests_one_access(at_once, meet_at):
    insurant = an_insurant()
    meet_at(requesting, "_create")
    ask = partial(request_access, insurant, Channel.APP_IOS, actor=SYSTEM)
    first, second = at_once(ask, ask)
    assert first == second
    assert (EpaAccess.objects.count(), IdentificationCase.objects.count(), count("requested")) == (1, 1, 1)


def test_two_channels_at_once_are_one_wish(at_once, meet_at):
    insurant = an_insurant()
    meet_at(requesting, "_create")
    ask = partial(request_access, insurant, actor=SYSTEM)
    first, second = at_once(partial(ask, Channel.APP_IOS), partial(ask, Channel.DESKTOP))
    assert first == second
    assert (EpaAccess.objects.count(), count("channel_changed")) == (1, 1)


def test_the_same_answer_from_two_workers_opens_once(records: Records, at_once, meet_at):
    access = an_access()
    (claimed,) = opening.claim()
    meet_at(moving, "check_move")
    write = partial(opening._write_down, claimed, opening.Heard(True, RecordState.ACTIVATED))
    assert sorted(at_once(write, write)) == [False, True]
    assert again(access).state == S.OPEN
    assert count("open") == 1
    assert OutgoingMessage.objects.filter(template="epa/open").count() == 1


def test_two_workers_never_claim_the_same_access(at_once):
    for _ in range(6):
        an_access()
    first, second = at_once(partial(opening.claim, 4), partial(opening.claim, 4))
    claimed = [each.access_id for each in (*first, *second)]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= 4


def test_news_that_comes_twice_at_once_begins_the_opening_once(at_once, meet_at):
    access = an_access(S.REQUESTED, case=an_identified_case())
    meet_at(moving, "check_move")
    follow = partial(follow_case, access.case.public_id)
    assert sorted(at_once(follow, follow)) == [0, 1]
    assert count("opening") == 1


def test_two_operators_try_again_once(at_once, meet_at):
    access = an_access(S.STUCK)
    meet_at(moving, "check_move")
    retry = partial(try_again, access.public_id, actor=SYSTEM)
    first, second = at_once(retry, retry)
    assert (first.state, second.state) == (S.OPENING, S.OPENING)
    assert count("opening") == 1


def test_an_opening_waits_for_a_review_that_is_just_being_raised(at_once):
    access = an_access()
    (claimed,) = opening.claim()
    locked, waited_long = Event(), Event()

    def raise_review() -> None:
        with transaction.atomic():
            locked_case(access.case.public_id)
            locked.set()
            waited_long.wait(0.3)
            a_withdrawal(access.case)

    def open_meanwhile() -> bool:
        assert locked.wait(10)
        return opening._write_down(claimed, opening.Heard(True, RecordState.ACTIVATED))

    assert at_once(raise_review, open_meanwhile) == [None, False]
    assert (again(access).state, again(access).problem) == (S.OPENING, "review_open")


def test_a_whole_round_by_four_workers_opens_each_access_once(records: Records, at_once):
    accesses = [an_access() for _ in range(20)]
    assert sum(at_once(*[opening.open_due] * 4)) == 20
    assert {again(access).state for access in accesses} == {S.OPEN}
    assert count("open") == OutgoingMessage.objects.filter(template="epa/open").count() == 20
