"""The setting RECORD_SYSTEM: what it must hold, and what is wrong with it, by name.

RECORD_SYSTEM = {
    "base_url": "https://aktensystem.example",
    "allow_http": False,        # tests and demo only; this very machine may always be called by http
    "timeout_seconds": 5,       # for each of the two calls, at most 10
}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEYS = frozenset({"base_url", "allow_http", "timeout_seconds"})
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT_MAX_SECONDS = 10  # both calls together must end well within the claim (services.opening.CLAIM)
USER_AGENT = re.compile(r"[a-zA-Z0-9-]{1,20}/[a-zA-Z0-9.-]{1,15}")  # E3: name/version


@dataclass(frozen=True, slots=True)
class Configuration:
    base_url: str
    user_agent: str
    timeout_seconds: float = 5


class Problem(NamedTuple):
    number: int  # epa.E101 …
    text: str


def configured() -> Configuration:
    """Return what the settings say. Raises ImproperlyConfigured with everything that is wrong."""
    given, user_agent = getattr(settings, "RECORD_SYSTEM", None), getattr(settings, "EPA_USER_AGENT", None)
    if found := list(problems(given, user_agent)):
        raise ImproperlyConfigured("; ".join(problem.text for problem in found))
    assert isinstance(given, dict)  # noqa: S101  (for mypy: problems() has seen to it)
    return Configuration(given["base_url"].rstrip("/"), str(user_agent), given.get("timeout_seconds", 5))


def problems(given: object, user_agent: object) -> Iterator[Problem]:
    """Say what is wrong with RECORD_SYSTEM and EPA_USER_AGENT."""
    if not isinstance(user_agent, str) or not USER_AGENT.fullmatch(user_agent):
        yield Problem(104, "EPA_USER_AGENT must be name/version: 20 letters, digits or hyphens, 15 also with dots")
    if not isinstance(given, dict):
        yield Problem(101, "RECORD_SYSTEM is missing or not a dictionary")
        return
    if unknown := sorted(str(key) for key in given.keys() - KEYS):
        yield Problem(109, f"RECORD_SYSTEM has unknown keys: {', '.join(unknown)}")
    allow_http = given.get("allow_http", False)
    if not isinstance(allow_http, bool):
        yield Problem(103, "RECORD_SYSTEM['allow_http'] must be True or False")
    yield from _address(given.get("base_url"), allow_http is True)
    seconds = given.get("timeout_seconds", 5)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= TIMEOUT_MAX_SECONDS:
        yield Problem(103, f"RECORD_SYSTEM['timeout_seconds'] must be seconds, at most {TIMEOUT_MAX_SECONDS}")


def _address(value: object, allow_http: bool) -> Iterator[Problem]:
    where = "RECORD_SYSTEM['base_url']"
    if not isinstance(value, str) or not value.isascii():
        yield Problem(102, f"{where} must be an address")
        return
    try:
        parts = urlsplit(value)
        odd = not parts.hostname or parts.username is not None or parts.query or parts.fragment
    except ValueError:
        yield Problem(102, f"{where} is not an address")
        return
    if odd:
        yield Problem(102, f"{where} must be scheme, host and path, without user, query or fragment")
    elif parts.scheme != "https" and not (parts.scheme == "http" and (allow_http or parts.hostname in THIS_MACHINE)):
        yield Problem(102, f"{where} must begin with https://: the KVNR goes there")
