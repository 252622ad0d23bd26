"""Who an order would meet, as counts: attempts by state, and people in groups that the gate answers alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.cases.effects.finding import attempts_in_the_middle, cases_in_the_middle, concerned, results_to_void
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import OPEN_CASE, AttemptState, CaseState
from identity.members.ages import AgeClass
from identity.methods.models import Suspension
from identity.portal.reasons import why
from identity.providers.ports import Progress

A = AttemptState


class Stage(StrEnum):
    """How far an attempt is when an order meets it."""

    NOT_BEGUN = "not_begun"
    AT_PROVIDER = "at_provider"
    WAITING = "waiting"
    UNUSED = "unused"
    AGAIN = "again"
    IDENTIFIED = "identified"  # only an order with the effect void meets them


STAGE_WORDS: dict[Stage, Any] = {
    Stage.NOT_BEGUN: _("Not begun: link given out, nothing seen at the provider yet"),
    Stage.AT_PROVIDER: _("At the provider: coupon made, or in the middle of it"),
    Stage.WAITING: _("Waiting for a result: the provider is checking"),
    Stage.UNUSED: _("Result not used yet: with a clerk, offered to the person, or in quarantine"),
    Stage.AGAIN: _("Not successful so far, but the coupon is still valid"),
    Stage.IDENTIFIED: _("Identified since the moment named: withdrawn from use, asked again"),
}
UNDER_WAY = (A.INTENDED, A.UNREACHED, A.STARTED, A.FAILED, A.LATE, A.QUARANTINED)
RUNNING = (*OPEN_CASE, CaseState.OFFERED)
"""Both as in the indexes `identity_attempt_in_the_middle` and `identity_case_running`: then nothing else is read."""
_STARTED = Q(state=A.STARTED)
_WAITING = [Progress.REVIEW_PENDING, Progress.SUCCESS]
STAGES: dict[Stage, Q] = {
    Stage.NOT_BEGUN: Q(state__in=[A.INTENDED, A.UNREACHED]) | _STARTED & Q(progress=Progress.STARTED),
    Stage.AT_PROVIDER: _STARTED & ~Q(progress__in=[Progress.STARTED, *_WAITING]),
    Stage.WAITING: _STARTED & Q(progress__in=_WAITING),
    Stage.UNUSED: Q(state__in=[A.SUCCEEDED, A.LATE, A.QUARANTINED]),
    Stage.AGAIN: Q(state=A.FAILED),
}


def attempts_in(draft: Suspension, stage: Stage) -> QuerySet[Attempt]:
    """Return the attempts in the middle that are so far, oldest first."""
    if stage is Stage.IDENTIFIED:
        return Attempt.objects.filter(pk__in=results_to_void(draft).values("attempt")).order_by("pk")
    return attempts_in_the_middle(draft).filter(STAGES[stage]).order_by("pk")


def cases_met(draft: Suspension) -> QuerySet[IdentificationCase]:
    """Return the cases that the order would meet, each once, by primary key."""
    middle = cases_in_the_middle(draft)
    if draft.void_since is None:
        return middle
    met = Q(pk__in=middle.values("pk")) | Q(pk__in=results_to_void(draft).values("case"))
    return IdentificationCase.objects.filter(met).order_by("pk")


@dataclass(frozen=True, slots=True)
class Group:
    """People whom the gate answers alike, as far as can be said without opening a birth date.

    avoid         ways that would fail for the reason of the last step: what is known of device and document
    out_of_tries  they have used up their attempts (C2): only what staff records is left
    """

    insurer_id: int
    region: str
    purpose: str
    level_demanded: int
    age_class: int
    avoid: frozenset[str] = frozenset()
    out_of_tries: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """Whom the order would meet: attempts by stage, people by group, and the cases of those without an attempt left."""

    stages: dict[Stage, int]
    groups: Counter[Group]
    tired: set[int]


KEYS = ("case__insurer", "case__insurer__region", "case__purpose", "case__level_demanded", "age", "case__end_reason")


@contextmanager
def many_rows() -> Iterator[None]:
    """Tell the planner, for the reads inside alone: sort many small rows in memory, and compile nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        yield


def count_met(draft: Suspension) -> Met:
    """Count everybody whom the order would meet."""
    with many_rows():
        groups, stages = _in_the_middle(draft)
        if draft.void_since is not None:
            identified, _none = _grouped(results_to_void(draft), Count("case", distinct=True))
            stages[Stage.IDENTIFIED] = identified.total()
            groups += identified
        middle = attempts_in_the_middle(draft)
        tired = _out_of_tries(middle)
        if tired:
            worn_out, _none = _grouped(middle.filter(case__in=tired), Count("case", distinct=True))
            groups -= worn_out
            groups += Counter({replace(group, out_of_tries=True): number for group, number in worn_out.items()})
    return Met(stages, groups, tired)


def _in_the_middle(draft: Suspension) -> tuple[Counter[Group], dict[Stage, int]]:
    """Each of the two kinds has an index of its own: attempts under way, and successes of cases that are in review."""
    counted = {stage.value: Count("state", filter=condition) for stage, condition in STAGES.items()}
    middle = attempts_in_the_middle(draft)
    under_way = middle.filter(state__in=UNDER_WAY, case__state__in=RUNNING)
    checked = middle.filter(state=A.SUCCEEDED, case__state=CaseState.IN_REVIEW)
    groups, stages = _grouped(under_way, Count("case"), **counted)
    more_than_once = _more_than_once(draft)
    if more_than_once:
        groups -= _grouped(under_way.filter(case__in=more_than_once), Count("case") - Count("case", distinct=True))[0]
    once_more = Exists(under_way.filter(case=OuterRef("case")))
    more, unused = _grouped(checked, Count("case", distinct=True, filter=~once_more), **counted)
    return groups + more, {stage: stages[stage] + unused[stage] for stage in STAGES}


def _more_than_once(draft: Suspension) -> list[int]:
    """Return the cases that may have several attempts under way. They are few: to tell all apart would cost a sort."""
    again = Q(state=A.FAILED, valid_until__gt=timezone.now())
    attempts = Attempt.objects.filter(concerned(draft), ~Q(state=A.FAILED) | again, state__in=UNDER_WAY).order_by()
    counted = attempts.values("case").annotate(number=Count("state")).filter(number__gt=1)
    return list(counted.values_list("case", flat=True))


def _grouped(rows: Any, people: Any, **counted: Count) -> tuple[Counter[Group], Counter[str]]:
    """Count people by group, and what else is wanted. Only the young are looked up: a small index knows them."""
    of_age, totals = _grouped_at(rows, Value(int(AgeClass.SIXTEEN_OR_OLDER)), people, **counted)
    young = rows.filter(case__insurant__age_class__lt=AgeClass.SIXTEEN_OR_OLDER)
    others, _none = _grouped_at(young, F("case__insurant__age_class"), people)
    for group, number in others.items():
        of_age[replace(group, age_class=AgeClass.SIXTEEN_OR_OLDER)] -= number
    return of_age + others, totals


def _grouped_at(rows: Any, age: F | Value, people: Any, **counted: Count) -> tuple[Counter[Group], Counter[str]]:
    groups, totals = Counter[Group](), Counter[str]()
    for row in rows.order_by().annotate(age=age).values_list(*KEYS).annotate(people=people, **counted):
        insurer, region, purpose, level, age_class, reason, number, *numbers = row
        groups[Group(insurer, region, purpose, level, age_class, walls_of(reason))] += number
        totals.update(dict(zip(counted, numbers, strict=True)))
    return groups, totals


def _out_of_tries(middle: QuerySet[Attempt]) -> set[int]:
    """Return the cases in the middle whose people have used up their attempts; those of this case alone are counted."""
    since = timezone.now() - timedelta(days=settings.ATTEMPTS_WINDOW_DAYS)
    counted = Attempt.objects.counted_since(since).order_by().values("case").annotate(tries=Count("pk"))
    worn_out = list(counted.filter(tries__gte=settings.ATTEMPTS_LIMIT).values_list("case", flat=True))
    return set(middle.filter(case__in=worn_out).values_list("case", flat=True)) if worn_out else set()


def walls_of(reason: str) -> frozenset[str]:
    """Return the ways that a step would fail on again which ended for this reason."""
    return why(reason).avoid if reason else frozenset()
