"""One day: a morning with traffic, noon, an afternoon, the evening, and a second order that is taken back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

from django.db import connections
from django.utils import timezone
from tqdm import tqdm

from config.rehearsal import ledger as sql
from config.rehearsal.laying import METHOD, VOID_BEFORE, Person, close_all, lay
from config.rehearsal.ledger import Ledger
from config.rehearsal.provider import Book
from config.rehearsal.stage import Stage
from config.rehearsal.traffic import MOST, Traffic
from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.audit.verification import verify
from identity.cases.effects.carrying import due_phases
from identity.cases.effects.models import OrderRun
from identity.methods.choices import Effect, QuarantineEnd
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

KILL_EVERY_SECONDS: Final = 3.0
FINISH_SECONDS: Final = 6.0  # of the time to finish, beside a hundredth of a second for each of the first people
LEAST_AGAIN: Final = 30  # people whom the second order meets
FAR_AWAY: Final = timedelta(hours=8)


@dataclass
class Day:
    """What a round needs. When nothing moves for `patience_seconds`, it goes on: the ledger says what is missing."""

    stage: Stage
    book: Book
    people: int
    seed: int
    kill: bool
    patience_seconds: float
    say: Callable[[str], object]
    laid_before: int = 0
    _killed_at: float = field(default_factory=time.monotonic)

    def play(self, effect: Effect) -> Ledger:
        """Play one day with one effect and return its ledger."""
        people = self._lay(effect, effect.value, self.people)
        first, second, third = _administrators(effect)
        chance = Random(f"{self.seed} {effect}")  # noqa: S311 (nothing secret here)
        traffic = Traffic(self.stage.base_url, self.book, chance, people)
        ledger = Ledger(f"{effect.upper()}: {len(people):,} people, {len(traffic.active):,} of them busy")
        self._say(f"{effect}: noon under traffic")
        order = self._with_traffic(traffic, afternoon=False, noon=lambda: impose_suspension(
            _draft(effect, 1, self._seconds_to_finish()), actor=first))  # fmt: skip
        assert order is not None  # noqa: S101 (for the type checker)
        self._wait_until_carried(order)
        if (finish_until := order.finish_until) is not None:
            while timezone.now() <= finish_until:
                self._strike()
                _pause()
            self._wait_until_carried(order)
        self._say(f"{effect}: the afternoon")
        self._with_traffic(traffic, afternoon=True)
        self._wait_until_carried(order)
        self._write_dusk(ledger, order, effect)
        self._say(f"{effect}: the evening")
        order = _lift(confirm_suspension(order.pk, actor=second), second, third)
        self._wait_until_carried(order)
        self._write_night(ledger, order, effect, traffic)
        self._say(f"{effect}: a second order, taken back")
        others = self._lay(effect, f"{effect} again", max(LEAST_AGAIN, self.people // 4))
        self._undo(ledger, effect, first)
        close_all([*people, *others])
        return ledger

    # --- what happens ---

    def _lay(self, effect: Effect, round_name: str, count: int) -> list[Person]:
        with tqdm(total=count, unit="person", desc=f"{round_name}: laying", leave=False) as bar:
            people = lay(
                count, seed=self.seed + list(Effect).index(effect) + self.laid_before, start=self.laid_before + 1,
                round_name=round_name, book=self.book, tell=bar.update,
            )  # fmt: skip
        self.laid_before += len(people)
        return people

    def _seconds_to_finish(self) -> timedelta:
        return timedelta(seconds=FINISH_SECONDS + min(self.people, MOST) / 100)

    def _with_traffic(
        self, traffic: Traffic, *, afternoon: bool, noon: Callable[[], Suspension] | None = None
    ) -> Suspension | None:
        """Let people do things in threads of their own; in the middle of it comes noon. Workers die meanwhile."""
        total, before, order = len(traffic.active), traffic.done, None
        with tqdm(total=total, initial=before, unit="act", desc="traffic", leave=False) as bar:
            thread = threading.Thread(target=_run, args=(traffic, afternoon, bar.update), daemon=True)
            thread.start()
            while thread.is_alive():
                if noon is not None and order is None and traffic.done >= traffic.morning:
                    order = noon()
                self._strike()
                thread.join(0.05)
        if traffic.failure is not None:
            raise RuntimeError("the traffic broke") from traffic.failure
        return order or (noon() if noon else None)

    def _undo(self, ledger: Ledger, effect: Effect, actor: Actor) -> None:
        """Give the order again, let it be carried out, and take it back: every row as before."""
        self._wait_for(_is_quiet)
        sql.take_snapshot()
        order = impose_suspension(_draft(effect, 2, FAR_AWAY), actor=actor)
        self._wait_until_carried(order)
        changed = sql.rows_that_differ()
        undo_suspension(order.pk, actor=actor)
        order.refresh_from_db()
        self._wait_until_carried(order)
        ledger.least("messages about a second order", int(sql.ask(sql.MESSAGES, order=order.pk)), 1)
        ledger.say("rows that it changed", f"{changed:,}", good=changed > 0 or effect is Effect.FINISH)
        ledger.nought("rows not as before after it was undone", sql.rows_that_differ())

    # --- waiting ---

    def _strike(self) -> None:
        if self.kill and time.monotonic() - self._killed_at > KILL_EVERY_SECONDS:
            self.stage.kill_a_worker()
            self._killed_at = time.monotonic()

    def _wait_until_carried(self, order: Suspension) -> None:
        self._wait_for(lambda: _is_carried(order) and _is_quiet())

    def _wait_for(self, done: Callable[[], bool]) -> None:
        """Wait until it is so, or nothing has moved for too long."""
        last, since = _sketch(), time.monotonic()
        while not done() and time.monotonic() - since < self.patience_seconds:
            self._strike()
            _pause()
            if (now := _sketch()) != last:
                last, since = now, time.monotonic()

    def _say(self, text: str) -> None:
        self.say(text)

    # --- the ledger ---

    def _write_dusk(self, ledger: Ledger, order: Suspension, effect: Effect) -> None:
        for what, found in sql.count_against(order.pk).items():
            ledger.nought(f"{what} against the order, at dusk", found)
        ledger.nought(
            "people without a next step, at dusk", sql.ask(sql.NO_NEXT_STEP, order=order.pk, round=effect.value)
        )
        held = sql.ask("SELECT count(*) FROM identity_result WHERE held_by_id = %(order)s", order=order.pk)
        ledger.least("results that were kept from counting", held, 1)

    def _write_night(self, ledger: Ledger, order: Suspension, effect: Effect, traffic: Traffic) -> None:
        given: dict[str, Any] = {"order": order.pk, "round": effect.value}
        messages = sql.expected_messages(effect.value)
        for what, found in sql.count_against(order.pk).items():
            ledger.nought(f"{what} against the order, at night", found)
        ledger.nought("people without a next step, at night", sql.ask(sql.NO_NEXT_STEP, **given))
        must, untold = (sql.ask(each, **given, **messages) for each in (sql.MUST_BE_TOLD, sql.UNTOLD))
        ledger.say(
            "told, of those who had to be", f"{_percent(must - untold, must)} of {must:,}", good=0 == untold < must
        )
        ledger.nought("met while they did something, and not told", sql.ask(sql.MET_UNTOLD, **given))
        ledger.nought("messages to people whom it does not concern", sql.ask(sql.TOLD_FOR_NOTHING, **given, **messages))
        last = sql.ask(sql.LAST_MESSAGE, order=order.pk)
        ledger.say("from the order to the last message about it", "none" if last is None else f"{float(last):.1f} s",
                   good=last is not None)  # fmt: skip
        ledger.nought("clocks not exact to the microsecond", sql.ask(sql.CLOCKS, **given, middle=list(sql.MIDDLE)))
        ledger.nought("results in quarantine", sql.ask(sql.QUARANTINE))
        ledger.nought("entries of the inbox not done", sql.ask(sql.UNREAD))
        ledger.nought("messages not sent", sql.ask(sql.UNSENT))
        fault = verify().fault
        ledger.say("audit trail", fault.explanation if fault else "whole", good=fault is None)
        broken = sum(count for what, count in traffic.seen.items() if " 5" in what)
        ledger.nought("pages and callbacks that broke", broken)
        for what, count in sorted(traffic.seen.items()):
            ledger.say(f"    {what}", f"{count:,}")


def _run(traffic: Traffic, afternoon: bool, step: Callable[[], object]) -> None:
    try:
        traffic.run(afternoon=afternoon, step=step)
    except BaseException as error:
        traffic.failure = traffic.failure or error
    finally:
        connections.close_all()


def _administrators(effect: Effect) -> list[Actor]:
    accounts = [
        Account.objects.create_user(f"administrator{place}.{effect}@example.org", is_staff=True) for place in range(3)
    ]
    return [Actor(ActorKind.ADMINISTRATOR, str(account.public_id)) for account in accounts]


def _draft(effect: Effect, number: int, finish: timedelta) -> Suspension:
    now = timezone.now()
    return Suspension(
        method_id=METHOD,
        effect=effect,
        finish_until=now + finish if effect is Effect.FINISH else None,
        void_since=now - VOID_BEFORE if effect is Effect.VOID else None,
        **SUSPENSION_TEXTS | {"order_reference": f"rehearsal {effect} {number}"},
    )


def _lift(order: Suspension, first: Actor, second: Actor) -> Suspension:
    """Two people lift it; what lies in quarantine is released."""
    end = QuarantineEnd.RELEASE if order.effect == Effect.FREEZE else ""
    draft = Lifting(suspension=order, evidence="Rehearsal", quarantine_end=end)
    return approve_lifting(propose_lifting(draft, actor=first).pk, actor=second)


def _is_carried(order: Suspension) -> bool:
    finished = set(OrderRun.objects.filter(suspension=order, finished_at__isnull=False).values_list("phase", flat=True))
    return {phase.value for phase in due_phases(order, timezone.now())} <= finished


def _is_quiet() -> bool:
    waiting_polls = (
        "SELECT count(*) FROM identity_attempt WHERE state = 'started' AND asked_at < now() - interval '1 hour'"
    )
    return not any(sql.ask(each) for each in (sql.UNREAD, sql.UNSENT, waiting_polls))


def _sketch() -> tuple[Any, ...]:
    """Return a few numbers that stand still when nothing happens any more."""
    counts = (
        "SELECT count(*) FROM identity_orderrun WHERE finished_at IS NOT NULL",
        "SELECT sum(done) FROM identity_orderrun",
    )
    return tuple(sql.ask(each) for each in (sql.UNREAD, sql.UNSENT, "SELECT max(seq) FROM core_auditevent", *counts))


def _pause() -> None:
    threading.Event().wait(0.2)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "nobody"
