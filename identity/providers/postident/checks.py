"""System checks identity.E101 to identity.E109: a wrong POSTIDENT is said at start, by name.

E101 missing; E102 base_url; E103 callback_base_url; E104 no clients; E105 unknown method; E106 a contract;
E107 a switch or number; E108 CALLBACK_SECRET; E109 unknown keys. W110: results without encryption would be taken.
"""

from typing import Any

from django.conf import settings
from django.core import checks

from identity.providers.postident.configuration import problems


def check_postident(**_: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the settings POSTIDENT and CALLBACK_SECRET, if the adapter is in use."""
    if "postident" not in getattr(settings, "PROVIDER_ADAPTERS", {}):
        return []
    given = getattr(settings, "POSTIDENT", None)
    found: list[checks.CheckMessage] = [
        checks.Error(f"{problem.text}.", id=f"identity.E{problem.number}")
        for problem in problems(given, getattr(settings, "CALLBACK_SECRET", ""))
    ]
    if isinstance(given, dict) and given.get("allow_plain_result") is True:
        found.append(checks.Warning("POSTIDENT['allow_plain_result'] is for tests only.", id="identity.W110"))
    return found


def register() -> None:
    checks.register(check_postident)
