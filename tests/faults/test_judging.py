"""The judge of the fault test itself: what is lost, done twice or wrong is found; the rest is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.facts import Facts
from tests.faults.judging import Finding, Kind, judge
from tests.faults.ledger import COUNTER, DECLINED, DIFFERENT, SECOND_TRY, Entry
from tests.stack.crowd import Member

LEDGER = [
    Entry(Member(f"{number}@example.org", "s"), f"case{number}", f"REF{number}", story)
    for number, story in enumerate((COUNTER, DECLINED, DIFFERENT, SECOND_TRY))
]


@pytest.fixture
def facts() -> Facts:
    """What must have become of LEDGER."""
    granted = Counter({"case0": 1, "case3": 1})
    return Facts(
        cases={entry.case: entry.story.case for entry in LEDGER},
        attempts={entry.reference: entry.story.attempt for entry in LEDGER},
        results=Counter({"case0": 1, "case2": 1, "case3": 1}),
        granted=granted,
        identified_events=granted.copy(),
        inbox=Counter(entry.reference for entry in LEDGER),
        mails=Counter(mail for entry in LEDGER for mail in entry.mail_ids()[0]),
    )


def kinds(facts: Facts) -> set[Kind]:
    return {finding.kind for finding in judge(LEDGER, facts).findings}


def test_what_has_become_as_it_must_is_no_finding(facts: Facts):
    assert judge(LEDGER, facts).findings == ()


def test_a_mail_that_may_come_or_not_is_no_finding(facts: Facts):
    perhaps = LEDGER[3].mail_ids()[1]
    facts.mails.update(perhaps)

    assert len(perhaps) == 1
    assert judge(LEDGER, facts).findings == ()


def test_a_second_copy_of_one_message_is_counted_and_no_finding(facts: Facts):
    facts.mails[next(iter(facts.mails))] += 1

    verdict = judge(LEDGER, facts)
    assert (verdict.findings, verdict.copies) == ((), 1)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda facts: facts.cases.update(case0="identifying"), Kind.LOST),
        (lambda facts: facts.cases.pop("case0"), Kind.LOST),
        (lambda facts: facts.cases.update(case1="identified"), Kind.WRONG),
        (lambda facts: facts.attempts.update(REF0="started"), Kind.LOST),
        (lambda facts: facts.attempts.update(REF1="succeeded"), Kind.WRONG),
        (lambda facts: facts.results.update(["case2"]), Kind.TWICE),
        (lambda facts: facts.granted.update(["case0"]), Kind.TWICE),
        (lambda facts: facts.granted.update(["case2"]), Kind.TWICE),
        (lambda facts: facts.granted.pop("case0"), Kind.LOST),
        (lambda facts: facts.identified_events.update(["case3"]), Kind.TWICE),
        (lambda facts: facts.identified_events.pop("case3"), Kind.LOST),
        (lambda facts: facts.inbox.update(["REF1"]), Kind.TWICE),
        (lambda facts: facts.inbox.pop("REF1"), Kind.LOST),
        (lambda facts: facts.unfinished_inbox.update(["dead"]), Kind.LOST),
        (lambda facts: facts.mails.pop(next(iter(facts.mails))), Kind.LOST),
        (lambda facts: facts.mails.update(["<another key@example.org>"]), Kind.TWICE),
        (lambda facts: facts.cases.update(case9="identified"), Kind.TWICE),
        (lambda facts: facts.attempts.update(REF9="started"), Kind.TWICE),
    ],
)
def test_one_change_for_the_worse_is_found_and_named(facts: Facts, change: Callable[[Facts], object], finding: Kind):
    change(facts)

    assert kinds(facts) == {finding}


def test_a_broken_audit_trail_and_unsent_mails_are_found(facts: Facts):
    broken = replace(facts, audit_fault="row 7 was changed", unsent=2)

    assert judge(LEDGER, broken).findings == (
        Finding(Kind.LOST, "message not sent"),
        Finding(Kind.LOST, "message not sent"),
        Finding(Kind.WRONG, "audit trail: row 7 was changed"),
    )


def test_the_verdict_says_how_often_what_was_found(facts: Facts):
    facts.granted.update(["case0", "case0"])

    assert "2 × twice: granted result too many" in str(judge(LEDGER, facts))
