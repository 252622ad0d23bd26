"""Is this process alive; is what it stands on there."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import NamedTuple

import structlog
from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 2.0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")  # threads start with the first question


class Finding(NamedTuple):
    """`number` says how bad: seconds, a count."""

    name: str
    ok: bool
    number: float


@never_cache
@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 if everything answers within two seconds, 503 otherwise.

    Shape {"status": "ok" | "failing", "checks": {name: {"ok": true, "number": 0.003}}}
    """
    findings = look()
    fine = all(finding.ok for finding in findings)
    checks = {finding.name: {"ok": finding.ok, "number": round(finding.number, 3)} for finding in findings}
    return JsonResponse({"status": "ok" if fine else "failing", "checks": checks}, status=200 if fine else 503)


def look() -> list[Finding]:
    """Ask the database, the broker and every function in READINESS_CHECKS at the same time.

    Such a function takes nothing and returns (name, ok, number).
    """
    questions: list[tuple[str, Callable[[], tuple[str, bool, float]]]] = [("database", database), ("broker", broker)]
    questions += [(path.rsplit(".", 1)[-1], _imported(path)) for path in settings.READINESS_CHECKS]
    asked = [(name, _pool.submit(_ask, name, question)) for name, question in questions]
    end = time.monotonic() + PATIENCE_SECONDS
    return [_answer(name, future, end - time.monotonic()) for name, future in asked]


def database() -> Finding:
    """Seconds that a SELECT 1 on a fresh connection took."""
    begin = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Finding("database", True, time.monotonic() - begin)


def broker() -> Finding:
    """Seconds that connecting to the broker took."""
    begin = time.monotonic()
    with current_app.connection_for_write() as held:
        held.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PATIENCE_SECONDS)
    return Finding("broker", True, time.monotonic() - begin)


def _imported(path: str) -> Callable[[], tuple[str, bool, float]]:
    return lambda: import_string(path)()


def _ask(name: str, question: Callable[[], tuple[str, bool, float]]) -> Finding:
    try:
        return Finding(*question())
    except Exception as error:  # whatever it is, it is not ready
        log.warning("not_ready", check=name, reason=type(error).__name__)
        return Finding(name, False, 0)
    finally:
        connection.close()  # this thread's own


def _answer(name: str, future: "Future[Finding]", seconds: float) -> Finding:
    try:
        return future.result(max(0.0, seconds))
    except TooSlow:
        future.cancel()
        log.warning("not_ready", check=name, reason="too slow")
        return Finding(name, False, PATIENCE_SECONDS)
