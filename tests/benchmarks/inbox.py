"""Working off the inbox: cases a second, claimed, judged, moved, audited, told and committed; without the fetch.

Two processes do what the workers do, with the provider's answers prepared: `claim`, then `settle_fetched`. Each case
ends identified: a result with its sealed person, three audit events, a mail in the outbox, the news to the ePA room.
Counted: cases identified in the database afterwards, with exactly one result and one message each.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from core.bulk import copy_new
from core.models import AuditEvent, OutgoingMessage
from identity.callbacks import work
from identity.callbacks.models import InboxEntry
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import CaseState
from identity.members.models import Insurant
from identity.providers.ports import DocumentFacts, Progress, ProviderCase, ProviderIdentification
from tests.benchmarks.figures import Aim, Bar, Findings, number, spread
from tests.benchmarks.filling import attempt_of, cases_of, lay_people
from tests.benchmarks.ground import Ground
from tests.benchmarks.machine import cpu_seconds

PROCESSES = 2
AIM = 1_500.0  # cases a second


class Turn(NamedTuple):
    """One round: cases a second, and what each cost of processor time."""

    per_second: float
    worker_cpu_us: float
    database_cpu_us: float

    @property
    def bound(self) -> float:
        """Cases a second if both cores did nothing else: neighbours disturb this the least."""
        return 2e6 / (self.worker_cpu_us + self.database_cpu_us)


def measure(ground: Ground) -> Findings:
    """Work off the inbox several times; each time other cases."""
    rounds, cases = ground.size(long=(7, 10_000), short=(3, 1_500), tiny=(1, 50))
    measure_round(ground, min(300, cases))
    turns = []
    for number_of_round in range(rounds):
        turns.append(measure_round(ground, cases))
        ground.tell(f"  round {number_of_round + 1} of {rounds}: {number(turns[-1].per_second)} a second")
    rate, bound = (median(getattr(turn, what) for turn in turns) for what in ("per_second", "bound"))
    measured = [[getattr(turn, name) for turn in turns] for name in Turn._fields]
    return Findings(
        part="inbox",
        title="Working off the inbox, without the provider's fetch",
        head=[
            "cases a second: median (range)",
            "CPU µs workers",
            "CPU µs PostgreSQL",
            "two cores to itself",
        ],
        rows=[[*map(spread, measured), number(bound)]],
        aims=[Aim("cases a second", rate, AIM, loosely=0.2)],
        notes=[
            f"{rounds} rounds of {cases:,} cases, {PROCESSES} processes, batches of {work.BATCH}.",
            "Two cores to itself: 2 seconds of processor time, divided by what a case costs.",
        ],
        bars=[Bar("two cores", rate, ours=True), Bar("aim", AIM)],
        bar_title="Cases a second",
    )


def measure_round(ground: Ground, cases: int) -> Turn:
    """Lay cases that wait for their result, work them off, and count."""
    answers = _lay_waiting(cases)
    context = multiprocessing.get_context("fork")
    start, reports = context.Barrier(PROCESSES + 1), context.Queue()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as it is with tables that were not filled a moment ago
        cursor.execute("CHECKPOINT")
    before = _counts()
    connection.close()
    workers = [context.Process(target=_work, args=(answers, start, reports)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    start.wait()
    began, database = time.perf_counter(), cpu_seconds(ground.database_pid)
    spent = sum(reports.get(timeout=600) for _ in workers)
    seconds = time.perf_counter() - began
    database = cpu_seconds(ground.database_pid) - database
    for worker in workers:
        worker.join()
    done = {name: count - before[name] for name, count in _counts().items()}
    wrong = {name: count for name, count in done.items() if count != cases * (3 if name == "events" else 1)}
    if wrong:
        raise AssertionError(f"{cases} cases, but {wrong}")
    return Turn(cases / seconds, spent / cases * 1e6, database / cases * 1e6)


def _counts() -> dict[str, int]:
    return {
        "identified": IdentificationCase.objects.filter(state=CaseState.IDENTIFIED).count(),
        "granted": Result.objects.filter(granted_at__isnull=False).count(),
        "done": InboxEntry.objects.filter(state="done").count(),
        "messages": OutgoingMessage.objects.count(),
        "events": AuditEvent.objects.count(),
    }


def _work(answers: Mapping[str, ProviderCase], start: Any, reports: Any) -> None:
    """What a worker does, in a process of its own."""
    list(Insurant.objects.all()[:1])  # connected, and warm
    start.wait()
    began = time.process_time()
    while entries := work.claim():
        work.settle_fetched([work.Fetched(each.pk, each.hints, answers[each.provider_case_id]) for each in entries])
    reports.put(time.process_time() - began)


@transaction.atomic
def _lay_waiting(count: int) -> dict[str, ProviderCase]:
    """Lay cases under way with a hint each; return what the provider says about them: success, the same person."""
    people = lay_people(count)
    cases = cases_of(people, CaseState.IDENTIFYING, method_id="postident_branch")
    attempts = [attempt_of(case) for case in cases]
    copy_new(cases)
    copy_new(attempts)
    copy_new([_hint(attempt) for attempt in attempts])
    return {attempt.provider_case_id: _success(attempt) for attempt in attempts}


def _hint(attempt: Attempt) -> InboxEntry:
    now = timezone.now()
    return InboxEntry(
        provider="postident",
        contract=attempt.method_id,
        provider_case_id=attempt.provider_case_id,
        reference=attempt.reference,
        origin="callback",
        first_received_at=now,
        last_received_at=now,
        next_try_at=now,
    )


def _success(attempt: Attempt) -> ProviderCase:
    person = attempt.case.insurant
    document = DocumentFacts(
        document_type="id_card",
        country="DEU",
        expires_on=date(2031, 1, 1),
        given_names=person.given_names,
        family_name=person.family_name.upper(),  # as documents are read
        birth_name="",
        birth_date=person.birth_date,
        birth_place="Berlin",
        nationality="DEU",
        address=None,
    )
    now = timezone.now()
    success = ProviderIdentification("postident_branch", Progress.SUCCESS, now, now, document=document)
    return ProviderCase(attempt.provider_case_id, attempt.reference, attempt.valid_until, (success,))
