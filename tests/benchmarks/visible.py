"""From the callback to the result on the person's page, with everything running and moderately busy.

Web server, two worker processes, beat and the simulators, as `script/server` starts them. Ten results a second: each is
made at the simulated provider, its callback is sent to us, and the page's own status address is asked every 50 ms,
with the person's session, until it says `identified`. The clock runs from the first byte of the callback. Beside it
one browser loads time lines without a pause, and every result also brings a mail that is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import httpx
from django.conf import settings
from django.db import connection

from config.processes import Family, beat, simulators, wait_for, web, worker
from core.actors import SYSTEM
from core.bulk import copy_new
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services import start_attempt
from identity.cases.states import CaseState
from identity.providers.postident.callback import token_for
from tests.benchmarks.figures import Aim, Bar, Findings, number, percentile
from tests.benchmarks.filling import cases_of, lay_people
from tests.benchmarks.ground import LIKE_PRODUCTION, SETTINGS, THREADS, WORKERS, Ground
from tests.benchmarks.load import a_get, drive
from tests.benchmarks.pages import log_in

AIM_SECONDS = 2.0
A_SECOND = 10
LOOK_SECONDS, PATIENCE_SECONDS = 0.05, 30.0


@dataclass(frozen=True)
class Watched:
    """A case whose result is about to come, and how its person looks at it."""

    attempt: Attempt
    page: str
    cookie: str


def measure(ground: Ground) -> Findings:
    """Have results come in, and watch them appear."""
    count = ground.size(long=600, short=100, tiny=5)
    with everything(ground) as family:
        watched = _waiting_people(count)
        connection.close()
        with _somebody_reads(watched[0]):
            times = _watch_all(watched)
        if family.ended():
            raise RuntimeError(f"ended by itself: {family.ended()}")
    p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
    return Findings(
        part="visible",
        title="From callback to visible result",
        head=["results", "p50 s", "p95 s", "p99 s", "longest s"],
        rows=[[str(len(times)), *map(number, (p50, p95, p99, max(times)))]],
        aims=[Aim("callback to visible result, p95", p95, AIM_SECONDS, "s", at_most=True)],
        notes=[f"{A_SECOND} results a second; all {len(times)} became visible."],
        bars=[Bar(name, value, ours=True) for name, value in (("p50", p50), ("p95", p95), ("p99", p99))],
        bar_title="Seconds from callback to visible result",
    )


@contextmanager
def everything(ground: Ground) -> Iterator[Family]:
    """Run all processes of an installation."""
    family = Family({"DJANGO_SETTINGS_MODULE": SETTINGS, **LIKE_PRODUCTION}, ground.log)
    try:
        family.start("simulators", simulators(settings.SIMULATOR_PORT, settings.SMTP_PORT, ground.home / "simulators"))
        family.start("web", web(settings.WEB_PORT, workers=WORKERS, threads=THREADS))
        family.start("worker", worker())
        family.start("beat", beat(ground.home / "beat"))
        for port in (settings.SIMULATOR_PORT, settings.WEB_PORT):
            wait_for(port, family)
        yield family
    finally:
        family.stop()


def _waiting_people(count: int) -> list[Watched]:
    """Lay people and have each start at the simulated provider."""
    cases = cases_of(lay_people(count), CaseState.CHOOSING)
    copy_new(cases)
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(_started, cases))


def _started(case: IdentificationCase) -> Watched:
    page, account = f"/vorgang/{case.public_id}/", case.insurant.account
    if account is None:
        raise ValueError("nobody can watch this case")
    attempt = start_attempt(case.public_id, "postident_branch", return_url=settings.BASE_URL + page, actor=SYSTEM)
    return Watched(attempt, page, f"{settings.SESSION_COOKIE_NAME}={log_in(account)}")


@contextmanager
def _somebody_reads(watched: Watched) -> Iterator[None]:
    """Load a time line again and again meanwhile."""
    over = threading.Event()
    request = a_get(watched.page, f"Cookie: {watched.cookie}", "Accept-Language: de")

    def read() -> None:
        while not over.is_set():
            drive(settings.WEB_PORT, lambda: request, connections=1, seconds=0.5)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join()


def _watch_all(watched: Sequence[Watched]) -> list[float]:
    """Let the results come at their moments; return the seconds each took to be seen."""
    began, pause = time.monotonic() + 1, threading.Event()
    token = {"X-Simulator-Token": settings.SIMULATOR_TOKEN}
    outside = httpx.Client(base_url=f"{settings.SIMULATOR_URL}/postident/control", headers=token, trust_env=False)

    def one(place: int) -> float:
        pause.wait(max(0.0, began + place / A_SECOND - time.monotonic()))
        return _watch(outside, watched[place])

    with outside, ThreadPoolExecutor(32) as pool:
        return list(pool.map(one, range(len(watched))))


def _watch(outside: httpx.Client, watched: Watched) -> float:
    attempt, pause = watched.attempt, threading.Event()
    shown = {"birth_date": attempt.case.insurant.birth_date}  # what the order does not hold
    finish = {"method": "basic", "outcome": "success", "document": shown, "webhook": {"send": False}}
    outside.post(f"/cases/{attempt.provider_case_id}/finish", json=finish).raise_for_status()
    ours = HTTPConnection("127.0.0.1", settings.WEB_PORT, timeout=PATIENCE_SECONDS)
    began = time.perf_counter()
    _call_back(ours, attempt)
    while time.perf_counter() < began + PATIENCE_SECONDS:
        ours.request("GET", f"{watched.page}stand.json", headers={"Cookie": watched.cookie})
        if b'"state": "identified"' in ours.getresponse().read():
            ours.close()
            return time.perf_counter() - began
        pause.wait(LOOK_SECONDS)
    raise AssertionError(f"not visible after {PATIENCE_SECONDS:g} s")


def _call_back(ours: HTTPConnection, attempt: Attempt) -> None:
    """Send what the provider sends."""
    address = f"/callbacks/postident/{token_for(attempt.method_id, settings.CALLBACK_SECRET)}"
    body = f'{{"caseId":"{attempt.provider_case_id}","referenceId":"{attempt.reference}"}}'
    ours.request("POST", address, body, {"Content-Type": "application/json"})
    answer = ours.getresponse()
    answer.read()
    if answer.status != 204:
        raise AssertionError(f"callback answered {answer.status}")
