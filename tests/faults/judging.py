"""Comparing the facts with the ledger. Pure: what it finds is lost, done twice, or wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.facts import Facts
from tests.faults.ledger import Entry


class Kind(StrEnum):
    LOST = "lost"
    TWICE = "twice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and how many mails came in several copies of one Message-ID (see core.outbox: at least once)."""

    findings: tuple[Finding, ...]
    copies: int

    def count(self, kind: Kind) -> int:
        return sum(finding.kind is kind for finding in self.findings)

    def __str__(self) -> str:
        counts = ", ".join(f"{self.count(kind)} {kind}" for kind in Kind)
        most = Counter(f"{finding.kind}: {finding.what}" for finding in self.findings).most_common(12)
        return "\n".join([counts, *(f"{number:5} × {what}" for what, number in most)])


def judge(ledger: Sequence[Entry], facts: Facts) -> Verdict:
    """Hold the facts against the ledger."""
    findings = [finding for entry in ledger for finding in (*_of_case(entry, facts), *_of_mails(entry, facts))]
    findings += _of_strangers(ledger, facts)
    findings += _of_all(facts)
    return Verdict(tuple(findings), sum(facts.mails.values()) - len(facts.mails))


def _of_case(entry: Entry, facts: Facts) -> Iterator[Finding]:
    story = entry.story
    state = facts.cases.get(entry.case, "missing")
    if state != story.case:
        kind = Kind.LOST if state in ("missing", "choosing", "identifying") else Kind.WRONG
        yield Finding(kind, f"case {state} instead of {story.case} ({story.name})")
    attempt = facts.attempts.get(entry.reference, "missing")
    if attempt != story.attempt:
        kind = Kind.LOST if attempt in ("missing", "started", "failed") else Kind.WRONG
        yield Finding(kind, f"attempt {attempt} instead of {story.attempt} ({story.name})")
    results = int(story.attempt == "succeeded")
    yield from _number("result", facts.results[entry.case], results)
    yield from _number("granted result", facts.granted[entry.case], int(story.is_granted))
    yield from _number("event of identification", facts.identified_events[entry.case], int(story.is_granted))
    yield from _number("inbox entry", facts.inbox[entry.reference], 1)


def _number(what: str, found: int, expected: int) -> Iterator[Finding]:
    if found < expected:
        yield Finding(Kind.LOST, f"{what} missing")
    for _ in range(found - expected):
        yield Finding(Kind.TWICE, f"{what} too many")


def _of_mails(entry: Entry, facts: Facts) -> Iterator[Finding]:
    must, _ = entry.mail_ids()
    for _ in must - facts.mails.keys():
        yield Finding(Kind.LOST, f"mail missing ({entry.story.name})")


def _of_strangers(ledger: Iterable[Entry], facts: Facts) -> Iterator[Finding]:
    """What nobody in the ledger asked for: more cases, more attempts, other mails."""
    entries = list(ledger)
    known: set[str] = set()
    for entry in entries:
        known.update(*entry.mail_ids())
    for _ in facts.mails.keys() - known:
        yield Finding(Kind.TWICE, "mail that nobody expects")
    for _ in facts.cases.keys() - {entry.case for entry in entries}:
        yield Finding(Kind.TWICE, "case that nobody expects")
    for _ in facts.attempts.keys() - {entry.reference for entry in entries}:
        yield Finding(Kind.TWICE, "attempt that nobody expects")


def _of_all(facts: Facts) -> Iterator[Finding]:
    for state, number in facts.unfinished_inbox.items():
        for _ in range(number):
            yield Finding(Kind.LOST, f"inbox entry still {state}")
    for _ in range(facts.unsent):
        yield Finding(Kind.LOST, "message not sent")
    if facts.audit_fault:
        yield Finding(Kind.WRONG, f"audit trail: {facts.audit_fault}")
