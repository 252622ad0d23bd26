"""System checks of the whole installation (check --deploy)."""

from typing import Any

from django.conf import settings
from django.core import checks


def check_demo(**_: Any) -> list[checks.CheckMessage]:
    """config.W001: a demo is open to the world: simulators, plain http, no second factor for staff."""
    if not settings.VORWEIS_DEMO:
        return []
    return [checks.Warning("VORWEIS_DEMO is on: never with real people.", hint="VORWEIS_DEMO=0", id="config.W001")]


def register() -> None:
    checks.register(check_demo, deploy=True)
