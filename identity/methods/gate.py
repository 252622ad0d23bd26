"""The one function that decides whether a method may be started, resumed, or its result accepted.

Every door asks it: pages, API, tasks, commands, staff pages. It reads the database in the transaction that acts, so
no cache can be stale; it takes the lock that makes "suspend" and "accept" strictly ordered; what it cannot read it
refuses.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from identity.methods.choices import Action, Reason
from identity.methods.models import Method, MethodAdmission, Suspension, SuspensionQuerySet
from identity.methods.records import MethodChange
from identity.methods.rules import Question, stopped_by
from identity.providers.registry import provider_named

LAST_CHANGE = Subquery(MethodChange.objects.order_by("-pk").values("pk")[:1])
LOCK_SPACE = 0x4D45  # one space of PostgreSQL's advisory locks belongs to methods
_supposed: ContextVar[tuple[Suspension, ...]] = ContextVar("supposed", default=())


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer: allowed when there is no reason against it. `version` is that of the rules it was given under."""

    reasons: tuple[Reason, ...] = ()
    suspension: Suspension | None = None
    version: int = 0

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


@contextmanager
def supposing(*drafts: Suspension) -> Iterator[None]:
    """Let the gate answer as if these orders, which nobody has given, stood beside the others: for showing alone.

    An order only closes ways, so nothing is ever opened by this. Whoever acts meanwhile is refused with RuntimeError.
    """
    token = _supposed.set(drafts)
    try:
        yield
    finally:
        _supposed.reset(token)


def decide_all(questions: Sequence[Question], *, acting: bool = True, known: Sequence[Method] = ()) -> list[Ruling]:
    """Rule on several questions, in their order, with a fixed number of queries.

    `acting=True` must be called inside the transaction that acts on the rulings, and takes the shared lock that a
    suspension waits for. `acting=False` is for showing only: no lock, and a database that cannot be read means no; who
    has just read all methods in question passes them as `known`, and the rulings then carry no version.
    """
    codes = {question.method for question in questions}
    supposed = [draft for draft in _supposed.get() if draft.method_id in codes]
    if acting:
        _refuse_to_suppose()
        hold(codes)
    now = timezone.now()
    try:
        methods = _methods(codes) if acting or not known else {method.code: method for method in known}
        admissions = list(MethodAdmission.objects.filter(method__in=methods))
        suspensions = list(_mattering(questions, now).filter(method__in=methods).order_by("effective_from", "pk"))
        version = max((getattr(each, "rules_version", None) or 0 for each in methods.values()), default=0)
    except DatabaseError:
        if acting:
            raise  # the transaction is lost and nothing was let in
        return [Ruling((Reason.UNREADABLE,))] * len(questions)
    for each in suspensions:
        each.method = methods[each.method_id]  # pages name it
    facts = _Facts(methods, admissions, [*suspensions, *supposed], version, now)
    return [_judge(question, facts) for question in questions]


def _methods(codes: Iterable[str]) -> dict[str, Any]:
    return dict(Method.objects.annotate(rules_version=LAST_CHANGE).in_bulk(codes))


def _refuse_to_suppose() -> None:
    if _supposed.get():
        raise RuntimeError("nobody acts on what is only supposed")


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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was read in one go, and when."""

    methods: dict[str, Method]
    admissions: Sequence[MethodAdmission]
    suspensions: Sequence[Suspension]
    version: int
    now: datetime


def _mattering(questions: Sequence[Question], now: datetime) -> SuspensionQuerySet:
    moments = [question.identified_at for question in questions if question.identified_at]
    return Suspension.objects.mattering(min([now, *moments]))


def _judge(question: Question, facts: _Facts) -> Ruling:
    method = facts.methods.get(question.method)
    if method is None:
        return Ruling((Reason.UNKNOWN_METHOD,), version=facts.version)
    stopped = stopped_by(facts.suspensions, method.provider, question, facts.now)
    reasons = [stopped[0]] if stopped else []
    if question.action is not Action.USE:  # it was accepted once; only an order can take that back
        reasons += _unsuitable(method, question, facts)
    return Ruling(tuple(reasons), stopped[1] if stopped else None, facts.version)


def _unsuitable(method: Method, question: Question, facts: _Facts) -> list[Reason]:
    reasons: list[Reason] = []
    if not any(_admits(each, question, facts.now) for each in facts.admissions):
        reasons.append(Reason.NOT_ADMITTED)
    if method.assurance_level < question.level_demanded:
        reasons.append(Reason.LEVEL_TOO_LOW)
    if question.action in (Action.START, Action.RESUME):
        reasons += _cannot_be_used(method, question)
    return reasons + _age_reasons(method, question)


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
