"""What a benchmark brings home: rows of a table, bars of a chart, and aims that were met or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Aim:
    """What was to be reached. `loosely` is how much of it a short run on a busy machine must reach."""

    what: str
    value: float
    wanted: float
    unit: str = ""
    at_most: bool = False  # a time: less is better
    loosely: float = 0.5

    @property
    def met(self) -> bool:
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    @property
    def met_loosely(self) -> bool:
        if self.at_most:
            return self.value <= self.wanted / self.loosely
        return self.value >= self.wanted * self.loosely

    def __str__(self) -> str:
        sign, unit = ("≤" if self.at_most else "≥"), f" {self.unit}" if self.unit else ""
        said = "met" if self.met else "missed"
        return f"{self.what}: {number(self.value)}{unit}, aim {sign} {number(self.wanted)}{unit}: {said}"


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    ours: bool = False


@dataclass
class Findings:
    """One benchmark's outcome. `notes` say how it was measured this time."""

    part: str
    title: str
    head: list[str]
    rows: list[list[str]]
    aims: list[Aim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    bar_title: str = ""


def number(value: float) -> str:
    """Return a figure with no more digits than it deserves: 4,550; 273; 8.7; 0.53."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """Return the median and, in brackets, the lowest and the highest."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
