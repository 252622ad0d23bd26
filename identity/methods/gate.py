"""The one function that decides whether a method may be started, resumed, or its result accepted.

Every door asks it: pages, API, tasks, commands, staff pages. It reads the database in the transaction that acts, so
no cache can be stale; it takes the lock that makes "suspend" and "accept" strictly ordered; what it cannot read it
refuses.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from identity.methods.choices import Action, AssuranceLevel, Purpose, Reason
from identity.methods.models import Method, MethodAdmission, Suspension
from identity.providers.registry import provider_named

LOCK_SPACE = 0x4D45  # one space of PostgreSQL's advisory locks belongs to methods


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `age` is in full years, None when the birth date is too incomplete to say."""

    action: Action
    method: str
    purpose: Purpose
    insurer_id: int
    region: str
    age: int | None
    represented: bool = False
    by_staff: bool = False
    level_demanded: AssuranceLevel = AssuranceLevel.HIGH
    identified_at: datetime | None = None  # for ACCEPT: when the provider says it happened


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer: allowed when there is no reason against it."""

    reasons: tuple[Reason, ...] = ()
    suspension: Suspension | None = None

    @property
    def allowed(self) -> bool:
        return not self.reasons


class MethodNotOffered(DomainError):
    """The gate said no to somebody who wanted to act."""

    code = "method_not_offered"
    message = _("This way is not open to you at present. Please choose another one; what you have entered is kept.")

    def __init__(self, ruling: Ruling) -> None:
        super().__init__(",".join(ruling.reasons))
        self.ruling = ruling


def decide(question: Question) -> Ruling:
    """Rule on one question; see `decide_all`."""
    return decide_all([question])[0]


def decide_all(questions: Sequence[Question], *, acting: bool = True) -> list[Ruling]:
    """Rule on several questions, in their order, with a fixed number of queries.

    `acting=True` must be called inside the transaction that acts on the rulings, and takes the shared lock that a
    suspension waits for. `acting=False` is for showing only: no lock, and a database that cannot be read means no.
    """
    codes = {question.method for question in questions}
    if acting:
        hold(codes)
    try:
        methods = Method.objects.in_bulk(codes)
        admissions = list(MethodAdmission.objects.filter(method__in=codes))
        suspensions = list(Suspension.objects.filter(method__in=codes).order_by("effective_from", "pk"))
    except DatabaseError:
        if acting:
            raise  # the transaction is lost and nothing was let in
        return [Ruling((Reason.UNREADABLE,))] * len(questions)
    now = timezone.now()
    return [_judge(question, methods, admissions, suspensions, now) for question in questions]


def hold(codes: Iterable[str], *, exclusive: bool = False) -> None:
    """Take the locks of some methods until the transaction ends, always in the same order.

    Shared by all who act on a method; exclusive for who imposes or ends a suspension. What was committed before an
    exclusive lock was released is seen by every statement after the shared one was granted.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the gate is asked inside the transaction that acts")
    call = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        for code in sorted(codes):
            cursor.execute(f"SELECT {call}(%s, %s)", [LOCK_SPACE, _lock_number(code)])


def _lock_number(code: str) -> int:
    return zlib.crc32(code.encode()) - 2**31  # a signed 32-bit integer


def _judge(
    question: Question,
    methods: dict[str, Method],
    admissions: Sequence[MethodAdmission],
    suspensions: Sequence[Suspension],
    now: datetime,
) -> Ruling:
    method = methods.get(question.method)
    if method is None:
        return Ruling((Reason.UNKNOWN_METHOD,))
    reasons: list[Reason] = []
    stopped_by = next((each for each in suspensions if _stops(each, method, question, now)), None)
    if stopped_by:
        reasons.append(Reason.SUSPENDED)
    if not any(_admits(each, question, now) for each in admissions):
        reasons.append(Reason.NOT_ADMITTED)
    if method.assurance_level < question.level_demanded:
        reasons.append(Reason.LEVEL_TOO_LOW)
    if question.action is not Action.ACCEPT:
        reasons += _cannot_be_used(method, question)
    reasons += _age_reasons(method, question)
    return Ruling(tuple(reasons), stopped_by)


def _stops(suspension: Suspension, method: Method, question: Question, now: datetime) -> bool:
    """Does this order stand in the way, now or at the time of identification (M3)?"""
    in_scope = (
        suspension.method_id == method.code
        and suspension.provider in ("", method.provider)
        and suspension.purpose in ("", question.purpose)
        and suspension.insurer_id in (None, question.insurer_id)
        and suspension.region in ("", question.region)
    )
    if not in_scope:
        return False
    if question.action is not Action.ACCEPT:
        return suspension.covers(now)
    # Whether a suspension has ended since does not matter to what was identified while it was in force.
    if suspension.covers(question.identified_at or now):
        return True
    return suspension.covers(now) and not suspension.earlier_results_count


def _admits(admission: MethodAdmission, question: Question, now: datetime) -> bool:
    day = timezone.localdate(question.identified_at or now)
    return (
        admission.method_id == question.method
        and admission.purpose == question.purpose
        and admission.valid_from <= day
        and (admission.valid_to is None or day <= admission.valid_to)
    )


def _cannot_be_used(method: Method, question: Question) -> list[Reason]:
    if method.staff_only or not method.provider:
        return [] if question.by_staff else [Reason.STAFF_ONLY]
    try:
        configured = provider_named(method.provider).offers(method.code)
    except KeyError:
        configured = False
    return [] if configured else [Reason.NOT_CONFIGURED]


def _age_reasons(method: Method, question: Question) -> list[Reason]:
    if method.represented_below and question.represented:
        return []
    if question.age is None:
        return [Reason.AGE_UNKNOWN]
    return [] if question.age >= method.minimum_age else [Reason.TOO_YOUNG]
