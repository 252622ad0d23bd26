"""A Chromium for the browser journeys: found, or installed where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
PACKAGE = "chromium-headless-shell"


class Missing(Exception):
    """No Chromium here; the text says in one line what to do."""


def find() -> str | None:
    """Return the path of a Chromium: E2E_BROWSER, else the first one on the PATH."""
    return os.environ.get("E2E_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def find_or_install() -> str:
    """Return the path of a Chromium; as root on Debian or Ubuntu it is installed when there is none. Raises Missing."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"· {PACKAGE}", flush=True)
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        for words in (["update", "-q"], ["install", "-qy", "--no-install-recommends", PACKAGE]):
            subprocess.run(["apt-get", *words], **quiet)
    if found := find():
        return found
    raise Missing(
        f"No Chromium for the browser journeys: install {PACKAGE}, set E2E_BROWSER, or leave them out (--no-browser)."
    )
