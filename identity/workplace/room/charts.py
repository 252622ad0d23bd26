"""A chart as data: for the script that draws it, and for the table that always stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.formats import number_format


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, one for each label."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a label, drawn as an upright line and said in the table."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`key` is an id on the page. `first` heads the table's first column. Bars are stacked, lines are not."""

    key: str
    title: str
    first: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Literal["bar", "line"] = "bar"
    marks: Sequence[Mark] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(value for each in self.series for value in each.values)

    @property
    def data(self) -> dict[str, Any]:
        """Return what the script draws, as JSON values."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "series": [{"name": each.name, "values": [round(value, 1) for value in each.values]}
                       for each in self.series],
            "marks": [{"place": each.place, "text": each.text} for each in self.marks],
        }  # fmt: skip

    @property
    def data_key(self) -> str:
        return f"{self.key}-data"

    @property
    def rows(self) -> list[tuple[str, list[str], list[str]]]:
        """Return (label, values in words, what happened) for each line of the table."""
        texts = [[each.text for each in self.marks if each.place == place] for place in range(len(self.labels))]
        return [
            (label, [_in_words(each.values[place]) for each in self.series], texts[place])
            for place, label in enumerate(self.labels)
        ]


def _in_words(value: float) -> str:
    """A whole number; below ten one digit more where it says something."""
    small = 0 < value < 10 and value != int(value)
    return number_format(round(value, 1) if small else round(value), use_l10n=True, force_grouping=True)
