"""The table of moves, in Python and in the database."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from epa.models import EpaAccess
from epa.states import LIVE, MOVES, UNDER_WAY, AccessMoveNotAllowed, AccessState, EndReason, RecordState, check_move
from tests.epa.accesses import an_access, an_identified_case

S = AccessState
DRAWN = {
    (S.REQUESTED, S.OPENING),
    (S.REQUESTED, S.CANCELLED),
    (S.OPENING, S.OPEN),
    (S.OPENING, S.STUCK),
    (S.OPENING, S.CANCELLED),
    (S.STUCK, S.OPENING),
    (S.STUCK, S.CANCELLED),
    (S.CANCELLED, S.OPENING),
}
PAIRS = [(source, target) for source, target in product(S, S) if source is not target]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_table_has_the_arrows_that_were_drawn_and_no_other(source, target):
    if (source, target) in DRAWN:
        check_move(source, target)
    else:
        with pytest.raises(AccessMoveNotAllowed):
            check_move(source, target)


def test_every_state_has_its_place_in_the_table():
    assert set(MOVES) == set(S)
    assert set(LIVE) == set(S) - {S.CANCELLED}
    assert set(UNDER_WAY) == set(LIVE) - {S.OPEN}


def what_goes_with(state: AccessState) -> dict[str, Any]:
    now = timezone.now()
    heard = {"record_state": RecordState.ACTIVATED, "status_seen_at": now, "email_set_at": now}
    by_state: dict[AccessState, dict[str, Any]] = {
        S.REQUESTED: {},
        S.OPENING: {"next_try_at": now},
        S.OPEN: {"opened_at": now, **heard},
        S.STUCK: {"problem": "http_400"},
        S.CANCELLED: {"end_reason": EndReason.CASE_ENDED, "ended_at": now},
    }
    return by_state[state]


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_database_holds_the_same_table(source, target):
    access = an_access(source, case=an_identified_case())
    bare = {"next_try_at": None, "problem": "", "end_reason": "", "ended_at": None, "opened_at": None}
    row = EpaAccess.objects.filter(pk=access.pk)
    if (source, target) in DRAWN:
        assert row.update(state=target, **{**bare, **what_goes_with(target)}) == 1
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            row.update(state=target, **{**bare, **what_goes_with(target)})


@pytest.mark.django_db
def test_an_access_is_never_deleted():
    access = an_access()
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        access.delete()
