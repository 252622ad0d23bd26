"""Is a part alive? For the health checks of containers: `python -m config.alive web|worker|beat`, exit 0 or 1."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

BEAT_SCHEDULE = Path("/tmp/beat-schedule")  # noqa: S108  (in the container's own memory; beat writes it every 3 minutes)
BEAT_SILENT_SECONDS = 600
WEB_PORT = 8000


def web() -> bool:
    """Ask the liveness address, under the first name we answer to."""
    hosts = os.environ.get("ALLOWED_HOSTS", "localhost").replace(",", " ").split()
    with closing(http.client.HTTPConnection("127.0.0.1", WEB_PORT, timeout=4)) as connection:
        connection.request("GET", "/healthz/live", headers={"Host": hosts[0]})
        return connection.getresponse().status == 200


def worker() -> bool:
    """Ask this container's worker over the broker."""
    from config.celery import app

    return bool(app.control.ping(destination=[f"worker@{os.uname().nodename}"], timeout=4))


def beat() -> bool:
    """Has the schedule been written lately?"""
    written = [path.stat().st_mtime for path in BEAT_SCHEDULE.parent.glob(f"{BEAT_SCHEDULE.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENT_SECONDS


PARTS: dict[str, Callable[[], bool]] = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if PARTS[sys.argv[1]]() else 1)
