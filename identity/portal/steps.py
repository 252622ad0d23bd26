"""The five steps to ePA access, as the pages count them. The last one belongs to the app above."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

CONNECT, APPLY, CHOOSE, IDENTIFY, OPEN = range(1, 6)
NAMES = (
    _("Connect your insurance"),
    _("Check and send your application"),
    _("Choose a way"),
    _("Identify yourself"),
    _("Open your access"),
)


def step(number: int) -> dict[str, Any]:
    """Return what components/steps.html wants to know."""
    return {"current": number, "total": len(NAMES), "title": NAMES[number - 1], "names": NAMES}
