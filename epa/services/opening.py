"""Opening: claim, ask the record system with no transaction open, write the answer down in one.

Exactly once in effect: both calls may come twice, the case's and the access's rows are locked, the table of moves lets
an access open once, and its message has a key. A worker that dies leaves a claim that runs out.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM
from core.errors import Never, OutsideError, TryAgain
from epa.models import EpaAccess
from epa.registry import record_system
from epa.rules import Standing, standing
from epa.selectors import facts_about
from epa.services.moving import locked_access, move, note, tell, withdraw
from epa.states import AccessState, EndReason, RecordState
from identity.cases.services.moving import locked_case

log = structlog.get_logger(__name__)

CLAIM: Final = timedelta(seconds=30)  # longer than both calls take when each runs into its time-out
BATCH: Final = 8  # asked side by side
ROUND_SECONDS: Final = 45  # a task claims nothing after this long; the next one goes on
FIRST_PAUSE_SECONDS: Final = 10
LONGEST_PAUSE_SECONDS: Final = 1800
REVIEW_PAUSE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Claimed:
    """One access as claimed. `email` None: the record system has got the person's address; empty: there is none."""

    access_id: int
    case_id: uuid.UUID
    kvnr: str = field(repr=False)
    email: str | None = field(repr=False)
    clear: bool = True  # else nothing is asked


@dataclass(frozen=True, slots=True)
class Heard:
    """What the record system answered; None: it was not asked. `email_set`: it took the address."""

    email_set: bool = False
    answer: RecordState | OutsideError | None = None


def open_due(limit: int = 200) -> int:
    """Open what is due, `limit` at most; return how many are open now. Safe to run many times at once."""
    end, opened = time.monotonic() + ROUND_SECONDS, 0
    while limit > 0 and time.monotonic() < end and (claimed := claim(min(BATCH, limit))):
        limit -= len(claimed)
        opened += sum(_write_down_safely(each, heard) for each, heard in zip(claimed, _ask_all(claimed), strict=True))
    return opened


@transaction.atomic
def claim(limit: int = BATCH) -> list[Claimed]:
    """Take due accesses that nobody holds. The claim only saves work; what is right is decided under the locks."""
    now = timezone.now()
    due = EpaAccess.objects.due(now).select_for_update(of=("self",), skip_locked=True)
    accesses = list(due.select_related("case__insurant__account")[:limit])
    EpaAccess.objects.filter(pk__in=[access.pk for access in accesses]).update(claimed_until=now + CLAIM)
    return [_claimed(access) for access in accesses]


def _claimed(access: EpaAccess) -> Claimed:
    insurant = access.case.insurant
    account = insurant.account
    clear = standing(facts_about(access.case, acting=False)) is Standing.CLEAR
    # Only the first address is ours to give (E4): a later one is the person's own, and is never written over.
    known = EpaAccess.objects.filter(insurant=insurant, email_set_at__isnull=False).exists()
    email = account.email if account else ""
    return Claimed(access.pk, access.case.public_id, insurant.kvnr, None if known else email, clear)


def _ask_all(claimed: Sequence[Claimed]) -> list[Heard]:
    """Ask about each, several at a time. No transaction is open, and no thread touches the database."""
    with ThreadPoolExecutor(max_workers=len(claimed)) as pool:
        return list(pool.map(_ask, claimed))


def _ask(claimed: Claimed) -> Heard:
    email_set = False
    if not claimed.clear:
        return Heard()
    if claimed.email == "":
        return Heard(answer=Never("no_account"))
    try:
        system = record_system()
        if claimed.email:
            system.set_email(claimed.kvnr, claimed.email)
            email_set = True
        return Heard(email_set, system.status(claimed.kvnr))
    except OutsideError as error:
        return Heard(email_set, error)
    except Exception as error:  # ours: later again, never taken for an answer; no trace, it would show the KVNR
        log.error("record_system_broke", access=claimed.access_id, error=type(error).__name__)
        return Heard(email_set, TryAgain("our_own_error"))


def _write_down_safely(claimed: Claimed, heard: Heard) -> bool:
    """Write one answer down; one that breaks holds up nobody else, and is asked again when its claim runs out."""
    try:
        return _write_down(claimed, heard)
    except Exception:
        log.exception("access_broke", access=claimed.access_id)
        return False


@transaction.atomic
def _write_down(claimed: Claimed, heard: Heard) -> bool:
    """Write one answer down; return whether the access is open now. This is the one place where it opens.

    204 and 404 both open. 404 says UNKNOWN or INITIALIZED, which cannot be told apart (E3); identification opens the
    person's access and does not create the record (E2): the access is theirs now, the record gets active with the first
    log-in, and who has objected to the ePA reads on the page how to take that back. 409 and 500 are asked again after
    the waiting times of E3. An outage waits. Only what will never heal goes to an operator.
    """
    case = locked_case(claimed.case_id)
    access = locked_access(case, pk=claimed.access_id)
    if access.state != AccessState.OPENING:
        return False  # somebody was faster
    _keep(access, heard)
    found = standing(facts_about(case))
    if found is not Standing.CLEAR:
        _hold_back(access, found)
        return False
    match heard.answer:
        case RecordState.ACTIVATED | RecordState.NONE_OR_INITIALIZED:
            move(access, AccessState.OPEN, actor=SYSTEM)
            return True
        case RecordState.WRONG_STATE:
            _wait(access, "wrong_state", settings.EPA_WAIT_WRONG_STATE_SECONDS, told=True)
        case TryAgain() as error:
            _wait(access, error.code, _pause(access, error))
        case None:
            _wait(access, "", 0)  # what stood in the way has gone meanwhile: ask at once
        case OutsideError() as error:
            move(access, AccessState.STUCK, actor=SYSTEM, reason=error.code)
        case _:
            _wait(access, "record_error", settings.EPA_WAIT_ERROR_SECONDS)
    return False


def _keep(access: EpaAccess, heard: Heard) -> None:
    """Keep what was heard, in memory."""
    now = timezone.now()
    if access.email_set_at is None:
        earlier = EpaAccess.objects.filter(insurant=access.insurant, email_set_at__isnull=False)
        first = earlier.order_by("email_set_at").values_list("email_set_at", flat=True).first()
        access.email_set_at = now if heard.email_set else first
    if isinstance(heard.answer, RecordState):
        access.record_state, access.status_seen_at, access.tries = heard.answer, now, 0


def _hold_back(access: EpaAccess, found: Standing) -> None:
    """Something stands in the way that the record system has nothing to do with."""
    match found:
        case Standing.REVIEW_OPEN | Standing.CASE_RUNS | Standing.METHOD_SUSPENDED:
            _wait(access, found.value, REVIEW_PAUSE_SECONDS)
        case Standing.IDENTIFICATION_VOID:
            withdraw(access)
        case Standing.IDENTIFICATION_WITHDRAWN:
            move(access, AccessState.CANCELLED, actor=SYSTEM, reason=EndReason.IDENTIFICATION_WITHDRAWN)
        case Standing.MEMBERSHIP_ENDED:
            move(access, AccessState.CANCELLED, actor=SYSTEM, reason=EndReason.MEMBERSHIP_ENDED)
        case _:
            move(access, AccessState.STUCK, actor=SYSTEM, reason=found.value)


def _wait(access: EpaAccess, problem: str, seconds: float, *, told: bool = False) -> None:
    """Ask again after a while, for ever: an outage never fails the person. A trace when the reason is a new one."""
    before, access.problem = access.problem, problem
    access.next_try_at = timezone.now() + timedelta(seconds=seconds)
    access.claimed_until = None
    access.save()
    if told:
        tell(access, "epa/waiting")
    if problem and problem != before:
        note(access, "waiting", actor=SYSTEM, reason=problem)


def _pause(access: EpaAccess, error: TryAgain) -> float:
    """Return the seconds until the next try: doubling with jitter, or longer when the other side asked for it."""
    access.tries = min(access.tries + 1, 30)
    pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (access.tries - 1), LONGEST_PAUSE_SECONDS)
    return max(pause * random.uniform(0.75, 1.25), error.after_seconds or 0)  # noqa: S311
