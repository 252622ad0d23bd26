"""Birth dates as registers and chips give them: whole, without the day, or the year alone."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_CHIP = re.compile(r"([0-9]{4})([0-9]{2}|[ ]{2})([0-9]{2}|[ ]{2})")
_EARLIEST_YEAR = 1800


@dataclass(frozen=True, slots=True, repr=False)
class PartialDate:
    """A day, a month or a year. Its repr says nothing, so that no birth date gets into a log by accident.

    Raises ValueError, without the value, for a day that no calendar has and for a day without a month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.year < _EARLIEST_YEAR or (self.month is None and self.day is not None):
            raise ValueError("not a birth date")
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            raise ValueError("not a birth date") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1964-08-12``, ``1964-08-00``, ``1964-00-00``, ``1964-08``, ``1964``, and a chip's eight characters
        (``19640812``, blanks for what is not known: BSI TR-03110 part 4).

        Raises ValueError, without the input, for everything else.
        """
        shape = _ISO.fullmatch(text.strip()) or _CHIP.fullmatch(text)
        if shape is None:
            raise ValueError("not a birth date")
        year, month, day = (int(part) if part and part.strip() else 0 for part in shape.groups())
        return cls(year, month or None, day or None)

    @property
    def is_whole(self) -> bool:
        return self.day is not None

    def isoformat(self) -> str:
        """Return ten characters, with noughts for what is not known: ``1964-08-00``."""
        return f"{self.year:04d}-{self.month or 0:02d}-{self.day or 0:02d}"

    def agrees_with(self, other: "PartialDate") -> bool:
        """Return whether no part that both know differs."""
        if self.year != other.year:
            return False
        if self.month is None or other.month is None:
            return True
        return self.month == other.month and (self.day is None or other.day is None or self.day == other.day)

    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


def age_on(birth: date, day: date) -> int:
    """Return the whole years lived on `day`. Born on 29 February means a year older on 1 March (§§ 187, 188 BGB)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
