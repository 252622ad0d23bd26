"""The list of those who could begin nothing by themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from identity.cases.models import IdentificationCase
from identity.portal.reasons import REASONS
from identity.workplace.preview.counting import Group, walls_of
from identity.workplace.preview.outlook import OUTLOOK_WORDS, Choices, Outlook

PER_PAGE = 25
Row = tuple[IdentificationCase, str]
STRANDED = (Outlook.NONE, Outlook.IN_PERSON)


@dataclass(frozen=True, slots=True)
class Stranded:
    """Cases whose people are left with no way, or with one in person only. Nothing is read before it is asked for."""

    met: QuerySet[IdentificationCase]
    groups: Counter[Group]
    choices: Mapping[Group, Choices]
    tired: Collection[int]

    @property
    def count(self) -> int:
        return sum(number for group, number in self.groups.items() if self.choices[group].outlook in STRANDED)

    def page(self, number: Any = 1) -> Page[Row]:
        """Return one page of (case, what is left to the person); those with nothing at all come first."""
        return Paginator(_Rows(self), PER_PAGE).get_page(number)


class _Rows(Sequence[Row]):
    """A list for the paginator, whose length is known without a query."""

    def __init__(self, stranded: Stranded) -> None:
        self.stranded = stranded

    def __len__(self) -> int:
        return self.stranded.count

    def __getitem__(self, wanted: Any) -> Any:
        return list(self._rows(wanted.start, wanted.stop))

    def _rows(self, start: int, stop: int) -> Iterator[Row]:
        for outlook in STRANDED:
            groups = {group: number for group, number in self.stranded.groups.items()
                      if self.stranded.choices[group].outlook is outlook}  # fmt: skip
            here = sum(groups.values())
            if groups and start < here and stop > 0:
                found = self.stranded.met.filter(_those_in(groups, self.stranded.tired)).select_related("insurer")
                for case in found.order_by("pk")[max(start, 0) : stop]:
                    yield case, str(OUTLOOK_WORDS[outlook])
            start, stop = start - here, stop - here


def _those_in(groups: Collection[Group], tired: Collection[int]) -> Q:
    """Return the condition of being in one of these groups; insurers and reasons taken together."""
    insurers: dict[Any, set[int]] = defaultdict(set)
    for group in groups:
        insurers[group.purpose, group.level_demanded, group.age_class, group.avoid, group.out_of_tries].add(
            group.insurer_id
        )
    found = Q(pk__in=[])
    for (purpose, level, age_class, avoid, worn_out), those in insurers.items():
        each = Q(purpose=purpose, level_demanded=level, insurant__age_class=age_class, insurer__in=those)
        found |= each & _with_walls(avoid) & (Q(pk__in=tired) if worn_out else ~Q(pk__in=tired))
    return found


def _with_walls(avoid: frozenset[str]) -> Q:
    reasons = [code for code in REASONS if walls_of(code) == avoid]
    return Q(end_reason__in=reasons) if avoid else ~Q(end_reason__in=[code for code in REASONS if walls_of(code)])
