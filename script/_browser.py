"""A Chromium for the browser journeys: found, or installed where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.journeys.chromium import MISSING, find

PACKAGE = "chromium-headless-shell"


class Missing(Exception):
    """No Chromium here; the text says in one line what to do."""


def find_or_install() -> str:
    """Return the path of a Chromium; as root on Debian or Ubuntu it is installed when there is none. Raises Missing."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"· {PACKAGE}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-q"], ["install", "-qy", "--no-install-recommends", PACKAGE]):
            subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL)
    if found := find():
        return found
    raise Missing(f"{MISSING} Or leave them out: --no-browser.")
