"""Start, choice and time line as a browser gets them, with 100,000 insured people and 300,000 cases in the database.

Through granian (2 processes of 4 threads) with all middleware, by people who are logged in: their session is read and
prolonged with every page, which is a commit of its own. 200 people chosen at random, each with their own case.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.utils import timezone

from core.accounts.models import Account
from core.bulk import copy_new
from core.models import AuditEvent
from core.sessions import SessionStore
from identity.cases.models import IdentificationCase
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from tests.benchmarks.figures import Bar, Findings, number, percentile
from tests.benchmarks.filling import AT_ONCE, attempt_of, cases_of, lay_people, tell_stories
from tests.benchmarks.ground import Ground
from tests.benchmarks.load import Answers, a_get, drive
from tests.benchmarks.machine import cpu_seconds

PEOPLE, READERS = 100_000, 200
CONNECTIONS = (1, 16)
START, CHOICE, RUNNING, ENDED = "Start", "Choice of a way", "Time line, under way", "Time line, identified"
Requests = dict[str, list[bytes]]


def measure(ground: Ground) -> Findings:
    """Fill the database, then load the pages: one after the other, and 16 at once."""
    people = ground.size(long=PEOPLE, short=PEOPLE // 20, tiny=PEOPLE // 250)
    seconds, warm = ground.size(long=(15.0, 1.0), short=(1.5, 1.0), tiny=(0.2, 0.1))
    requests = _fill(ground, people)
    rows, bars = [], []
    with ground.serving("web") as server:
        for page, ready in requests.items():
            make = _chooser(ready)
            drive(server.port, make, connections=CONNECTIONS[-1], seconds=warm)
            served, stored = cpu_seconds(server.pid), cpu_seconds(ground.database_pid)
            alone, crowd = (drive(server.port, make, connections=count, seconds=seconds) for count in CONNECTIONS)
            spent = cpu_seconds(server.pid) - served, cpu_seconds(ground.database_pid) - stored
            loaded = len(alone.latencies) + len(crowd.latencies)
            costs = [number(each / loaded * 1000) for each in spent]
            rows.append([page, *_times(alone), *_times(crowd), number(len(crowd.latencies) / crowd.seconds), *costs])
            bars.append(Bar(page, percentile(crowd.latencies, 0.5) * 1000, ours=True))
            ground.tell(f"  {page}: " + ", ".join(rows[-1][1:]))
    cases, events = IdentificationCase.objects.count(), AuditEvent.objects.count()
    return Findings(
        part="pages",
        title="Pages",
        head=[
            "",
            "alone: p50 ms",
            "p99 ms",
            "16 at once: p50 ms",
            "p99 ms",
            "pages a second",
            "CPU ms server",
            "CPU ms PostgreSQL",
        ],
        rows=rows,
        notes=[f"{people:,} people, {cases:,} cases, {events:,} audit events; {READERS} people per page read them."],
        bars=bars,
        bar_title="Milliseconds until half of the pages are there, 16 at once",
    )


def _times(answers: Answers) -> list[str]:
    if set(answers.statuses) != {200}:
        raise AssertionError(f"pages answered {dict(answers.statuses)}")
    return [number(percentile(answers.latencies, share) * 1000) for share in (0.5, 0.99)]


def _chooser(ready: Sequence[bytes]) -> Callable[[], bytes]:
    chance = random.Random(7)
    return lambda: chance.choice(ready)


def _fill(ground: Ground, count: int) -> Requests:
    """Lay people with three cases each; return the requests of those who read, page by page."""
    requests: Requests = defaultdict(list)
    for begun in range(0, count, AT_ONCE):
        with transaction.atomic():
            people = lay_people(min(AT_ONCE, count - begun))
            readers = READERS * len(people) // count
            for page, ready in _lay_cases(people, readers).items():
                requests[page] += ready
        ground.tell(f"  {begun + len(people):,} of {count:,} people laid")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return requests


def _lay_cases(people: Sequence[Insurant], readers: int) -> Requests:
    """Lay a case identified, one expired, and one that is open: the first half chooses, the second is under way."""
    half = len(people) // 2
    ended = _laid(people, CaseState.IDENTIFIED, AttemptState.SUCCEEDED, days_ago=400)
    _laid(people, CaseState.EXPIRED, AttemptState.EXPIRED, days_ago=200)
    choosing = _laid(people[:half], CaseState.CHOOSING, AttemptState.FAILED)
    running = _laid(people[half:], CaseState.IDENTIFYING, AttemptState.STARTED)
    return {
        START: [_request(case, "/") for case in choosing[-readers:]],
        CHOICE: [_request(case, f"/vorgang/{case.public_id}/wahl/") for case in choosing[:readers]],
        RUNNING: [_request(case, f"/vorgang/{case.public_id}/") for case in running[:readers]],
        ENDED: [_request(case, f"/vorgang/{case.public_id}/") for case in ended[:readers]],
    }


def _laid(
    people: Sequence[Insurant], state: CaseState, attempt_state: AttemptState, *, days_ago: int = 0
) -> list[IdentificationCase]:
    """Lay a case a person with an attempt and the trail of both; closed so many days ago, or open."""
    closed_at = timezone.now() - timedelta(days=days_ago) if days_ago else None
    given: dict[str, Any] = {"closed_at": closed_at, "method_id": "postident_branch"}
    cases = cases_of(people, state, **given)
    attempts = [attempt_of(case, state=attempt_state, decided_at=closed_at) for case in cases]
    copy_new(cases)
    copy_new(attempts)
    tell_stories(zip(cases, attempts, strict=True), closed_at)
    return cases


def _request(case: IdentificationCase, address: str) -> bytes:
    """Return the GET of a page by the person of a case, who is logged in."""
    account = case.insurant.account
    if account is None:
        raise ValueError("nobody can log in for this case")
    return a_get(address, f"Cookie: {settings.SESSION_COOKIE_NAME}={log_in(account)}", "Accept-Language: de")


def log_in(account: Account) -> str:
    """Return the key of a new session of an account, as logging in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)
