"""Writing a batch of register rows down, in one transaction of the caller. New, changed, unchanged, refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, models
from django.utils import timezone

from core.bulk import copy_values
from core.encryption import lookup_candidates, lookup_hash
from core.encryption.fields import SealedField
from core.ids import uuid7
from identity.members.ages import age_class_of
from identity.members.models import Address, Card, CardStateChange, Insurant
from identity.members.register.rows import AddressRow, CardRow, RegisterRow

DIGEST = "register"  # purpose of the keyed hash of a whole row
SEALED = (
    "kvnr", "given_names", "family_name", "name_prefix", "title", "birth_name", "birth_date", "email",
    "representative_kvnr",
)  # fmt: skip
DATES = ("member_from", "member_to", "died_on")
PLACE = ("street", "house_number", "supplement", "postcode", "city", "country")
KEYS = "SELECT substring(%s::bytea FROM n * 32 + 1 FOR 32) FROM generate_series(0, %s - 1) n"
NOTED = "register_seen"  # temporary table: the numbers that this run has seen, so that memory does not grow with them


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds of an insured person, enough to see whether anything changed."""

    id: UUID
    digest: bytes | None


@dataclass(slots=True)
class Batch:
    """Rows with their line numbers, and what became of them."""

    insurers: Mapping[str, int]  # IK to primary key
    now: datetime
    new: list[RegisterRow] = field(default_factory=list)
    different: list[tuple[RegisterRow, UUID]] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[tuple[int, str, str]] = field(default_factory=list)  # line, code, field


class _Line(NamedTuple):
    number: int
    row: RegisterRow


def make_note_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{NOTED}")
        cursor.execute(f"CREATE TEMP TABLE {NOTED} (kvnr_hash bytea PRIMARY KEY)")


def drop_note_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{NOTED}")


def sort_out(lines: Sequence[tuple[int, RegisterRow]], batch: Batch) -> None:
    """Tell new, different and unchanged rows apart, and refuse what stood in the file before or takes others' cards."""
    known = _known(row for _, row in lines)
    first_seen = _not_seen_before(lines, batch)
    moved: list[tuple[_Line, Known | None]] = []
    for line in first_seen:
        person = known.get(line.row.kvnr)
        if person and person.digest in lookup_candidates(DIGEST, line.row.canonical()):
            batch.unchanged += 1
        else:
            moved.append((line, person))
    owners = _card_owners(line.row for line, _ in moved)
    for line, person in moved:
        me: UUID | str = person.id if person else line.row.kvnr
        if any(owners.setdefault(card.iccsn, me) != me for card in line.row.cards):
            batch.rejected.append((line.number, "card_of_another", "cards"))
        elif person:
            batch.different.append((line.row, person.id))
        else:
            batch.new.append(line.row)


def _not_seen_before(lines: Sequence[tuple[int, RegisterRow]], batch: Batch) -> list[_Line]:
    first: dict[bytes, _Line] = {}
    repeated: list[int] = []
    for number, row in lines:
        key = lookup_hash("kvnr", row.kvnr)
        if key in first:
            repeated.append(number)
        else:
            first[key] = _Line(number, row)
    noted = _select(f"INSERT INTO pg_temp.{NOTED} KEYS ON CONFLICT DO NOTHING RETURNING kvnr_hash", first)
    fresh = {bytes(key) for (key,) in noted}
    repeated += [line.number for key, line in first.items() if key not in fresh]
    batch.rejected += [(number, "kvnr_twice", "kvnr") for number in repeated]
    return [line for key, line in first.items() if key in fresh]


def _known(rows: Iterable[RegisterRow]) -> dict[str, Known]:
    by_hash = {key: row.kvnr for row in rows for key in lookup_candidates("kvnr", row.kvnr)}
    found = _select(
        "SELECT kvnr_hash, id, register_digest FROM identity_insurant WHERE kvnr_hash = ANY(ARRAY(KEYS))", by_hash
    )
    return {by_hash[bytes(key)]: Known(pk, digest and bytes(digest)) for key, pk, digest in found}


def _card_owners(rows: Iterable[RegisterRow]) -> dict[str, UUID | str]:
    """Return whose the cards are that are known already, by card number."""
    by_hash = {key: card.iccsn for row in rows for card in row.cards for key in lookup_candidates("iccsn", card.iccsn)}
    found = _select("SELECT iccsn_hash, insurant_id FROM identity_card WHERE iccsn_hash = ANY(ARRAY(KEYS))", by_hash)
    return {by_hash[bytes(key)]: owner for key, owner in found}


def _select(statement: str, keys: Collection[bytes]) -> list[tuple[Any, ...]]:
    """Run a statement that names KEYS, the keyed hashes given, as a query of one column.

    They travel as one value: an array of thousands would be written out element by element.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("KEYS", KEYS), [b"".join(keys), len(keys)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def sealed_fields(model: type[models.Model], names: Iterable[str]) -> list[SealedField[Any, Any]]:
    """Return the sealed columns with these names."""
    return [field for name in names if isinstance(field := model._meta.get_field(name), SealedField)]


def seal_all(fields: Iterable[SealedField[Any, Any]], thing: Any, key: UUID) -> list[bytes | None]:
    """Return the attributes of a thing that have the names of the columns, closed for the row with this key."""
    row = str(key)  # once, not once a column
    return [field.close(getattr(thing, field.name), row) for field in fields]


def add_new(rows: Sequence[RegisterRow], batch: Batch) -> None:
    """Insert people with their addresses and cards."""
    if not rows:
        return
    keyed = [(uuid7(), row) for row in rows]
    fields = sealed_fields(Insurant, SEALED)
    names = ("id", "public_id", "insurer", *SEALED, "kvnr_hash", "age_class", *DATES, "register_digest", "imported_at")
    today = timezone.localdate(batch.now)
    copy_values(
        Insurant,
        names,
        (
            (
                key, uuid4(), batch.insurers[row.ik],
                *seal_all(fields, row, key),
                lookup_hash("kvnr", row.kvnr), int(age_class_of(row.birth_date, today)),
                row.member_from, row.member_to, row.died_on,
                lookup_hash(DIGEST, row.canonical()), batch.now,
            )
            for key, row in keyed
        ),
    )  # fmt: skip
    add_addresses([(key, row.address) for key, row in keyed if row.address], batch.now)
    add_cards([(key, card) for key, row in keyed for card in row.cards], batch.now)


def add_addresses(addresses: Sequence[tuple[UUID, AddressRow]], now: datetime) -> None:
    """Insert addresses of people, given by key."""
    if not addresses:
        return
    fields = sealed_fields(Address, PLACE)

    def values() -> Iterable[Sequence[Any]]:
        for owner, address in addresses:
            key = uuid7()
            yield (key, owner, *seal_all(fields, address, key), address.valid_from, address.register_matched_on, now)

    copy_values(Address, ("id", "insurant", *PLACE, "valid_from", "register_matched_on", "recorded_at"), values())


def add_cards(cards: Sequence[tuple[UUID, CardRow]], now: datetime) -> None:
    """Insert cards of people, given by key, with the beginning of their history."""
    if not cards:
        return
    keyed = [(uuid7(), owner, card) for owner, card in cards]
    fields = sealed_fields(Card, ("iccsn",))
    copy_values(
        Card,
        ("id", "insurant", "iccsn", "iccsn_hash", "nfc", "issued_on", "state"),
        (
            (key, owner, *seal_all(fields, card, key), lookup_hash("iccsn", card.iccsn), card.nfc,
             card.issued_on, card.state)
            for key, owner, card in keyed
        ),
    )  # fmt: skip
    note_states([(key, card.state) for key, _, card in keyed], now)


def note_states(states: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Insert what states cards were seen in."""
    if states:
        copy_values(CardStateChange, ("card", "state", "seen_at"), ((key, state, now) for key, state in states))
