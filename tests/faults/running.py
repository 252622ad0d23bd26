"""One run: people apply and start, the provider finishes, callbacks come three times in random order, things die."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.facts import Letterbox, gather, sketch
from tests.faults.judging import Verdict, judge
from tests.faults.ledger import Entry, Story, stories
from tests.faults.storm import Storm
from tests.stack import Stack, until
from tests.stack.crowd import Browser, Member, a_crowd, side_by_side
from tests.stack.waiting import pause

TIMES = 3  # each callback
TELL_EVERY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. Callbacks of a step come at random moments within `spread`."""

    spread: float
    between_steps: float
    kill_every: float
    at_most: float

    @classmethod
    def of(cls, cases: int) -> Pace:
        """A hundred callbacks a second or so."""
        spread = max(4.0, cases * TIMES / 100)
        kill_every = 4  # a worker takes half of this to come up again
        return cls(spread, between_steps=spread / 3, kill_every=kill_every, at_most=60 + spread * 3)


@dataclass
class Run:
    """Everything about one run.

    tell   hears how it goes
    still  seconds without any move after which it is over
    calm   nothing dies
    """

    stack: Stack
    cases: int
    tell: Callable[[str], Any] = print
    still: float = 20
    calm: bool = False
    ledger: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pace = Pace.of(self.cases)
        self.letterbox = Letterbox(self.stack)
        self._began = self._told = time.monotonic()

    def go(self) -> Verdict:
        """Do it all and judge it. Django must be pointed at the stack."""
        if self.calm:
            self._go_through()
        else:
            with Storm(self.stack, self._progress, self.pace.kill_every) as storm:
                self._go_through()
            self._say(f"{storm.killed_workers} workers, {', '.join(storm.killed)} killed; now it is calm")
        return self.verdict()

    def _go_through(self) -> None:
        self.begin()
        self.finish()

    def verdict(self) -> Verdict:
        """Wait until all is quiet, and judge."""
        self.wait_until_quiet()
        return judge(self.ledger, gather(self.letterbox))

    def begin(self) -> None:
        """Have everybody apply and start."""
        members = a_crowd(self.cases)
        self._say(f"{self.cases} people are there")
        self.ledger += side_by_side(
            self.stack.base_url, self._apply_and_start, list(zip(members, stories(self.cases), strict=True))
        )
        self._say(f"{len(self.ledger)} attempts started over HTTP")

    def _apply_and_start(self, browser: Browser, given: tuple[Member, Story]) -> Entry:
        member, story = given
        case = browser.apply(member)
        return Entry(member, case, browser.start(member, case, story.method), story)

    def finish(self) -> None:
        """Finish all attempts step by step; return when every callback was delivered or given up."""
        for step in range(max(len(entry.story.steps) for entry in self.ledger)):
            self._finish_step(step)
            pause(self.pace.between_steps)
        until(self._all_sent, within=self.pace.at_most, what="delivery of the callbacks", every=0.5)
        self._say(f"callbacks {self.stack.outside.webhooks()}")

    def _finish_step(self, step: int) -> None:
        groups: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
        for entry in self.ledger:
            if step < len(entry.story.steps):
                is_silent = not entry.story.called_back and step == len(entry.story.steps) - 1
                groups[entry.story.name, is_silent].append(entry)
        for (_, is_silent), entries in groups.items():
            told = {"send": False} if is_silent else {
                "times": TIMES, "spread_seconds": self.pace.spread, "shuffle": True
            }  # fmt: skip
            finish = {**entries[0].story.steps[step], "webhook": told}
            self.stack.outside.finish([entry.reference for entry in entries], **finish)

    def _progress(self) -> float:
        counts = self.stack.outside.webhooks()
        return counts["delivered"] / max(1, sum(counts.values()))

    def _all_sent(self) -> bool:
        counts = self.stack.outside.webhooks()
        if time.monotonic() - self._told > TELL_EVERY_SECONDS:
            self._say(f"callbacks {counts['delivered']} delivered, {counts['waiting']} under way; {dict(sketch())}")
        return counts["waiting"] == 0

    def wait_until_quiet(self) -> None:
        """Return when every case has become what it must, or all has been `still`."""
        last, since = sketch(), time.monotonic()

        def quiet() -> bool:
            nonlocal last, since
            now = sketch()
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() - self._told > TELL_EVERY_SECONDS:
                self._say(str(dict(now)))
            self.letterbox.empty()
            return self.is_complete(now) or time.monotonic() - since > self.still

        until(quiet, within=self.pace.at_most, what="quiet", every=0.5)

    def is_complete(self, sketched: tuple[tuple[str, int], ...] | None = None) -> bool:
        """Return whether every case has become what it must, and nothing waits."""
        now = dict(sketched or sketch())
        wanted: dict[str, int] = defaultdict(int)
        for entry in self.ledger:
            wanted[entry.story.case] += 1
        settled = all(now.get(state, 0) == number for state, number in wanted.items())
        return settled and not now["unread"] and not now["mails waiting"]

    def _say(self, text: str) -> None:
        self._told = time.monotonic()
        self.tell(f"{self._told - self._began:6.1f} s  {text}")
