"""System checks epa.E101 to epa.E109: a wrong setting is said at start, by name.

E101 RECORD_SYSTEM missing; E102 base_url; E103 a switch or number; E104 EPA_USER_AGENT; E105 a waiting time;
E106 RECORD_SYSTEM_ADAPTER; E109 unknown keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from epa.record_system.configuration import problems

OURS = "epa.record_system.adapter.from_settings"
WAITING_TIMES = ("EPA_WAIT_WRONG_STATE_SECONDS", "EPA_WAIT_ERROR_SECONDS")


def check_record_system(**_: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the settings of the record system."""
    return [*_adapter(), *_waiting_times()]


def _adapter() -> Iterator[checks.CheckMessage]:
    adapter = getattr(settings, "RECORD_SYSTEM_ADAPTER", "")
    try:
        import_string(adapter)
    except (ImportError, AttributeError):
        yield checks.Error("RECORD_SYSTEM_ADAPTER names nothing that can be imported.", id="epa.E106")
        return
    if adapter == OURS:
        given, user_agent = getattr(settings, "RECORD_SYSTEM", None), getattr(settings, "EPA_USER_AGENT", None)
        for problem in problems(given, user_agent):
            yield checks.Error(f"{problem.text}.", id=f"epa.E{problem.number}")


def _waiting_times() -> Iterator[checks.CheckMessage]:
    for name in WAITING_TIMES:
        seconds = getattr(settings, name, None)
        if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
            yield checks.Error(f"{name} must be a whole number of seconds, at least 1.", id="epa.E105")


def register() -> None:
    checks.register(check_record_system)
