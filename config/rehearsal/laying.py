"""The morning: people of the demo generator with a case each, in every state, laid by COPY.

What was laid is kept in a table of its own (`rehearsal_laid`), which the ledger compares with later.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from config.rehearsal.provider import VALID_DAYS, Book, Known, Shown
from core.accounts.models import Account
from core.bulk import copy_new
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.states import AttemptState, CaseState
from identity.matching.births import age_on
from identity.members.demo_people import DemoPerson, demo_people
from identity.members.insurers import demo_areas, seed_insurers
from identity.members.kvnr import check_digit
from identity.members.models import Address, Insurant, Insurer
from identity.methods.choices import AssuranceLevel, Purpose

A, C = AttemptState, CaseState
METHOD: Final = "postident_branch"
OTHER: Final = "postident_eid"
AT_ONCE: Final = 5_000
KINDS: Final = {  # of a hundred
    "choosing": 14,
    "started": 32,
    "failed": 8,
    "in_review": 8,
    "offered": 6,
    "identified": 7,  # since the moment that an order with the effect void names
    "identified_long_ago": 5,  # before it
    "elsewhere": 10,  # with another method
    "both": 6,
    "unreached": 4,
}
DIFFERENCES: Final = ["family_name_differs"]
RECENTLY, LONG_AGO, VOID_BEFORE = timedelta(hours=1), timedelta(hours=3), timedelta(hours=2)
TABLE = """
CREATE TABLE IF NOT EXISTS rehearsal_laid (
    case_id bigint PRIMARY KEY, round text NOT NULL, kind text NOT NULL, expires_at timestamptz NOT NULL,
    offered_until timestamptz, touched boolean NOT NULL DEFAULT false
)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the morning, as the traffic needs them."""

    account_id: int
    case_id: int
    case: UUID
    kind: str
    attempt: UUID | None
    number: str
    reference: str


@dataclass
class Rows:
    """Rows of one piece, not yet laid."""

    accounts: list[Account] = field(default_factory=list)
    insurants: list[Insurant] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    cases: list[IdentificationCase] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def lay(self, book: Book, round_name: str) -> None:
        for rows in (self.accounts, self.insurants, self.addresses, self.cases, self.attempts, self.results):
            copy_new(rows)
        copy_new(self.reviews)
        book.write(self.known)
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY rehearsal_laid (case_id, round, kind, expires_at, offered_until) FROM STDIN") as out,
        ):
            for case, kind in zip(self.cases, self.kinds, strict=True):
                out.write_row([case.pk, round_name, kind, case.expires_at, case.offered_until])


def grown_ups(count: int, seed: int) -> Iterator[DemoPerson]:
    """Return people who may choose among all ways: insured today, sixteen or older, with a whole birth date."""
    today = timezone.localdate()
    people = demo_people(10 * count + 100, seed, iks=demo_areas(), today=today)
    return itertools.islice((each for each in people if _may(each, today)), count)


def _may(person: DemoPerson, today: date) -> bool:
    whole = "-00" not in person.birth_date
    insured = person.died_on is None and person.member_from <= today and not person.member_to
    return whole and insured and age_on(date.fromisoformat(person.birth_date), today) >= 16


def lay(
    count: int, *, seed: int, start: int, round_name: str, book: Book, tell: Callable[[int], object]
) -> list[Person]:
    """Lay `count` people and their cases; `start` numbers those of earlier rounds. Tells how many are done."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    seed_insurers()
    insurers = {each.ik: each for each in Insurer.objects.all()}
    chance, laid = Random(seed), []  # noqa: S311 (nothing secret here)
    people = grown_ups(count, seed)
    while piece := list(itertools.islice(people, AT_ONCE)):
        rows = Rows()
        with transaction.atomic():
            keys = zip(_keys(Account, len(piece)), _keys(IdentificationCase, len(piece)), piece, strict=True)
            for account_key, case_key, person in keys:
                kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
                account = Account(pk=account_key, email=f"person{account_key}@example.org", password="!")  # noqa: S106
                laid.append(_lay_one(rows, person, account, case_key, kind, insurers[person.ik], start))
                start += 1
            rows.lay(book, round_name)
        tell(len(piece))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return laid


def _keys(model: type[models.Model], count: int) -> range:
    """Return keys for so many rows, and move the table's counter behind them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        first = int((cursor.fetchone() or (1,))[0])
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [model._meta.db_table, first + count])
    return range(first, first + count)


def _lay_one(
    rows: Rows, person: DemoPerson, account: Account, case_key: int, kind: str, insurer: Insurer, number: int
) -> Person:
    insurant = _insurant(person, account, insurer, number)
    case = _case(case_key, insurant, kind)
    shown = Shown(
        person.given_names, f"{person.name_prefix} {person.family_name}".strip(), person.birth_name, person.birth_date,
        f"Ort {number}",
    )  # fmt: skip
    attempts = _attempts(case, kind, number)
    rows.accounts.append(account)
    rows.insurants.append(insurant)
    rows.addresses.append(
        Address(
            insurant=insurant, street=person.street, house_number=person.house_number, postcode=person.postcode,
            city=person.city, valid_from=person.address_valid_from,
        )
    )  # fmt: skip
    rows.cases.append(case)
    rows.kinds.append(kind)
    rows.attempts += attempts
    if kind in RESULTS:
        rows.results.append(_result(case, attempts[0], kind))
    if kind == "in_review":
        rows.reviews.append(
            Review(case=case, attempt=attempts[0], kind="difference", differences=["family_name_differs"])
        )
    rows.known += [
        Known(each.provider_case_id, each.reference, each.method_id, each.valid_until, shown)
        for each in attempts
        if each.valid_until
    ]
    first = attempts[0] if attempts else None
    return Person(
        int(account.pk), case_key, case.public_id, kind, first.pk if first else None,
        first.provider_case_id if first else "", first.reference if first else "",
    )  # fmt: skip


def _insurant(person: DemoPerson, account: Account, insurer: Insurer, number: int) -> Insurant:
    stem = f"R{number:08d}"
    return Insurant(
        account=account, insurer=insurer, kvnr=f"{stem}{check_digit(stem)}", given_names=person.given_names,
        family_name=person.family_name, name_prefix=person.name_prefix, title=person.title,
        birth_name=person.birth_name, birth_date=person.birth_date, member_from=person.member_from,
    )  # fmt: skip


STATES: Final = {
    "choosing": C.CHOOSING, "started": C.IDENTIFYING, "failed": C.CHOOSING, "in_review": C.IN_REVIEW,
    "offered": C.OFFERED, "identified": C.IDENTIFIED, "identified_long_ago": C.IDENTIFIED, "elsewhere": C.IDENTIFYING,
    "both": C.IDENTIFYING, "unreached": C.CHOOSING,
}  # fmt: skip
ATTEMPTS: Final = {
    "started": [(METHOD, A.STARTED)],
    "failed": [(METHOD, A.FAILED)],
    "in_review": [(METHOD, A.SUCCEEDED)],
    "offered": [(METHOD, A.LATE)],
    "identified": [(METHOD, A.SUCCEEDED)],
    "identified_long_ago": [(METHOD, A.SUCCEEDED)],
    "elsewhere": [(OTHER, A.STARTED)],
    "both": [(METHOD, A.STARTED), (OTHER, A.STARTED)],
    "unreached": [(METHOD, A.UNREACHED)],
}
RESULTS: Final = ("in_review", "offered", "identified", "identified_long_ago")


def _case(key: int, insurant: Insurant, kind: str) -> IdentificationCase:
    now, state = timezone.now(), STATES[kind]
    return IdentificationCase(
        pk=key, insurant=insurant, insurer_id=insurant.insurer_id, purpose=Purpose.EPA,
        level_demanded=AssuranceLevel.HIGH, state=state, declared_at=now, expires_at=now + timedelta(days=60),
        method_id={"choosing": None, "elsewhere": OTHER}.get(kind, METHOD),
        offered_until=now + timedelta(days=VALID_DAYS) if state == C.OFFERED else None,
        closed_at=now if state in (C.OFFERED, C.IDENTIFIED) else None,
        end_reason="document_mismatch" if kind == "failed" else "",
    )  # fmt: skip


def _attempts(case: IdentificationCase, kind: str, number: int) -> list[Attempt]:
    made = []
    for place, (method, state) in enumerate(ATTEMPTS.get(kind, [])):
        began, reached = timezone.now(), state != A.UNREACHED
        given: dict[str, Any] = {"reason": "provider_away"}
        if reached:
            given = {
                "provider_case_id": f"{'ST'[place]}{number:011d}", "started_at": began, "progress": "started",
                "continue_url": f"https://provider.example/{'ST'[place]}{number}",
                "valid_until": began + timedelta(days=VALID_DAYS), "asked_at": began,
            }  # fmt: skip
        if state not in (A.STARTED, A.UNREACHED):
            given["decided_at"] = began
        made.append(Attempt(case=case, method_id=method, provider="postident", state=state, **given))
    return made


def _result(case: IdentificationCase, attempt: Attempt, kind: str) -> Result:
    now: datetime = timezone.now()
    granted = kind.startswith("identified")
    return Result(
        attempt=attempt, case=case, method_used=METHOD, document_type="id_card", document_country="DEU",
        identified_at=now - (LONG_AGO if kind == "identified_long_ago" else RECENTLY), received_at=now, person={},
        verdict="review" if kind == "in_review" else "match", level_reached=AssuranceLevel.HIGH,
        granted_at=now if granted else None, differences=DIFFERENCES if kind == "in_review" else [],
    )  # fmt: skip


def close_all(people: Sequence[Person]) -> None:
    """The people of a round go home: what is still open of theirs is cancelled, so that the next round begins fresh."""
    keys = [person.case_id for person in people]
    open_ones = IdentificationCase.objects.filter(pk__in=keys)
    now = timezone.now()
    open_ones.filter(state__in=[C.CHOOSING, C.IDENTIFYING, C.IN_REVIEW]).update(
        state=C.CANCELLED, closed_at=now, frozen_since=None
    )
    open_ones.filter(state=C.OFFERED).update(state=C.EXPIRED, frozen_since=None)
