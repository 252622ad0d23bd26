"""Orders that begin or end by the clock alone: found from the record, so that nothing has to run at that moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KT

from identity.methods.models import Suspension
from identity.methods.records import MethodChange

_OWN = MethodChange.objects.filter(suspension=OuterRef("pk"))
_BY_TWO = ~Q(evidence="") | ~Q(confirmed_by="")  # an end takes two people (M7)


def clock_moments(now: datetime) -> QuerySet[Any]:
    """Return the orders that have begun or ended by the clock, the one whose last moment is newest first.

    Each with `has_begun` (it was planned, and its beginning has come), `has_ended` (its end has come and was not the
    moment at which it was lifted) and `told_end` (ISO 8601 or None: the end that it had when it began).
    """
    called_off = _BY_TWO & Q(ends_at__lte=F("effective_from"))
    planned = Q(effective_from__gt=F("imposed_at"), effective_from__lte=now) & ~called_off
    lifted_then = _OWN.filter(kind=MethodChange.Kind.LIFTED, at__gte=OuterRef("ends_at"))
    over = _BY_TWO & Q(undone_at=None, ends_at__gt=F("effective_from"), ends_at__lte=now) & ~Exists(lifted_then)
    told = _OWN.filter(
        kind__in=[MethodChange.Kind.IMPOSED, MethodChange.Kind.LIFTED], at__lte=OuterRef("effective_from")
    )
    known = Suspension.objects.filter(Exists(_OWN.filter(kind=MethodChange.Kind.IMPOSED)))
    marked = known.annotate(
        has_begun=_yes(planned & (Q(undone_at=None) | Q(undone_at__gt=F("effective_from")))),
        has_ended=_yes(over),
        told_end=Subquery(told.order_by("-pk").values(end=KT("facts__ends_at"))[:1]),
        moment=Case(When(over, then=F("ends_at")), default=F("effective_from")),
    )
    return marked.filter(Q(has_begun=True) | Q(has_ended=True)).order_by("-moment", "-pk")


def _yes(condition: Any) -> Case:
    return Case(When(condition, then=True), default=False)
