"""The Chromium of this machine, and how it is started."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = (
    "No Chromium for the browser journeys: install chromium-headless-shell, or set E2E_BROWSER to the path of one."
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find() -> str | None:
    """Return the path of a Chromium: E2E_BROWSER, else the first one on the PATH."""
    return os.environ.get("E2E_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def flags() -> list[str]:
    """Return the flags; root has no sandbox."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
