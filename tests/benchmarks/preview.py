"""The preview of an order and the room, with 300,000 people in the middle and as many identified in the last weeks.

Half of the open attempts are at the post office, and an order for it is looked at; nothing is imposed. Measured inside
one process, as a page's own work; the best and the middle of several times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.bulk import copy_new
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.methods.models import Method, Suspension
from identity.providers.ports import Progress
from identity.workplace.preview import preview_of
from identity.workplace.room.figures import read_figures
from identity.workplace.room.standing import orders_since, rows_of
from tests.benchmarks.figures import Aim, Bar, Findings, number
from tests.benchmarks.filling import attempt_of, cases_of, lay_people
from tests.benchmarks.ground import Ground, Scale
from tests.benchmarks.machine import cpu_seconds

PEOPLE = {Scale.LONG: 300_000, Scale.SHORT: 10_000, Scale.TINY: 300}
TIMES = 7
PREVIEW_AIM, ROOM_AIM = 2.0, 0.5
POST_OFFICE, EID = "postident_branch", "postident_eid"
PROGRESS = (Progress.STARTED, Progress.COUPON_REQUESTED, Progress.REVIEW_PENDING)
FIRST, DAYS = 10_000, 50
OTHER = "md5(t.{} || '-' || n)"
COPIES: dict[type[models.Model], dict[str, str]] = {
    Insurant: {
        "id": f"{OTHER.format('id')}::uuid",
        "public_id": "gen_random_uuid()",
        "account_id": "NULL",
        "kvnr_hash": "sha256(t.kvnr_hash || n::text::bytea)",
    },
    IdentificationCase: {
        "id": "t.id + n * 10000000",
        "public_id": "gen_random_uuid()",
        "insurant_id": f"{OTHER.format('insurant_id')}::uuid",
    },
    Attempt: {
        "id": f"{OTHER.format('id')}::uuid",
        "case_id": "t.case_id + n * 10000000",
        "reference": f"upper(left({OTHER.format('id')}, 14))",
    },
    Result: {
        "id": f"{OTHER.format('id')}::uuid",
        "attempt_id": f"{OTHER.format('attempt_id')}::uuid",
        "case_id": "t.case_id + n * 10000000",
    },
}
SPREAD = (
    "UPDATE identity_attempt SET intended_at = now() - 50 * random() * interval '1 day'",
    "UPDATE identity_identificationcase c SET opened_at = a.intended_at FROM identity_attempt a WHERE a.case_id = c.id",
    """UPDATE identity_result r SET identified_at = a.intended_at + interval '30 h', granted_at = a.intended_at
       + interval '30 h' * random() FROM identity_attempt a WHERE a.id = r.attempt_id""",
)


def measure(ground: Ground) -> Findings:
    """Fill the database, then look at an order for the post office, and at the room."""
    people = PEOPLE[ground.scale]
    _fill(ground, people)
    looks: list[tuple[str, float, Callable[[], Any]]] = [
        ("preview of an order for the post office", PREVIEW_AIM, _preview),
        ("the same for one purpose", PREVIEW_AIM, lambda: _preview(purpose="epa")),
        ("the room's figures", ROOM_AIM, _room),
    ]
    rows, aims = [], []
    for what, aim, look in looks:
        spent = cpu_seconds(ground.database_pid)
        times, queries = _timed(look)
        cost = (cpu_seconds(ground.database_pid) - spent) / (TIMES + 2)
        rows.append([what, *(number(each * 1000) for each in (median(times), max(times), cost)), str(queries)])
        aims.append(Aim(what, median(times), aim, "s", at_most=True))
        ground.tell(f"  {', '.join(rows[-1])}")
    return Findings(
        part="preview",
        title="Show me first, and the room",
        head=["", "median ms", "slowest ms", "CPU ms PostgreSQL", "queries"],
        rows=rows,
        aims=aims,
        notes=[f"{people:,} open cases and as many identified within {DAYS} days; {TIMES} times each."],
        bars=[Bar(row[0], aim.value * 1000, ours=True) for row, aim in zip(rows, aims, strict=True)],
        bar_title="Milliseconds of a page's own work",
    )


def _preview(**given: Any) -> None:
    draft = Suspension(method=Method.objects.get(pk=POST_OFFICE), effective_from=timezone.now(), effect="move", **given)
    preview = preview_of(draft)
    list(preview.page)


def _room() -> None:
    figures = read_figures()
    rows_of(orders_since(timezone.make_aware(datetime.combine(figures.first_day, datetime.min.time()))))


def _timed(look: Callable[[], Any]) -> tuple[list[float], int]:
    look()
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        look()
        times.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as captured:
        look()
    return times, len(captured)


def _fill(ground: Ground, count: int) -> None:
    """Lay some people and multiply them in the database; what is sealed cannot be opened in the copies, nor need be."""
    first = min(count, FIRST)
    with transaction.atomic():
        people = lay_people(first)
        _lay_open(people)
        _lay_identified(people)
    ground.tell(f"  {first:,} people laid")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for model, changed in COPIES.items():
            cursor.execute(_multiply(model, changed), [count // first - 1])
        for statement in (*SPREAD, "VACUUM ANALYZE", "CHECKPOINT", "RESET statement_timeout"):
            cursor.execute(statement)
    ground.tell(f"  {count:,} people after multiplying")


def _multiply(model: type[models.Model], changed: dict[str, str]) -> str:
    table, columns = model._meta.db_table, [str(field.column) for field in model._meta.local_concrete_fields]
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} t, generate_series(1, %s) n"  # noqa: S608


def _lay_open(people: Sequence[Insurant]) -> None:
    """Two of three are under way, half of those at the post office; the others choose after a failure."""
    running = cases_of(people, CaseState.IDENTIFYING)
    attempts = []
    for place, case in enumerate(running):
        method = POST_OFFICE if place % 2 else EID
        case.method_id = method
        given: dict[str, Any] = {"method_id": method, "progress": PROGRESS[place % 3].value}
        if place % 3 == 2:
            case.state, case.end_reason = CaseState.CHOOSING, "pin_blocked" if place % 7 == 0 else "cancelled"
            given |= {"state": AttemptState.FAILED, "decided_at": timezone.now()}
        attempts.append(attempt_of(case, **given))
    copy_new(running)
    copy_new(attempts)


def _lay_identified(people: Sequence[Insurant]) -> None:
    closed_at = timezone.now() - timedelta(days=1)
    cases = cases_of(people, CaseState.IDENTIFIED, closed_at=closed_at, method_id=POST_OFFICE)
    given = {"state": AttemptState.SUCCEEDED, "decided_at": closed_at}
    attempts = [attempt_of(case, **given) for case in cases]
    copy_new(cases)
    copy_new(attempts)
    copy_new([_result(attempt) for attempt in attempts])


def _result(attempt: Attempt) -> Result:
    at = timezone.now()
    return Result(
        attempt=attempt, case=attempt.case, method_used=attempt.method_id, document_type="id_card",
        document_country="DEU", document_expires_on=date(2031, 1, 1), identified_at=at, received_at=at, granted_at=at,
        person={}, verdict="match", level_reached=3,
    )  # fmt: skip
