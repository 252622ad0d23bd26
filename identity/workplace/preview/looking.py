"""The preview itself: put together from counts, the gate's answers and the last weeks' figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.cases.models import IdentificationCase
from identity.members.ages import AgeClass
from identity.methods.choices import Setting
from identity.methods.doors import LastDoors, last_doors
from identity.methods.models import Method, Suspension
from identity.workplace.preview.counting import STAGE_WORDS, Group, Stage, cases_met, count_met, many_rows
from identity.workplace.preview.load import AHEAD_DAYS, WEEKS, DayLoad, anybody, expected_load, history_of
from identity.workplace.preview.outlook import OUTLOOK_WORDS, Choices, Outlook, choices_for, readmitting
from identity.workplace.preview.without import Stranded
from identity.workplace.room.charts import Chart, Series


@dataclass(frozen=True, slots=True)
class Preview:
    """What the order would do as things stand now.

    stages     attempts by how far they are; `people` is the number of cases, each person's once
    outlooks   (what is left to people, how many)
    ways       (other method, to how many of them it would be open)
    not_known  what could not be taken into account, in sentences
    stranded   those who could begin nothing by themselves, to be listed in pages
    charts     expected people a day in post offices and in branches
    """

    draft: Suspension
    stages: dict[Stage, int]
    people: int
    outlooks: list[tuple[str, int]]
    ways: list[tuple[Method, int]]
    not_known: list[str]
    doors: LastDoors
    stranded: Stranded
    load: dict[Setting, list[DayLoad]]
    charts: list[Chart]
    page_number: Any = 1

    @property
    def attempts(self) -> list[tuple[Stage, str, int]]:
        """(stage, in words, how many attempts)"""
        return [(stage, str(STAGE_WORDS[stage]), number) for stage, number in self.stages.items()]

    @property
    def page(self) -> Page[tuple[IdentificationCase, str]]:
        """Return the page of the list of the stranded that was asked for."""
        return self.stranded.page(self.page_number)

    @property
    def explanation(self) -> str:
        """How the expected load is estimated."""
        return _(
            "At most so many: if people choose among the other ways as they did in the last %(weeks)s weeks, spread "
            "over %(days)s days by the weekdays on which they came then."
        ) % {"weeks": WEEKS, "days": AHEAD_DAYS}

    @property
    def purposes_closed(self) -> list[str]:
        return [str(purpose.label) for purpose in self.doors.purposes]

    @property
    def stays_open(self) -> bool:
        """Nobody is left without a way to begin by themselves."""
        return not self.stranded.count


def preview_of(draft: Suspension, *, page: Any = 1) -> Preview:
    """Return what an order would do, with about twenty queries and without a lock, whatever the number of cases.

    page  which page of those is shown who could begin nothing by themselves
    """
    met = count_met(draft)
    groups = met.groups
    partly = readmitting(timezone.now())
    choices = choices_for([*groups, anybody(draft)], draft, without=partly)
    with many_rows():
        history = history_of(draft)
    load = expected_load(draft, groups, choices, history)
    return Preview(
        draft=draft,
        stages=met.stages,
        people=groups.total(),
        outlooks=_outlooks(groups, choices),
        ways=_ways(groups, choices),
        not_known=_not_known(groups, partly, bool(met.tired)),
        doors=last_doors(draft),
        stranded=Stranded(cases_met(draft), groups, choices, met.tired),
        load=load,
        charts=[_chart(place, days) for place, days in load.items()],
        page_number=page,
    )


def _outlooks(groups: Counter[Group], choices: dict[Group, Choices]) -> list[tuple[str, int]]:
    counts = Counter[Outlook]()
    for group, number in groups.items():
        counts[choices[group].outlook] += number
    return [(str(words), counts[outlook]) for outlook, words in OUTLOOK_WORDS.items()]


def _ways(groups: Counter[Group], choices: dict[Group, Choices]) -> list[tuple[Method, int]]:
    counts, methods = Counter[str](), {}
    for group, number in groups.items():
        for method in (*choices[group].own, *choices[group].by_staff):
            methods[method.code] = method
            counts[method.code] += number
    return sorted(((methods[code], number) for code, number in counts.items()), key=lambda way: way[0].position)


def _not_known(groups: Counter[Group], partly: set[str], limited: bool) -> list[str]:
    found = [
        _(
            "Which device and which document people have is not known. Only what stopped their last attempt is: "
            "a blocked PIN, a phone or a card that is not supported. Ways that would fail again are not counted."
        )
    ]
    unknown = sum(number for group, number in groups.items() if group.age_class == AgeClass.UNKNOWN)
    if unknown:
        found.append(
            _("The age of %(count)s of them is not known; they are counted as too young.") % {"count": unknown}
        )
    if partly:
        names = ", ".join(method.name for method in Method.objects.filter(pk__in=partly))
        found.append(_("Open again for a part of the people only, so not counted: %(names)s.") % {"names": names})
    if limited:
        found.append(_("Who has used up the attempts of these weeks is counted as in need of a branch."))
    return found


def _chart(place: Setting, days: list[DayLoad]) -> Chart:
    title = (
        _("Expected in post offices, people a day")
        if place is Setting.POST_OFFICE
        else _("Expected in our branches, people a day")
    )
    series: list[Any] = [
        (_("as usual"), [day.usual for day in days]),
        (_("who have to move"), [day.moved for day in days]),
        (_("who would have begun with this method"), [day.instead for day in days]),
    ]
    return Chart(
        key=f"load-{place.value}",
        title=title,
        first=_("Day"),
        labels=[date_format(day.day, "D j.n.") for day in days],
        series=[Series(*each) for each in series],
    )
