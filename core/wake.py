"""Waking a worker. A wake-up may be lost: what must not be lost lies in PostgreSQL, and a sweep finds it."""

import time
from typing import Any

import structlog
from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

REST_SECONDS = 5.0  # after a failure nobody waits for the broker's time-out again for this long
_rest_until = 0.0


def wake(task_name: str, *args: Any) -> bool:
    """Send a task by name; return whether the broker took it. A failing broker is logged and never raises."""
    global _rest_until
    if time.monotonic() < _rest_until:
        return False
    try:
        current_app.send_task(task_name, args=args, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        _rest_until = time.monotonic() + REST_SECONDS
        log.warning("wake_up_lost", task=task_name, reason=type(error).__name__)
        return False
    return True
