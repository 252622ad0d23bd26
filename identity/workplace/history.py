"""The history of methods (M8) in words, and as data for gematik or the data-protection officer: no names of staff."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from identity.methods.models import Suspension
from identity.methods.records import Lifting, MethodChange
from identity.workplace.events import details
from identity.workplace.order_file import counts_of
from identity.workplace.orders import scope_of, title_of

Kind = MethodChange.Kind
BADGES: Final = {
    Kind.IMPOSED: "warning",
    Kind.CONFIRMED: "neutral",
    Kind.UNDONE: "neutral",
    Kind.LIFTED: "success",
    Kind.READMISSION_STOPPED: "danger",
}
COLUMNS: Final = ("number", "at", "kind", "method", "suspension", "authority", "order_reference", "actor", "facts")
ORDER_FIELDS: Final = (
    "id", "method_id", "provider", "purpose", "insurer_id", "region", "authority", "order_reference", "link",
    "legal_basis", "reason", "last_door_reason", "public_text_de", "public_text_plain", "public_text_en",
    "effective_from", "review_on", "ends_at", "effect", "finish_until", "void_since", "earlier_results_count",
    "imposed_by", "imposed_at", "confirmed_by", "confirmed_at", "undone_by", "undone_at", "evidence",
    "quarantine_end", "readmission_percents", "readmission_step_hours", "over_at",
)  # fmt: skip
LIFTING_FIELDS: Final = (
    "id", "evidence", "at", "quarantine_end", "percents", "step_hours", "proposed_by", "proposed_at", "approved_by",
    "approved_at", "withdrawn_by", "withdrawn_at",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def changes(method: str = "", suspension_id: int | None = None) -> QuerySet[MethodChange]:
    """Return the changes of a method, an order, or all of them, the newest first."""
    found = MethodChange.objects.select_related("method", "suspension__method", "suspension__insurer").order_by("-pk")
    if method:
        found = found.filter(method=method)
    return found.filter(suspension=suspension_id) if suspension_id else found


def older_orders(method: str = "", suspension_id: int | None = None) -> QuerySet[Suspension]:
    """Return the orders from before this history began: no line of it tells that they were imposed."""
    told = MethodChange.objects.filter(suspension=OuterRef("pk"), kind=Kind.IMPOSED)
    found = Suspension.objects.filter(~Exists(told)).select_related("method", "insurer")
    if method:
        found = found.filter(method=method)
    return found.filter(pk=suspension_id) if suspension_id else found


def row_of(change: MethodChange, staff: dict[str, str]) -> dict[str, Any]:
    """Return a change in words. `staff` are addresses by public id; who has none stands there by the id."""
    kind = Kind(change.kind) if change.kind in Kind.values else None
    order = change.suspension
    return {
        "change": change,
        "kind": kind.label if kind else change.kind,
        "badge": BADGES.get(kind, "neutral") if kind else "neutral",
        "order": order,
        "title": title_of(order) if order else "",
        "scope": scope_of(order) if order else "",
        "by": staff.get(change.actor, change.actor),
        "details": details({key: value for key, value in change.facts.items() if key != "order_reference"}, {}),
    }


def as_row(change: MethodChange) -> dict[str, Any]:
    """Return a change as JSON values, by codes and public ids."""
    order = change.suspension
    return {
        "number": change.pk,
        "at": change.at.isoformat(),
        "kind": change.kind,
        "method": change.method_id,
        "suspension": change.suspension_id,
        "authority": order.authority if order else "",
        "order_reference": order.order_reference if order else "",
        "actor": change.actor,
        "facts": change.facts,
    }


def as_json(found: QuerySet[MethodChange], older: QuerySet[Suspension], method: str) -> dict[str, Any]:
    """Return the whole history with every order that it speaks of."""
    listed = list(found)
    orders = {each.suspension.pk: each.suspension for each in listed if each.suspension}
    orders |= {order.pk: order for order in older}
    return {
        "exported_at": timezone.now().isoformat(),
        "method": method or None,
        "changes": [as_row(each) for each in listed],
        "suspensions": [_values(orders[key], ORDER_FIELDS) for key in sorted(orders, reverse=True)],
    }


def as_csv(found: QuerySet[MethodChange], older: QuerySet[Suspension]) -> str:
    """Return the history for a spreadsheet: a line for each change, and for each order from before the history."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerows(_lines(found, older))
    return text.getvalue()


def _lines(found: Iterable[MethodChange], older: Iterable[Suspension]) -> Iterator[list[str]]:
    for change in found:
        row = as_row(change) | {"facts": json.dumps(change.facts, ensure_ascii=False, sort_keys=True)}
        yield [_cell(row[name]) for name in COLUMNS]
    for order in older:
        row = dict.fromkeys(COLUMNS, "") | {
            "at": order.effective_from.isoformat(),
            "kind": Kind.IMPOSED.value,
            "method": order.method_id,
            "suspension": order.pk,
            "authority": order.authority,
            "order_reference": order.order_reference,
            "actor": order.imposed_by,
        }
        yield [_cell(row[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def order_as_json(order: Suspension) -> dict[str, Any]:
    """Return one order with its proposals, its changes, how it was carried out, and how many it has met."""
    counts = counts_of(order)
    return {
        "exported_at": timezone.now().isoformat(),
        "suspension": _values(order, ORDER_FIELDS),
        "liftings": [_values(each, LIFTING_FIELDS) for each in order.liftings.all()],
        "changes": [as_row(each) for each in changes(suspension_id=order.pk)],
        "phases": [
            _values(run, ("phase", "total", "done", "started_at", "finished_at")) for run in order.runs.order_by("pk")
        ],
        "people": [
            {"outcome": each.outcome, "since": each.since or None, "count": each.count} for each in counts.people
        ],
        "results_held": [{"state": each.state, "count": each.count} for each in counts.held],
    }


def _values(row: Suspension | Lifting | Any, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in found.items()}
