"""Rows by the hundred thousand: model instances laid into their tables with COPY, sealed on the way."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM
from core.audit import Event, record_many
from core.bulk import copy_new
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import CaseState
from identity.members.kvnr import check_digit
from identity.members.models import Address, Card, Insurant, Insurer
from identity.methods.choices import AssuranceLevel, Purpose

GIVEN = ("Erika", "Jürgen", "Anna Lena", "Karl-Heinz", "Zoë", "Mehmet", "Sabine", "François", "Ilse", "Bjørn")
SYLLABLES = "bamineloruteschafakudösowelirätüno"  # two letters each
AT_ONCE = 5_000


def numbers_for(model: type[models.Model], count: int) -> range:
    """Return keys for that many rows, and move the table's counter behind them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        first: int = cursor.fetchone()[0]
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + count])
    return range(first, first + count)


def an_insurer() -> Insurer:
    given = {"name": "Muster-Krankenkasse Nord", "region": "north", "phone": "030 23125 100", "street": "Musterweg 1"}
    given |= {"postcode": "20095", "city": "Hamburg", "portal_url": "https://nord.muster.example"}
    return Insurer.objects.get_or_create(ik="109500969", defaults=given)[0]


def family_name(number: int) -> str:
    """Return a name that belongs to this number alone."""
    name = ""
    for _ in range(6):
        number, place = divmod(number, len(SYLLABLES) // 2)
        name += SYLLABLES[2 * place : 2 * place + 2]
    return name.capitalize()


def lay_people(count: int) -> list[Insurant]:
    """Lay insured people, each with an account, an address and a card; no two are alike."""
    insurer, people = an_insurer(), []
    for keys in _pieces(numbers_for(Account, count)):
        accounts = [Account(pk=key, email=f"person{key}@example.org", password="!") for key in keys]
        insurants = [_insurant(account, insurer) for account in accounts]
        copy_new(accounts)
        copy_new(insurants)
        copy_new([_address(each) for each in insurants])
        copy_new([_card(each, account.pk) for each, account in zip(insurants, accounts, strict=True)])
        people += insurants
    return people


def _insurant(account: Account, insurer: Insurer) -> Insurant:
    number = int(account.pk)
    stem = f"M{number:08d}"
    return Insurant(
        account=account,
        insurer=insurer,
        kvnr=f"{stem}{check_digit(stem)}",
        given_names=GIVEN[number % len(GIVEN)],
        family_name=family_name(number),
        birth_date=(date(1940, 1, 1) + timedelta(days=number % 22_000)).isoformat(),
        member_from=date(2015, 1, 1),
    )


def _address(insurant: Insurant) -> Address:
    given = {"street": "Heidestraße", "house_number": "17", "postcode": "51147", "city": "Köln"}
    return Address(insurant=insurant, valid_from=date(2015, 1, 1), **given)


def _card(insurant: Insurant, number: int) -> Card:
    iccsn = f"80276{number:015d}"
    return Card(insurant=insurant, iccsn=iccsn, nfc=True, issued_on=date(2023, 5, 1), state="active")


def cases_of(people: Sequence[Insurant], state: CaseState, **given: Any) -> list[IdentificationCase]:
    """Return one case a person, not yet laid."""
    now, keys = timezone.now(), numbers_for(IdentificationCase, len(people))
    usual: dict[str, Any] = {
        "purpose": Purpose.EPA,
        "level_demanded": AssuranceLevel.HIGH,
        "declared_at": now,
        "expires_at": now + timedelta(days=60),
    }
    return [
        IdentificationCase(pk=key, insurant=person, insurer_id=person.insurer_id, state=state, **usual | given)
        for key, person in zip(keys, people, strict=True)
    ]


def attempt_of(case: IdentificationCase, **given: Any) -> Attempt:
    """Return an attempt at a post office, not yet laid."""
    now = timezone.now()
    usual: dict[str, Any] = {
        "method_id": "postident_branch",
        "provider": "postident",
        "provider_case_id": _case_id(int(case.pk)),
        "continue_url": "https://provider.example/user/start/?caseId=M3FB00URX4A3",
        "state": "started",
        "started_at": now,
        "valid_until": now + timedelta(days=14),
    }
    return Attempt(case=case, **usual | given)


def _case_id(number: int) -> str:
    return f"T{number:011d}"


def tell_stories(cases: Iterable[tuple[IdentificationCase, Attempt]], decided: datetime | None) -> None:
    """Write the audit trail of cases with an attempt: opened, declared, started and, if decided, its end."""
    for piece in _pieces(list(cases)):
        record_many([event for case, attempt in piece for event in _story(case, attempt, decided)])


def _story(case: IdentificationCase, attempt: Attempt, decided: datetime | None) -> Iterator[Event]:
    facts = {"case_id": str(case.public_id), "method": attempt.method_id, "source": "intended", "reason": ""}
    yield Event("identity.case.opened", case, SYSTEM, {"purpose": "epa"})
    yield Event("identity.attempt.started", attempt, SYSTEM, facts)
    if decided:
        yield Event("identity.case.identified", case, SYSTEM, {"source": "identifying", "reason": ""})


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in itertools.count(0, AT_ONCE):
        piece = rows[start : start + AT_ONCE]
        if not piece:
            return
        yield piece
