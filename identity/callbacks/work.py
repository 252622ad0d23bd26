"""Working off the inbox: claim, fetch with no transaction open, settle in one.

Effect exactly once: the rows are locked, the case's row lock covers its attempts, the tables of moves make a repeat
harmless, and audit and messages are written in the same transaction. A worker that dies leaves a claim that runs out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.bulk import write_changed
from core.errors import Never, OutsideError, TryAgain
from core.scrub import holds_personal_data
from identity.callbacks.models import InboxEntry
from identity.callbacks.services import note_hint
from identity.callbacks.states import EntryState, Origin, check_entry_move
from identity.cases.evidence import person_hashes
from identity.cases.models import Attempt, AttemptQuerySet, IdentificationCase
from identity.cases.services.moving import Trail
from identity.cases.services.settling import News, Settlement, known_persons, settle
from identity.cases.states import OPEN_CASE, AttemptState
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Method
from identity.providers.ports import ProviderCase
from identity.providers.registry import provider_named

log = structlog.get_logger(__name__)

BATCH = 100  # cases settled in one transaction; half as many cost a sixth more each, twice as many nothing less
AT_ONCE = 16  # fetches that wait for the provider side by side
TRIES = 12
METHOD_MAX = 30  # characters that a result has room for
UNREADABLE_METHOD = "unreadable_method"
LONGEST_PAUSE_SECONDS = 6 * 3600
ENTRY_FIELDS = ["state", "worked_hints", "tries", "problem", "next_try_at", "claimed_until"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An entry as claimed, and what the provider answered."""

    entry_id: int
    hints: int
    answer: ProviderCase | OutsideError


def work_inbox(*, batches: int = 20) -> int:
    """Work off what is due, `batches` batches at most; return how many entries were looked at."""
    worked = 0
    for _ in range(batches):
        entries = claim()
        if not entries:
            break
        settle_fetched(fetch(entries))
        worked += len(entries)
    return worked


@transaction.atomic
def claim(limit: int = BATCH) -> list[InboxEntry]:
    """Take due entries that nobody holds. The claim only saves work; what is right is decided under the locks."""
    due = list(InboxEntry.objects.due().select_for_update(skip_locked=True)[:limit])
    until = timezone.now() + timedelta(seconds=settings.INBOX_CLAIM_SECONDS)
    InboxEntry.objects.filter(pk__in=[entry.pk for entry in due]).update(claimed_until=until)
    return due


def fetch(entries: Sequence[InboxEntry]) -> list[Fetched]:
    """Ask the provider about each entry, several at a time. No transaction is open."""
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(entries))) as pool:
        return list(pool.map(_fetch_one, entries))


def _fetch_one(entry: InboxEntry) -> Fetched:
    answer: ProviderCase | OutsideError
    try:
        answer = _taken(provider_named(entry.provider).fetch(entry.contract, entry.provider_case_id))
    except OutsideError as error:
        answer = error
    except Exception:
        log.exception("inbox_fetch_broke", entry=entry.pk)
        answer = TryAgain("adapter_broke")
    return Fetched(entry.pk, entry.hints, answer)


def _taken(answer: ProviderCase) -> ProviderCase | OutsideError:
    """A method whose name cannot be written down leaves the answer to a person; one that we do not know is no such."""
    names = [each.method for each in answer.identifications]
    odd = [name for name in names if not name.isprintable() or len(name) > METHOD_MAX or holds_personal_data(name)]
    return Never(UNREADABLE_METHOD) if odd else answer


def settle_fetched(fetched: Sequence[Fetched]) -> None:
    """Settle a batch in one transaction; if that breaks, each by itself, so that one bad row holds up nobody."""
    try:
        _settle_batch(fetched)
    except Exception as error:
        if len(fetched) == 1:
            log.exception("inbox_entry_broke", entry=fetched[0].entry_id)
            _postpone_broken(fetched[0])
            return
        log.warning("inbox_batch_broke", size=len(fetched), error=type(error).__name__)
        for each in fetched:
            settle_fetched([each])


@transaction.atomic
def _settle_batch(fetched: Sequence[Fetched]) -> None:
    answers = {each.entry_id: each for each in fetched}
    entries = list(InboxEntry.objects.select_for_update().filter(pk__in=answers).order_by("pk"))
    facts = {e.pk: a for e in entries if isinstance(a := answers[e.pk].answer, ProviderCase)}
    attempts = _locked_attempts(entries, facts)
    news = {pk: News(attempt, facts[pk]) for pk, attempt in attempts.items() if attempt.state != AttemptState.INTENDED}
    settlement = Settlement(
        Trail(Actor(ActorKind.PROVIDER, entries[0].provider if entries else "")),
        Method.objects.in_bulk(),
        known_persons(_hashes(news.values())),
    )
    settle(list(news.values()), _rulings(list(news.values())), settlement)
    now = timezone.now()
    for entry in entries:
        _close(entry, answers[entry.pk], attempts.get(entry.pk), now)
    write_changed(entries, ENTRY_FIELDS)
    settlement.write()


def _locked_attempts(entries: Sequence[InboxEntry], facts: dict[int, ProviderCase]) -> dict[int, Attempt]:
    """Return the attempt each entry is about, with the rows of their cases locked in one order.

    Bound by our own reference alone, or by the provider's number where it gives no reference. A number that the
    provider uses again for somebody else has another reference and so finds nothing.
    """
    wanted = [answer.reference for answer in facts.values() if answer.reference]
    numbers = [answer.provider_case_id for answer in facts.values() if not answer.reference]
    found = Attempt.objects.filter(reference__in=wanted) | Attempt.objects.filter(provider_case_id__in=numbers)
    case_ids = set(found.values_list("case_id", flat=True))
    locked = IdentificationCase.objects.select_for_update(of=("self",)).filter(pk__in=case_ids).order_by("pk")
    cases = {case.pk: case for case in locked.select_related("insurant", "insurant__account", "insurer")}
    rows = list(Attempt.objects.filter(case__in=cases).select_related("method").order_by("intended_at"))
    for row in rows:
        row.case = cases[row.case_id]
    by_reference = {row.reference: row for row in rows}
    by_number = {(row.provider, row.provider_case_id): row for row in rows if row.provider_case_id}
    attempts: dict[int, Attempt] = {}
    for entry in entries:
        if answer := facts.get(entry.pk):
            number = None if answer.reference else by_number.get((entry.provider, answer.provider_case_id))
            if attempt := by_reference.get(answer.reference) or number:
                attempts[entry.pk] = attempt
    return attempts


def _hashes(news: Iterable[News]) -> list[bytes]:
    documents = [each.success.document for each in news if each.success]
    return [found for document in documents for found in person_hashes(document)]


def _rulings(news: Sequence[News]) -> list[Ruling | None]:
    """Ask the gate about every success, in one go and under its lock."""
    questions = [each.question() for each in news]
    asked = [question for question in questions if question is not None]
    rulings = iter(decide_all(asked) if asked else [])
    return [next(rulings) if question is not None else None for question in questions]


def _close(entry: InboxEntry, fetched: Fetched, attempt: Attempt | None, now: datetime) -> None:
    """Write down how an entry stands after this try."""
    entry.claimed_until = None
    match fetched.answer:
        case TryAgain() as error:
            _postpone(entry, error.code, now, error.after_seconds)
        case Never(code="unknown_case") if not _is_ours(entry):
            _finish(entry, fetched, "unknown_at_provider")  # forged or long deleted: nobody need look at it
        case Never(code=code) if code == UNREADABLE_METHOD:
            _move(entry, EntryState.FOR_PERSON, code)
        case Never() as error:
            _move(entry, EntryState.DEAD, error.code)
        case _ if attempt is None:
            _move(entry, EntryState.FOR_PERSON, "matches_no_attempt")
        case _ if attempt.state == AttemptState.INTENDED:
            _postpone(entry, "start_not_written_yet", now, 5)
        case _:
            _finish(entry, fetched, "")


def _is_ours(entry: InboxEntry) -> bool:
    return Attempt.objects.filter(provider=entry.provider, provider_case_id=entry.provider_case_id).exists()


def _finish(entry: InboxEntry, fetched: Fetched, problem: str) -> None:
    """Done, unless a hint came while we were asking: what it is about may be newer than our answer."""
    entry.tries, entry.problem, entry.worked_hints = 0, problem, fetched.hints
    if entry.hints == fetched.hints:
        _move(entry, EntryState.DONE, problem)


def _postpone(entry: InboxEntry, problem: str, now: datetime, after_seconds: int | None) -> None:
    entry.tries += 1
    if entry.tries >= TRIES:
        _move(entry, EntryState.DEAD, problem)
        return
    pause = min(2.0**entry.tries, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311 (jitter)
    entry.next_try_at = now + timedelta(seconds=max(pause, after_seconds or 0))
    _move(entry, EntryState.WAITING, problem)


def _move(entry: InboxEntry, target: EntryState, problem: str) -> None:
    check_entry_move(EntryState(entry.state), target)
    entry.state, entry.problem = target, problem


@transaction.atomic
def _postpone_broken(fetched: Fetched) -> None:
    """Our own code broke on this entry: later again, then given up with that reason, never taken for an answer."""
    entry = InboxEntry.objects.select_for_update().get(pk=fetched.entry_id)
    if entry.state in (EntryState.RECEIVED, EntryState.WAITING):
        entry.claimed_until = None
        _postpone(entry, "our_own_error", timezone.now(), None)
        entry.save(update_fields=ENTRY_FIELDS)


def poll_silent_attempts(now: datetime | None = None, *, limit: int = 500) -> int:
    """Ask about attempts that nothing was heard of for too long (C5); return how many. Safe to run twice at once."""
    now = now or timezone.now()
    silent = now - timedelta(minutes=settings.POLL_SILENT_MINUTES)
    with transaction.atomic():
        attempts = list(_silent(silent, now).select_for_update(of=("self",), skip_locked=True)[:limit])
        for attempt in attempts:
            note_hint(attempt.provider, attempt.method_id, attempt.provider_case_id, attempt.reference, Origin.POLL)
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(asked_at=now)
    return len(attempts)


def _silent(silent: datetime, now: datetime) -> AttemptQuerySet:
    """Running attempts every hour or so, expired ones daily as long as their late result could be offered.

    A failed one runs on while its case is open: at the provider a success may follow a failure.
    """
    unheard = Q(asked_at__lte=silent) | Q(asked_at__isnull=True, started_at__lte=silent)
    failed = Q(state=AttemptState.FAILED, valid_until__gt=now, case__state__in=OPEN_CASE)
    running = (Q(state=AttemptState.STARTED) | failed) & unheard
    day_ago, last = now - timedelta(days=1), now - timedelta(days=settings.LATE_OFFER_DAYS)
    over = Q(state=AttemptState.EXPIRED, valid_until__gt=last) & (Q(asked_at__lte=day_ago) | Q(asked_at__isnull=True))
    return Attempt.objects.filter(running | over).order_by("pk")
