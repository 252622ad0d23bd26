"""The room: a page for the wall. It comes anew by itself, by a header and without a script."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.cases.states import OPEN_CASE, CaseState
from identity.methods.models import Method, Suspension
from identity.workplace.access import METHODS, staff_required
from identity.workplace.orders import title_of
from identity.workplace.room.charts import Chart, Mark, Series
from identity.workplace.room.figures import DAYS, Figures, MethodFigures, cost_per_case, read_figures
from identity.workplace.room.standing import orders_since, rows_of, unconfirmed

REFRESH_SECONDS: Final = 60
ALARM_SECONDS: Final = 300.0  # news of a provider that nobody has read for so long
STAY = "stehen"  # ?stehen=1: the page does not come anew by itself (WCAG 2.2.1)


@staff_required(METHODS)
@require_safe
def room(request: HttpRequest) -> HttpResponse:
    """Show how everything stands: methods, cases, figures of the last weeks, what waits. Seven reads of its own."""
    figures = read_figures()
    orders = orders_since(timezone.make_aware(datetime.combine(figures.first_day, datetime.min.time())))
    rows = rows_of(orders)
    methods = [row.method for row in rows if row.method.code in figures.methods]
    stays = STAY in request.GET
    context = {
        "rows": rows,
        "purposes": [cell.purpose for cell in rows[0].cells] if rows else [],
        "figures": figures,
        "open_cases": [(state.label, figures.open_cases.get(state, 0)) for state in (*OPEN_CASE, CaseState.OFFERED)],
        "closed_cases": [(CaseState(state).label, number) for state, number in sorted(figures.closed_cases.items())],
        "unconfirmed": [(order, title_of(order)) for order in unconfirmed(orders)],
        "alarm": figures.oldest_unread_seconds > ALARM_SECONDS,
        "oldest_unread": duration(figures.oldest_unread_seconds) if figures.unread else "",
        "by_method": [_method_line(method, figures.methods[method.code]) for method in methods],
        "charts": _charts(methods, figures, orders),
        "days": DAYS,
        "stays": stays,
        "refresh_seconds": REFRESH_SECONDS,
    }
    response = render(request, "workplace/room.html", context)
    if not stays:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _method_line(method: Method, figures: MethodFigures) -> dict[str, Any]:
    return {
        "method": method,
        "started": figures.started,
        "identified": figures.identified,
        "success_percent": figures.success_percent,
        "median": duration(figures.median_seconds),
        "ninetieth": duration(figures.ninetieth_seconds),
        "cost": cost_per_case(method.code, figures),
    }


def _charts(methods: list[Method], figures: Figures, orders: list[Suspension]) -> list[Chart]:
    marks = _marks(figures.days, orders)
    labels = [date_format(day, "j.n.") for day in figures.days]
    return [
        Chart(
            key=key,
            title=title,
            first=_("Day"),
            labels=labels,
            series=[
                Series(method.name, [getattr(figures.methods[method.code], key).get(day, 0) for day in figures.days])
                for method in methods
            ],
            kind="line",
            marks=marks,
        )
        for key, title in (("starts", _("Starts by method and day")), ("successes", _("Successes by method and day")))
    ]


def _marks(days: list[date], orders: list[Suspension]) -> list[Mark]:
    """Return what orders did in these days: begun and ended."""
    found = []
    for order in orders:
        names = {"method": order.method.name, "order": title_of(order)}
        for moment, text in (
            (order.effective_from, _("%(method)s suspended (%(order)s)") % names),
            (order.end, _("%(method)s admitted again (%(order)s)") % names),
        ):
            if moment is not None and moment <= timezone.now() and timezone.localdate(moment) in days:
                found.append(Mark(days.index(timezone.localdate(moment)), text))
    return sorted(found, key=lambda mark: mark.place)


def duration(seconds: float | None) -> str:
    """Return a time in its largest unit with one digit: 4 min, 2.5 h, 3.1 days; empty for none."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("%(count)s s") % {"count": round(seconds)}
    if seconds < 5400:
        return _("%(count)s min") % {"count": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(count)s h") % {"count": _one_digit(seconds / 3600)}
    return _("%(count)s days") % {"count": _one_digit(seconds / 86400)}


def _one_digit(value: float) -> str:
    return number_format(round(value, 1), decimal_pos=1, use_l10n=True)
