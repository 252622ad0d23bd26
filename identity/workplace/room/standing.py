"""How every method stands for every purpose, since when, and by whose order: the gate's answers with the orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.methods.choices import Action, Purpose, Reason
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Method, Suspension
from identity.methods.rules import Question
from identity.workplace.orders import needs_second_person, scope_of, title_of

GROWN_UP = 40


@dataclass(frozen=True, slots=True)
class Cell:
    """One method for one purpose. `orders` stand in the way of all or of some."""

    purpose: Purpose
    word: str
    kind: str
    since: datetime | date | None
    orders: list[Suspension]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The orders in words."""
        return [
            {"order": each, "title": title_of(each), "scope": scope_of(each), "unconfirmed": needs_second_person(each)}
            for each in self.orders
        ]


@dataclass(frozen=True, slots=True)
class Row:
    method: Method
    cells: list[Cell]


def orders_since(first: datetime) -> list[Suspension]:
    """Return the orders that matter now or did something since a moment, with insurer and method; not those undone."""
    mattering = Q(over_at=None) | Q(effective_from__gte=first) | Q(ends_at__gte=first)
    orders = Suspension.objects.filter(mattering, undone_at=None).select_related("insurer", "method")
    return list(orders.order_by("effective_from", "pk"))


def rows_of(orders: Sequence[Suspension]) -> list[Row]:
    """Return all methods as they stand for somebody of full age. Five queries."""
    admitted = {f"admitted_{purpose}": _admitted(purpose) for purpose in Purpose}
    methods = list(Method.objects.annotate(**admitted).order_by("position", "code"))
    pairs = [(method, purpose) for method in methods for purpose in Purpose]
    questions = [
        Question(Action.START, method.code, purpose, 0, "", GROWN_UP, by_staff=True) for method, purpose in pairs
    ]
    rulings = decide_all(questions, acting=False)
    rows = {method.code: Row(method, []) for method in methods}
    for (method, purpose), ruling in zip(pairs, rulings, strict=True):
        rows[method.code].cells.append(_cell(method, purpose, ruling, orders))
    return list(rows.values())


def _admitted(purpose: Purpose) -> Any:
    today = timezone.localdate()
    in_time = Q(admissions__valid_from__lte=today) & (Q(admissions__valid_to=None) | Q(admissions__valid_to__gte=today))
    return Min("admissions__valid_from", filter=Q(admissions__purpose=purpose) & in_time)


def _cell(method: Method, purpose: Purpose, ruling: Ruling, orders: Sequence[Suspension]) -> Cell:
    now = timezone.now()
    mine = [each for each in orders if each.method_id == method.code and each.purpose in ("", purpose)]
    standing = [each for each in mine if each.covers(now)]
    if ruling.suspension is not None:
        return _stopped(purpose, ruling, standing or [ruling.suspension])
    if not ruling.allowed:
        return _unsuitable(purpose, ruling)
    if standing:
        return Cell(purpose, _("Open with restrictions"), "warning", standing[0].effective_from, standing)
    ended = [each.end for each in mine if each.end is not None and each.end <= now]
    since = max(ended, default=None) or getattr(method, f"admitted_{purpose}")
    return Cell(purpose, _("Open"), "success", since, [])


def _stopped(purpose: Purpose, ruling: Ruling, standing: list[Suspension]) -> Cell:
    if Reason.NOT_YET_READMITTED in ruling.reasons:
        return Cell(purpose, _("Being admitted again step by step"), "warning", standing[0].end, standing)
    return Cell(purpose, _("Suspended"), "danger", min(each.effective_from for each in standing), standing)


def _unsuitable(purpose: Purpose, ruling: Ruling) -> Cell:
    if Reason.UNREADABLE in ruling.reasons:
        return Cell(purpose, _("Not known at the moment"), "danger", None, [])
    word = _("Not admitted") if Reason.NOT_ADMITTED in ruling.reasons else _("Not offered here")
    return Cell(purpose, word, "neutral", None, [])


def unconfirmed(orders: Sequence[Suspension]) -> list[Suspension]:
    """Return the orders that wait for a second person (M7) and are not over."""
    now = timezone.now()
    return [each for each in orders if needs_second_person(each) and (each.end is None or each.end > now)]
