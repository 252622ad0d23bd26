"""A suspension takes effect with its commit, while two web processes and two workers are busy.

    .venv/bin/python -m pytest tests/faults/test_suspension_under_load.py

People start attempts over HTTP, the provider finishes them at once and calls back; in the middle of it the method is
suspended, at the worst moment for both doors (see `hesitating`). What was committed after that is read from
PostgreSQL's own times of commit and from the chain of the audit trail. The method is `postident_eid`: the video methods
are suspended from the beginning.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.actors import Actor, ActorKind
from identity.callbacks.models import InboxEntry
from identity.cases.models import Attempt, IdentificationCase
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from tests.faults.commits import Around, grants_around, identified_around, starts_around
from tests.faults.conftest import StackMaker
from tests.faults.hesitating import ask_for_it, stand_there
from tests.stack import Stack, until
from tests.stack.crowd import Browser, Member, NotTaken, a_crowd, side_by_side

METHOD = "postident_eid"
IDENTIFIED_FIRST, STARTED_FIRST = 20, 20  # of the early and of the late ones, before the suspension comes
FINISH_EVERY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """People who start before the rest do, and the rest."""

    early: int
    late: int


BUSY, FEW = Size(60, 140), Size(30, 60)


@dataclass
class Provider:
    """Finishes every open attempt, again and again, in a thread of its own; each brings a callback."""

    stack: Stack
    failure: BaseException | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Provider:
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        self.finish_all()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self._over.wait(FINISH_EVERY_SECONDS):
                self.finish_all()
        except BaseException as error:
            self.failure = error

    def finish_all(self) -> None:
        self.stack.outside.control("POST", "/bulk-finish", {"finish": {"method": "eid", "outcome": "success"}})


@dataclass
class Rush:
    """People who start, as many at a time as there are browsers."""

    stack: Stack
    cases: dict[Member, str] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def apply(self, members: Sequence[Member]) -> None:
        """Have everybody send the application."""
        cases = side_by_side(self.stack.base_url, Browser.apply, members)
        self.cases.update(zip(members, cases, strict=True))

    def start(self, members: Sequence[Member]) -> None:
        """Have everybody start; who is refused is counted by code."""
        side_by_side(self.stack.base_url, self._start, members)

    def _start(self, browser: Browser, member: Member) -> None:
        try:
            self.started.append(browser.start(member, self.cases[member], METHOD))
        except NotTaken as error:
            self.refused.append(error.code)


def suspend() -> None:
    """Impose a suspension of the method, as an administrator does."""
    draft = Suspension(method_id=METHOD, last_door_reason="ordered", **SUSPENSION_TEXTS)
    impose_suspension(draft, actor=Actor(ActorKind.ADMINISTRATOR, "test"))


def rush_with_a_suspension_in_it(stack: Stack, size: Size, *, at_the_worst_moment: bool = False) -> Rush:
    """Keep everybody busy, suspend the method in the middle, and return when nothing is left to do."""
    rush, members = Rush(stack), a_crowd(size.early + size.late)
    rush.apply(members)
    with Provider(stack):
        rush.start(members[: size.early])
        identified = IdentificationCase.objects.filter(state="identified")
        until(lambda: identified.count() >= IDENTIFIED_FIRST, within=60, what="the first results")
        late = threading.Thread(target=rush.start, args=(members[size.early :],), daemon=True)
        late.start()
        enough = size.early + STARTED_FIRST
        until(lambda: len(rush.started) >= enough, within=60, what="starts of the late ones", every=0.01)
        if at_the_worst_moment:
            ask_for_it(stack.home / "var")
            until(lambda: stand_there(stack.home / "var"), within=30, what="somebody at each door", every=0.01)
        suspend()
        late.join(120)
    until(lambda: not late.is_alive() and _is_quiet(stack), within=90, what="quiet", every=0.5)
    return rush


def _is_quiet(stack: Stack) -> bool:
    running = Attempt.objects.filter(state__in=["intended", "started"]).exists()
    return not running and not InboxEntry.objects.unread().exists() and not stack.outside.webhooks()["waiting"]


def told(rush: Rush, tell: Callable[[str], Any]) -> tuple[Around, Around, Around]:
    starts, identified, grants = starts_around(METHOD), identified_around(METHOD), grants_around()
    tell(f"    starts {starts}, identified {identified}, grants {grants}; {len(rush.refused)} refused")
    return starts, identified, grants


def test_after_the_commit_nothing_starts_and_nothing_is_accepted(a_stack: StackMaker, tell: Callable[[str], Any]):
    rush = rush_with_a_suspension_in_it(a_stack("HesitantGate"), BUSY, at_the_worst_moment=True)
    starts, identified, grants = told(rush, tell)

    assert (starts.after, identified.after, grants.after) == (0, 0, 0)
    # There was something to stop, on both sides of the moment and at both doors.
    assert starts.before >= BUSY.early + STARTED_FIRST
    assert min(identified.before, grants.before) >= IDENTIFIED_FIRST
    assert set(rush.refused) == {"method_not_offered"}
    assert Attempt.objects.filter(state="withheld").exists()


def test_without_the_locks_who_was_ruled_on_slips_through_at_both_doors(
    a_stack: StackMaker, tell: Callable[[str], Any]
):
    stack = a_stack("HesitantGateWithoutLock", web=1, workers=1)
    starts, identified, grants = told(rush_with_a_suspension_in_it(stack, FEW, at_the_worst_moment=True), tell)

    assert starts.after > 0
    assert min(identified.after, grants.after) > 0


def test_with_a_cached_answer_some_slip_through(a_stack: StackMaker, tell: Callable[[str], Any]):
    stack = a_stack("CachedGate", web=1, workers=1)
    starts, identified, grants = told(rush_with_a_suspension_in_it(stack, FEW), tell)

    assert starts.after > 0
    assert identified.after == grants.after  # of those whose worker had read before
