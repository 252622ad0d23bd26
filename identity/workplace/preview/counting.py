"""Who an order would meet, as counts: attempts by state, and people in groups that the gate answers alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.cases.effects.finding import attempts_in_the_middle, cases_in_the_middle, results_to_void
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import AttemptState
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
_STARTED = Q(state=A.STARTED)
_WAITING = [Progress.REVIEW_PENDING, Progress.SUCCESS]
STAGES: dict[Stage, Q] = {
    Stage.NOT_BEGUN: Q(state__in=[A.INTENDED, A.UNREACHED]) | _STARTED & Q(progress=Progress.STARTED),
    Stage.AT_PROVIDER: _STARTED & ~Q(progress__in=[Progress.STARTED, *_WAITING]),
    Stage.WAITING: _STARTED & Q(progress__in=_WAITING),
    Stage.UNUSED: Q(state__in=[A.SUCCEEDED, A.LATE, A.QUARANTINED]),
    Stage.AGAIN: Q(state=A.FAILED),
}


def attempts_by_stage(draft: Suspension) -> dict[Stage, int]:
    """Count the attempts that the order would meet. One query, with the effect void two."""
    counted = {stage.value: Count("pk", filter=condition) for stage, condition in STAGES.items()}
    found = attempts_in_the_middle(draft).aggregate(**counted)
    counts = {stage: int(found[stage.value]) for stage in STAGES}
    if draft.void_since is not None:
        counts[Stage.IDENTIFIED] = results_to_void(draft).count()
    return counts


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


KEYS = ("insurer", "insurer__region", "purpose", "level_demanded", "insurant__age_class", "end_reason")


def groups_of(cases: QuerySet[IdentificationCase], tired: Iterable[int]) -> Counter[Group]:
    """Count cases by group. `tired`: the primary keys of those who have no attempt left. Two queries at most."""
    counts = _grouped(cases, out_of_tries=False)
    if tired:
        worn_out = _grouped(cases.filter(pk__in=tired), out_of_tries=True)
        for group, number in worn_out.items():
            counts[_as_if_fresh(group)] -= number
        counts += worn_out
    return +counts


def _grouped(cases: QuerySet[IdentificationCase], *, out_of_tries: bool) -> Counter[Group]:
    counts: Counter[Group] = Counter()
    for *facts, reason, number in cases.order_by().values_list(*KEYS).annotate(Count("pk")):
        counts[Group(*facts, walls_of(reason), out_of_tries)] += number
    return counts


def _as_if_fresh(group: Group) -> Group:
    return Group(*(getattr(group, name) for name in ("insurer_id", "region", "purpose", "level_demanded",
                                                     "age_class", "avoid")))  # fmt: skip


def walls_of(reason: str) -> frozenset[str]:
    """Return the ways that a step would fail on again which ended for this reason."""
    return why(reason).avoid if reason else frozenset()


def out_of_tries(cases: QuerySet[IdentificationCase]) -> set[int]:
    """Return the primary keys of those cases whose people have used up their attempts, this case's counted alone."""
    since = timezone.now() - timedelta(days=settings.ATTEMPTS_WINDOW_DAYS)
    counted = Attempt.objects.counted_since(since).order_by().values("case").annotate(tries=Count("pk"))
    worn_out = counted.filter(tries__gte=settings.ATTEMPTS_LIMIT).values_list("case", flat=True)
    return set(cases.filter(pk__in=list(worn_out)).values_list("pk", flat=True))
