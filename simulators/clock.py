"""The simulators' own now, which tests and demos may move."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    """German wall-clock time plus an offset in seconds."""

    def __init__(self) -> None:
        """Start without an offset."""
        self.offset_seconds = 0.0

    def now(self) -> datetime:
        """Return the aware moment, in whole seconds."""
        shifted = datetime.now(UTC) + timedelta(seconds=self.offset_seconds)
        return shifted.astimezone(BERLIN).replace(microsecond=0)


def text(moment: datetime) -> str:
    """Write a moment as POSTIDENT does: `2026-12-24T23:59:59+01:00`."""
    return moment.astimezone(BERLIN).isoformat()


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment; one without offset is meant as German time. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=BERLIN)
