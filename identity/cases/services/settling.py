"""What follows from a provider's news: attempts, cases, results and reviews, for many cases in one transaction.

The order of things: the first success of any attempt wins; a later one is recorded and harmless; a success after the
case's end is offered; one while the method is suspended is kept and grants nothing; a failure is a step, not an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.bulk import copy_new, write_changed
from identity.cases.evidence import judge_document, keep_document
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import (
    ATTEMPT_FIELDS,
    Trail,
    move_attempt,
    move_case,
    question_about,
    save_moved,
)
from identity.cases.services.starting import bind_to_provider
from identity.cases.states import AttemptState, CaseState
from identity.matching import VerdictKind
from identity.methods.choices import Action, Effect
from identity.methods.gate import Ruling
from identity.methods.models import Method
from identity.methods.rules import Question
from identity.providers.ports import Progress, ProviderCase, ProviderIdentification
from identity.signals import case_closed, case_identified

A, C = AttemptState, CaseState
JUDGED_FIELDS = ["level_reached", "granted_at", "rules_version", "held_by", "voided_by"]
ABLE_TO_SUCCEED = (A.STARTED, A.FAILED, A.EXPIRED, A.CANCELLED, A.STOPPED)
FROZEN = (A.STARTED, A.FAILED, A.EXPIRED, A.STOPPED, A.QUARANTINED)
"""Attempts whose result waits in quarantine while their method is frozen."""


@dataclass(slots=True)
class News:
    """What a provider says now about one attempt of a locked case."""

    attempt: Attempt
    facts: ProviderCase

    @property
    def case(self) -> IdentificationCase:
        return self.attempt.case

    @property
    def success(self) -> ProviderIdentification | None:
        """The first success at the provider; one success makes the case one (postident.md)."""
        return next((each for each in self.facts.identifications if each.progress is Progress.SUCCESS), None)

    @property
    def latest(self) -> ProviderIdentification | None:
        """The identification that moved last."""
        return max(
            self.facts.identifications,
            key=lambda each: each.modified_at or each.identified_at or self.attempt.intended_at,
            default=None,
        )

    def question(self) -> Question | None:
        """What the gate has to be asked: about the method that was really used, at the time it was used.

        An attempt that is found again without a success is only now known to have begun: may it?
        """
        success = self.success
        if success is None:
            found = self.attempt.state == A.UNREACHED
            return question_about(self.case, Action.START, self.attempt.method_id) if found else None
        method = success.method or "unknown"
        return question_about(
            self.case, Action.ACCEPT, method, identified_at=success.identified_at, begun_at=self.attempt.intended_at
        )


@dataclass(slots=True)
class Settlement:
    """What a transaction has decided and not yet written."""

    trail: Trail
    methods: dict[str, Method]
    known_persons: dict[bytes, set[str]]  # person hash → public ids of the insurants it has identified
    cases: dict[int, IdentificationCase] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    judged_again: list[Result] = field(default_factory=list)  # out of quarantine
    reviews: list[Review] = field(default_factory=list)
    identified: list[IdentificationCase] = field(default_factory=list)

    def changed(self, attempt: Attempt) -> None:
        self.attempts[str(attempt.pk)] = attempt
        self.cases[attempt.case_id] = attempt.case

    def write(self) -> None:
        """Write everything, one statement a table; tell the world on commit."""
        save_moved(self.cases.values(), self.attempts.values())
        copy_new(self.results)
        write_changed(self.judged_again, JUDGED_FIELDS)
        Review.objects.bulk_create(self.reviews)
        announce(self.identified)
        self.trail.write()


def announce(cases: Iterable[IdentificationCase]) -> None:
    """Send the news of identified cases, all in one, when this transaction has been committed."""
    if case_ids := [case.public_id for case in cases]:
        transaction.on_commit(partial(case_identified.send, IdentificationCase, case_ids=case_ids))


def announce_end(case: IdentificationCase) -> None:
    """Send the news of a case that has ended without identification, when this transaction has been committed."""
    transaction.on_commit(partial(case_closed.send, IdentificationCase, case_ids=[case.public_id]))


def known_persons(hashes: Iterable[bytes]) -> dict[bytes, set[str]]:
    """Return whom the persons on these documents have identified before.

    Takes a lock for each, in one order, until the transaction ends: of two who show the same person at the same time
    the second waits and then sees the first.
    """
    wanted = sorted({each for each in hashes if each})
    if not wanted:
        return {}
    numbers = sorted({int.from_bytes(each[:8], "big", signed=True) for each in wanted})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number", [numbers])
    found: dict[bytes, set[str]] = {}
    granted = Result.objects.filter(person_hash__in=wanted, granted_at__isnull=False, voided_by=None)
    for person_hash, insurant_id in granted.values_list("person_hash", "case__insurant_id"):
        found.setdefault(bytes(person_hash or b""), set()).add(str(insurant_id))
    return found


def settle(news: Sequence[News], rulings: Sequence[Ruling | None], settlement: Settlement) -> None:
    """Decide on each piece of news about locked cases, in memory. The same news twice changes nothing."""
    for each, ruling in zip(news, rulings, strict=True):
        _settle_one(each, ruling, settlement)


def _settle_one(news: News, ruling: Ruling | None, settlement: Settlement) -> None:
    attempt = news.attempt
    if attempt.state == A.UNREACHED:
        _find_again(news, ruling, settlement)
    success, latest = news.success, news.latest
    if success is not None and ruling is not None:
        if attempt.state in ABLE_TO_SUCCEED:
            _take_success(news, success, ruling, settlement)
    elif latest is not None:
        if attempt.state == A.SUCCEEDED:
            _take_withdrawal(attempt, latest, settlement)
        elif attempt.state in (A.STARTED, A.FAILED):
            _take_progress(attempt, latest, settlement)


def _find_again(news: News, ruling: Ruling | None, settlement: Settlement) -> None:
    """The order reached the provider, its answer did not reach us: found by our own reference."""
    attempt, case = news.attempt, news.case
    attempt.provider_case_id = news.facts.provider_case_id
    attempt.valid_until = news.facts.valid_until
    if ruling is not None and not ruling.allowed:
        move_attempt(attempt, A.CANCELLED, trail=settlement.trail, reason="stopped_meanwhile")
    elif case.state in (C.CHOOSING, C.IDENTIFYING):
        bind_to_provider(case, attempt, trail=settlement.trail)
    else:
        attempt.started_at = timezone.now()
        move_attempt(attempt, A.STARTED, trail=settlement.trail)
    # The database checks move by move, so the first of two is written at once.
    attempt.save(update_fields=ATTEMPT_FIELDS)
    settlement.changed(attempt)


def _take_progress(attempt: Attempt, latest: ProviderIdentification, settlement: Settlement) -> None:
    failed = latest.progress is Progress.DECLINED
    if latest.progress.value == attempt.progress and (not failed or attempt.state == A.FAILED):
        return
    attempt.progress = latest.progress.value
    settlement.changed(attempt)
    settlement.trail.note(
        "identity.attempt.progress", attempt, case_id=str(attempt.case.public_id), progress=attempt.progress
    )
    if failed and attempt.state == A.STARTED:
        attempt.suspected_fraud = latest.suspected_fraud
        reason = "suspected_fraud" if latest.suspected_fraud else latest.reason or "declined"
        move_attempt(attempt, A.FAILED, trail=settlement.trail, reason=reason)
        back_to_choice(attempt, reason, settlement)


def back_to_choice(attempt: Attempt, reason: str, settlement: Settlement) -> None:
    """A step that did not succeed leads back to the choice, unless another attempt of the case still runs."""
    case, trail = attempt.case, settlement.trail
    if case.state not in (C.CHOOSING, C.IDENTIFYING):
        return
    # What suspects fraud says is not told to the person (it may be the fraudster); the desk sees it.
    told = "declined" if reason == "suspected_fraud" else reason
    if case.state == C.IDENTIFYING and case.method_id == attempt.method_id:
        move_case(case, C.CHOOSING, trail=trail, reason=told)
    trail.tell(case, "not_successful", once=f"{attempt.reference}.{told}", reason=told, method=attempt.method_id)


def _take_withdrawal(attempt: Attempt, latest: ProviderIdentification, settlement: Settlement) -> None:
    """The provider takes a success back: nothing is undone by a machine, a person looks at it at once."""
    taken_back = latest.progress is Progress.DECLINED
    newer = (
        latest.modified_at is not None and attempt.decided_at is not None and latest.modified_at > attempt.decided_at
    )
    known = attempt.case.reviews.filter(kind=Review.Kind.WITHDRAWN, attempt=attempt).exists()
    if not (taken_back and newer) or known:
        return
    settlement.reviews.append(Review(case=attempt.case, attempt=attempt, kind=Review.Kind.WITHDRAWN, differences=[]))
    settlement.trail.note("identity.attempt.withdrawn", attempt, case_id=str(attempt.case.public_id))


def _take_success(news: News, success: ProviderIdentification, ruling: Ruling, settlement: Settlement) -> None:
    attempt, case, trail = news.attempt, news.case, settlement.trail
    settlement.changed(attempt)
    attempt.progress = Progress.SUCCESS.value
    attempt.started_at = attempt.started_at or attempt.intended_at  # stopped here, gone on with over there
    method = settlement.methods.get(success.method)
    verdict = judge_document(case.insurant, success, minimum_age=method.minimum_age if method else 0)
    result = keep_document(attempt, success, verdict, received_at=timezone.now())
    settlement.results.append(result)
    trail.note(
        "identity.result.received",
        attempt,
        case_id=str(case.public_id),
        method_used=result.method_used,
        verdict=result.verdict,
        differences=result.differences,
        refused_because=[reason.value for reason in ruling.reasons],
        identified_at=success.identified_at,
    )
    judge_result(result, ruling, settlement)


def judge_result(result: Result, ruling: Ruling, settlement: Settlement) -> None:
    """Decide what a result of a locked case is good for, in memory: one that came now, or one from quarantine."""
    attempt, case, trail = result.attempt, result.case, settlement.trail
    method = settlement.methods.get(result.method_used)
    result.rules_version = ruling.version
    result.held_by = None
    if not ruling.allowed or method is None:
        _hold_back(result, ruling, settlement)
    elif case.state in (C.IDENTIFIED, C.REFUSED, C.CANCELLED, C.IN_REVIEW, C.OFFERED):
        move_attempt(attempt, A.SURPLUS, trail=trail)
    elif attempt.state == A.CANCELLED:  # its start was stopped: nothing that comes of it counts
        move_attempt(attempt, A.WITHHELD, trail=trail, reason="suspended")
        back_to_choice(attempt, attempt.reason, settlement)
    elif result.verdict == VerdictKind.MISMATCH.value:
        move_attempt(attempt, A.REJECTED, trail=trail, reason="not_the_insured_person")
        back_to_choice(attempt, attempt.reason, settlement)
    else:
        result.level_reached = method.assurance_level
        _use_success(attempt, result, settlement)


def _hold_back(result: Result, ruling: Ruling, settlement: Settlement) -> None:
    """Keep a result that may not count: in quarantine while its method is frozen, else withheld."""
    attempt, order = result.attempt, ruling.suspension
    result.held_by = order
    if order is not None and order.effect == Effect.FREEZE and order.covers(timezone.now()) and attempt.state in FROZEN:
        if attempt.state != A.QUARANTINED:
            move_attempt(attempt, A.QUARANTINED, trail=settlement.trail, reason="frozen")
        return
    move_attempt(attempt, A.WITHHELD, trail=settlement.trail, reason="suspended" if order else "not_admitted")
    back_to_choice(attempt, attempt.reason, settlement)


def _use_success(attempt: Attempt, result: Result, settlement: Settlement) -> None:
    """A success that may count: identify, have it reviewed, or offer it when the case is over."""
    case, trail = attempt.case, settlement.trail
    if case.state == C.EXPIRED:
        move_attempt(attempt, _late(attempt), trail=trail)
        case.offered_until = timezone.now() + timedelta(days=settings.LATE_OFFER_DAYS)
        move_case(case, C.OFFERED, trail=trail)
        trail.tell(case, "late_result", until=case.offered_until.isoformat())
        return
    move_attempt(attempt, _late(attempt), trail=trail)
    if attempt.state == A.LATE:  # the coupon was over, the case is not: it counts
        attempt.save(update_fields=ATTEMPT_FIELDS)
        move_attempt(attempt, A.SUCCEEDED, trail=trail)
    grant_or_review(case, attempt, result, settlement)


def _late(attempt: Attempt) -> AttemptState:
    over = attempt.state == A.EXPIRED or attempt.case.state == C.EXPIRED
    return A.LATE if over and attempt.state in (A.EXPIRED, A.FAILED, A.QUARANTINED) else A.SUCCEEDED


def grant_or_review(case: IdentificationCase, attempt: Attempt, result: Result, settlement: Settlement) -> None:
    """Identify the person of a locked case by a result, or give it to a clerk when something is not plain."""
    trail = settlement.trail
    person = bytes(result.person_hash or b"")
    others = settlement.known_persons.get(person, set()) - {str(case.insurant_id)}
    if others:
        _ask_clerk(attempt, Review.Kind.SECOND_PERSON, ["identity_known_for_another_person"], settlement)
    elif result.verdict == VerdictKind.REVIEW.value:
        _ask_clerk(attempt, Review.Kind.DIFFERENCE, list(result.differences), settlement)
    else:
        identify(case, attempt, result, trail=trail)
        settlement.identified.append(case)
        if person:
            settlement.known_persons.setdefault(person, set()).add(str(case.insurant_id))


def identify(case: IdentificationCase, attempt: Attempt, result: Result, *, trail: Trail) -> None:
    """Let a result identify the person of a locked case, in memory. The database allows one such result a case."""
    result.granted_at = timezone.now()
    case.method = attempt.method
    move_case(case, C.IDENTIFIED, trail=trail, level=result.level_reached, method=result.method_used)
    trail.tell(case, "identified", method=result.method_used)


def _ask_clerk(attempt: Attempt, kind: Review.Kind, differences: list[str], settlement: Settlement) -> None:
    case, trail = attempt.case, settlement.trail
    settlement.reviews.append(Review(case=case, attempt=attempt, kind=kind, differences=differences))
    move_case(case, C.IN_REVIEW, trail=trail, kind=kind.value, differences=differences)
    trail.tell(case, "in_review")
