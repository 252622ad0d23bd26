"""Callbacks stored and acknowledged a second, against four others that do the same, by turns in one run.

    pgbench        the same statement, prepared, 16 clients: what PostgreSQL gives without anybody's application
    bare           a WSGI function and psycopg
    plain Django   a view with a cursor and all middleware of the project
    dj-stripe      its webhook endpoint with the signature check, in an environment of its own, the usual middleware;
                   an event that nothing has to be done about, so that it stores (its trigger and its event) and answers

All on the same PostgreSQL (fsync and synchronous_commit on), granian with 2 processes of 4 threads, 16 connections
that are kept alive. Before each turn the tables are emptied and a checkpoint is made. Counted is what was
acknowledged with 2xx and is in the table afterwards; a difference between the two ends the run.
"""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

import psycopg

from tests.benchmarks.figures import Aim, Bar, Findings, number, spread
from tests.benchmarks.ground import ROOT, Ground, Scale, Server
from tests.benchmarks.load import a_post, drive
from tests.benchmarks.machine import cpu_seconds
from tests.benchmarks.rivals import djstripe

CONNECTIONS = 16
AIM_BARE, AIM_DJSTRIPE = 0.5, 9.0
INBOX, RIVALS = "identity_inboxentry", "tests.benchmarks.rivals"
OURS, BARE, PLAIN, DJSTRIPE, PGBENCH = "Vorweis", "bare WSGI and psycopg", "plain Django view", "dj-stripe", "pgbench"


@dataclass
class Turn:
    """One candidate in one round."""

    per_second: float
    server_cpu_us: float
    database_cpu_us: float
    generator_share: float


@dataclass
class Candidate:
    name: str
    take: Callable[[float], Turn]
    turns: list[Turn] = field(default_factory=list)

    def median(self, what: str) -> float:
        """Return the middle of one column of its turns."""
        return float(median(getattr(turn, what) for turn in self.turns))


def measure(ground: Ground) -> Findings:
    """Run all by turns."""
    rounds, seconds = ground.size(long=(9, 5.0), short=(3, 1.5), tiny=(1, 0.3))
    with candidates(ground) as runners:
        for each in runners:
            each.take(0.5)  # connected, imported, prepared
        for number_of_round in range(rounds):
            for each in runners[number_of_round % len(runners) :] + runners[: number_of_round % len(runners)]:
                each.turns.append(each.take(seconds))
            ground.tell(f"  round {number_of_round + 1} of {rounds}: " + _said(runners))
    return _findings(runners, rounds, seconds)


def _said(runners: list[Candidate]) -> str:
    return ", ".join(f"{each.name} {number(each.turns[-1].per_second)}" for each in runners)


@contextmanager
def candidates(ground: Ground) -> Iterator[list[Candidate]]:
    """Start everybody; who waits for their turn costs nothing."""
    from django.conf import settings

    from identity.callbacks.storing import UPSERT
    from identity.providers.postident.callback import token_for

    token = token_for("postident_branch", settings.CALLBACK_SECRET)
    statement = {"STATEMENT": UPSERT, "TOKEN": token}
    plain = {"DJANGO_SETTINGS_MODULE": f"{RIVALS}.plain_settings", "TOKEN": token}
    ours = _hints(token)
    with ExitStack() as stack, psycopg.connect(ground.postgres.url("vorweis"), autocommit=True) as database:
        web = stack.enter_context(ground.serving("web"))
        bare = stack.enter_context(ground.serving("bare", f"{RIVALS}.bare:application", environment=statement))
        view = stack.enter_context(ground.serving("plain", f"{RIVALS}.plain:application", environment=plain))
        runners = [
            Candidate(PGBENCH, lambda seconds: _pgbench(ground, database, UPSERT, seconds)),
            Candidate(BARE, lambda seconds: _turn(ground, database, INBOX, bare, ours, seconds)),
            Candidate(OURS, lambda seconds: _turn(ground, database, INBOX, web, ours, seconds)),
            Candidate(PLAIN, lambda seconds: _turn(ground, database, INBOX, view, ours, seconds)),
        ]
        if ground.scale is not Scale.TINY:
            runners.append(_djstripe(ground, stack))
        yield runners
        _empty(database, INBOX)


def _djstripe(ground: Ground, stack: ExitStack) -> Candidate:
    server, events = stack.enter_context(djstripe.serving(ground))
    theirs = stack.enter_context(psycopg.connect(ground.postgres.url(djstripe.DATABASE), autocommit=True))
    return Candidate(DJSTRIPE, lambda seconds: _turn(ground, theirs, djstripe.TABLE, server, events, seconds))


def _hints(token: str) -> Callable[[], bytes]:
    """Return a maker of callbacks, each about another case."""
    numbers = itertools.count(1)

    def make() -> bytes:
        key = next(numbers)
        body = b'{"caseId":"T%011d","referenceId":"R%013d"}' % (key, key)
        return a_post(f"/callbacks/postident/{token}", body)

    return make


def _turn(
    ground: Ground,
    database: psycopg.Connection,
    table: str,
    server: Server,
    make: Callable[[], bytes],
    seconds: float,
) -> Turn:
    _empty(database, table)
    served, stored = cpu_seconds(server.pid), cpu_seconds(ground.database_pid)
    answers = drive(server.port, make, connections=CONNECTIONS, seconds=seconds)
    served, stored = cpu_seconds(server.pid) - served, cpu_seconds(ground.database_pid) - stored
    kept = _rows(database, table)
    if kept != answers.acknowledged or set(answers.statuses) - {200, 204}:
        raise AssertionError(f"{server.name}: {dict(answers.statuses)} answered, {kept} in the table")
    per_request = 1e6 / kept
    return Turn(
        kept / answers.seconds,
        served * per_request,
        stored * per_request,
        answers.own_cpu_seconds / answers.seconds,
    )


def _empty(database: psycopg.Connection, table: str) -> None:
    """The same start for everybody: an empty table, and nothing left to write."""
    database.execute(f"TRUNCATE {table} CASCADE".encode())
    database.execute("CHECKPOINT")


def _rows(database: psycopg.Connection, table: str) -> int:
    return _number(database, f"SELECT count(*) FROM {table}")  # noqa: S608


def _number(database: psycopg.Connection, query: str) -> int:
    found = database.execute(query.encode()).fetchone()
    return int(found[0]) if found else 0


def _pgbench(ground: Ground, database: psycopg.Connection, statement: str, seconds: float) -> Turn:
    """pgbench takes whole seconds; its threads' own time is the generator's share."""
    script = ground.home / "hint.sql"
    case, reference = "'T' || lpad((:n)::bigint::text, 11, '0')", "'R' || lpad((:n)::bigint::text, 13, '0')"
    values = statement % ("'postident'", "'postident_branch'", case, reference, "'callback'")
    script.write_text(f"\\set n random(1, 99999999999)\n{values.strip()};\n")
    whole = max(1, round(seconds))
    command = [ground.postgres.bin / "pgbench", "-n", "-M", "prepared", "-c", CONNECTIONS, "-j", 2, "-T", whole]
    command += ["-f", script, "-h", ground.postgres.socket, "-U", "postgres", "vorweis"]
    _empty(database, INBOX)
    stored, began = cpu_seconds(ground.database_pid), time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, cwd=ROOT)
    elapsed = time.perf_counter() - began
    stored = cpu_seconds(ground.database_pid) - stored
    said = {line.split(":")[0].strip(): line for line in done.stdout.splitlines()}
    kept = _number(database, f"SELECT coalesce(sum(hints), 0) FROM {INBOX}")  # noqa: S608
    told = int(said["number of transactions actually processed"].split(":")[1].split("/")[0])
    if kept < told:
        raise AssertionError(f"pgbench: {told} confirmed, {kept} in the table")
    rate = next(float(line.split("=")[1].split()[0]) for line in done.stdout.splitlines() if line.startswith("tps"))
    return Turn(rate, 0.0, stored / kept * 1e6, elapsed / whole - 1)


def _findings(runners: list[Candidate], rounds: int, seconds: float) -> Findings:
    by_name = {each.name: each for each in runners}
    ours = by_name[OURS]
    rows = [
        [
            each.name,
            spread([turn.per_second for turn in each.turns]),
            number(_ratio(ours, each)) if each is not ours else "1",
            number(each.median("server_cpu_us")) if each.name != PGBENCH else "–",
            number(each.median("database_cpu_us")),
        ]
        for each in runners
    ]
    busy = max(turn.generator_share for name in (OURS, BARE) for turn in by_name[name].turns)
    return Findings(
        part="intake",
        title="Callback intake: stored and acknowledged",
        head=["", "a second: median (range)", "Vorweis against it", "CPU µs server", "CPU µs PostgreSQL"],
        rows=rows,
        aims=[
            Aim("against a bare WSGI application", _ratio(ours, by_name[BARE]), AIM_BARE, "times"),
            *(
                Aim("against dj-stripe's endpoint", _ratio(ours, theirs), AIM_DJSTRIPE, "times")
                for theirs in runners
                if theirs.name == DJSTRIPE
            ),
        ],
        notes=[
            f"{rounds} rounds of {seconds:g} s each, by turns; 0 callbacks acknowledged and not stored.",
            f"The load generator used {busy:.0%} of one core at most.",
        ],
        bars=[Bar(each.name, each.median("per_second"), each is ours) for each in runners],
        bar_title="Callbacks a second, stored and acknowledged",
    )


def _ratio(ours: Candidate, other: Candidate) -> float:
    """The median of the ratios within each round: what disturbs the machine disturbs both."""
    return median(mine.per_second / its.per_second for mine, its in zip(ours.turns, other.turns, strict=True))
