"""What post offices and branches would have to expect, day by day: an estimate from the last weeks' figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.db.models import Count
from django.db.models.functions import ExtractIsoWeekDay
from django.utils import timezone

from identity.cases.effects.finding import concerned, scope_of
from identity.cases.models import Attempt, Result
from identity.members.ages import AgeClass
from identity.methods.choices import AssuranceLevel, Effect, Purpose, Setting
from identity.methods.models import Method, Suspension
from identity.workplace.preview.counting import Group
from identity.workplace.preview.outlook import Choices

WEEKS: Final = 8
AHEAD_DAYS: Final = 14
"""So long a coupon of the post office is valid: within this time who moves is expected to have been there."""
OPEN_DAYS: Final = {Setting.POST_OFFICE: range(1, 7), Setting.BRANCH: range(1, 6)}
"""Weekdays (1 is Monday) to spread over where nobody has been seen in these weeks."""

Weekdays = Mapping[int, float]
Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DayLoad:
    """People on one day: as usual, those who have to move, and those who would have begun with the stopped method."""

    day: date
    usual: float
    moved: float
    instead: float

    @property
    def total(self) -> float:
        return self.usual + self.moved + self.instead


@dataclass(frozen=True, slots=True)
class History:
    """The last weeks as means: starts a week by method, starts a week that the order would stop, and successes by
    kind of place and weekday."""

    starts: Shares
    stopped: float
    successes: Mapping[str, Weekdays]


def history_of(draft: Suspension) -> History:
    """Read the last weeks' figures. Three queries."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    begun = Attempt.objects.filter(intended_at__gte=since).order_by()
    starts = dict(begun.values_list("method").annotate(Count("pk")))
    stopped = starts.get(draft.method_id, 0) / WEEKS
    scope = scope_of(draft, "case__")
    if scope:  # whose cases they are has to be looked up: one week is enough
        last_week = begun.filter(intended_at__gte=timezone.now() - timedelta(weeks=1))
        stopped = last_week.filter(scope, concerned(draft)).count()
    means = {code: number / WEEKS for code, number in starts.items() if code != draft.method_id}
    return History(means, stopped, _successes(draft, since))


def _successes(draft: Suspension, since: Any) -> dict[str, dict[int, float]]:
    """The order's own method is left out where the order stops it for everybody.

    Weekdays in UTC, which costs a third of the time: nobody is in a post office in the hours where that differs.
    """
    places = dict(Method.objects.filter(setting__in=OPEN_DAYS).values_list("code", "setting"))
    if not scope_of(draft):
        places.pop(draft.method_id, None)
    done = Result.objects.filter(method_used__in=places, identified_at__gte=since, granted_at__isnull=False)
    days = done.order_by().annotate(weekday=ExtractIsoWeekDay("identified_at", tzinfo=UTC))
    found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for code, weekday, number in days.values_list("method_used", "weekday").annotate(n=Count("pk")):
        found[places[code]][weekday] += number / WEEKS
    return found


def anybody(draft: Suspension) -> Group:
    """Whom a start is expected of in general: of full age, in the order's scope."""
    region = draft.region or (draft.insurer.region if draft.insurer else "")
    purpose = draft.purpose or Purpose.EPA.value
    return Group(draft.insurer_id or 0, region, purpose, AssuranceLevel.HIGH, AgeClass.SIXTEEN_OR_OLDER)


def expected_load(
    draft: Suspension, groups: Counter[Group], choices: Mapping[Group, Choices], history: History
) -> dict[Setting, list[DayLoad]]:
    """Return at most how many people post offices and branches see on the coming days, the first day included."""
    moving = groups if draft.effect in (Effect.MOVE, Effect.VOID) else Counter[Group]()
    moved = _where_to(moving, choices, history.starts)
    instead = _where_to(Counter({anybody(draft): 1}), choices, history.starts)
    newcomers = history.stopped * AHEAD_DAYS / 7
    first = timezone.localdate(max(draft.effective_from, timezone.now()))
    days = [first + timedelta(days=number) for number in range(AHEAD_DAYS)]
    return {
        place: _spread(days, place, history.successes.get(place, {}), moved[place], newcomers * instead[place])
        for place in OPEN_DAYS
    }


def _where_to(groups: Counter[Group], choices: Mapping[Group, Choices], starts: Shares) -> Mapping[str, float]:
    """Return how many people go to which kind of place, if they choose as people did in the last weeks."""
    found: dict[str, float] = defaultdict(float)
    for group, number in groups.items():
        own, by_staff = choices[group].own, choices[group].by_staff
        total = sum(starts.get(method.code, 0) for method in own)
        for method in own:
            found[method.setting] += number * (starts.get(method.code, 0) / total if total else 1 / len(own))
        if not own and any(method.setting == Setting.BRANCH for method in by_staff):
            found[Setting.BRANCH] += number
    return found


def _spread(days: list[date], place: Setting, usual: Weekdays, moved: float, instead: float) -> list[DayLoad]:
    pattern = usual if sum(usual.values()) else dict.fromkeys(OPEN_DAYS[place], 1.0)
    parts = [pattern.get(day.isoweekday(), 0) for day in days]
    whole = sum(parts)
    return [
        DayLoad(day, usual.get(day.isoweekday(), 0), moved * part / whole, instead * part / whole)
        for day, part in zip(days, parts, strict=True)
    ]
