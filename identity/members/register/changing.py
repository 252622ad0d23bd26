"""Writing down what the register says differently about people it has told of before. Histories only grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from core import audit
from core.actors import Actor
from core.bulk import update_values
from core.encryption import lookup_hash
from identity.members.ages import age_class_of
from identity.members.models import Address, Card, CardState, Insurant
from identity.members.register.rows import AddressRow, CardRow, RegisterRow
from identity.members.register.writing import (
    DATES,
    DIGEST,
    PLACE,
    SEALED,
    Batch,
    add_addresses,
    add_cards,
    note_states,
    seal_all,
    sealed_fields,
)

NAMED = (*SEALED[1:], *DATES)  # what may change of a person; the KVNR is for life


@dataclass(slots=True)
class Changes:
    """What has to be written for the people of a batch."""

    people: list[tuple[Any, ...]] = field(default_factory=list)
    addresses: list[tuple[UUID, AddressRow]] = field(default_factory=list)
    cards: list[tuple[UUID, CardRow]] = field(default_factory=list)
    card_rows: list[tuple[UUID, bool, date, str]] = field(default_factory=list)
    states: list[tuple[UUID, str]] = field(default_factory=list)
    events: list[audit.Event] = field(default_factory=list)


def change_known(rows: Sequence[tuple[RegisterRow, UUID]], batch: Batch, *, actor: Actor) -> list[audit.Event]:
    """Update people; return the events to record, one for each who really changed.

    Somebody without an event stood under another key or in another form before: nothing is different about them.
    """
    if not rows:
        return []
    keys = [key for _, key in rows]
    locked = Insurant.objects.select_for_update(no_key=True).order_by("pk").in_bulk(keys)
    addresses, cards = _latest_addresses(keys), _cards_by_owner(keys)
    changes = Changes()
    for row, key in rows:
        changed = [
            *_change_person(locked[key], row, batch, changes),
            *_change_address(key, addresses.get(key), row.address, changes),
            *_change_cards(key, cards.get(key, {}), row.cards, changes),
        ]
        if changed:
            facts: dict[str, Any] = {"changed": changed, **_move(locked[key], row, batch)}
            changes.events.append(audit.Event("identity.insurant.register_changed", locked[key], actor, facts))
    _write(changes, batch.now)
    return changes.events


def _change_person(person: Insurant, row: RegisterRow, batch: Batch, changes: Changes) -> list[str]:
    changed = [name for name in NAMED if getattr(person, name) != getattr(row, name)]
    if person.insurer_id != batch.insurers[row.ik]:
        changed.append("insurer")
    values = seal_all(sealed_fields(Insurant, SEALED), row, person.pk)
    days = (row.member_from, row.member_to, row.died_on)
    digest = lookup_hash(DIGEST, row.canonical())
    age_class = int(age_class_of(row.birth_date, timezone.localdate(batch.now)))
    changes.people.append((person.pk, batch.insurers[row.ik], *values, age_class, *days, digest, batch.now))
    return changed


def _move(person: Insurant, row: RegisterRow, batch: Batch) -> Mapping[str, str]:
    """Return from where to where somebody moved who changed the insurer: the number stays, it is for life."""
    if person.insurer_id == batch.insurers[row.ik]:
        return {}
    return {"from_ik": next(ik for ik, pk in batch.insurers.items() if pk == person.insurer_id), "to_ik": row.ik}


def _change_address(key: UUID, known: Address | None, given: AddressRow | None, changes: Changes) -> list[str]:
    if given is None:
        if known is None or not known.city:
            return []
        given = AddressRow("", "", "", "", "", "", timezone.localdate(), None)
    elif known and _same_place(known, given):
        return []
    changes.addresses.append((key, given))
    return ["address"]


def _same_place(known: Address, given: AddressRow) -> bool:
    return all(getattr(known, name) == getattr(given, name) for name in (*PLACE, "valid_from", "register_matched_on"))


def _change_cards(key: UUID, known: Mapping[str, Card], given: Sequence[CardRow], changes: Changes) -> list[str]:
    """Note new cards and new states. A card that we hold as active and the register no longer names is not active."""
    named = {card.iccsn for card in given}
    changed = []
    for card in given:
        mine = known.get(card.iccsn)
        if mine is None:
            changes.cards.append((key, card))
            changed.append("card_added")
        elif (mine.nfc, mine.issued_on, mine.state) != (card.nfc, card.issued_on, card.state):
            changed.append(_turn(mine, card.nfc, card.issued_on, card.state, changes))
    followed = any(card.state == CardState.ACTIVE for card in given)
    for number, mine in known.items():
        if number not in named and mine.state == CardState.ACTIVE:
            state = CardState.REPLACED if followed else CardState.BLOCKED
            changed.append(_turn(mine, mine.nfc, mine.issued_on, state, changes))
    return sorted(set(changed))


def _turn(card: Card, nfc: bool, issued_on: date, state: str, changes: Changes) -> str:
    changes.card_rows.append((card.pk, nfc, issued_on, str(state)))
    if card.state == state:
        return "card_corrected"
    changes.states.append((card.pk, str(state)))
    return "card_state"


def _latest_addresses(keys: Sequence[UUID]) -> dict[UUID, Address]:
    latest = Address.objects.filter(insurant__in=keys).order_by("insurant_id", "-recorded_at", "-pk")
    return {address.insurant_id: address for address in latest.distinct("insurant_id")}


def _cards_by_owner(keys: Sequence[UUID]) -> dict[UUID, dict[str, Card]]:
    owned: dict[UUID, dict[str, Card]] = {}
    for card in Card.objects.filter(insurant__in=keys):
        owned.setdefault(card.insurant_id, {})[card.iccsn] = card
    return owned


def _write(changes: Changes, now: datetime) -> None:
    names = ("insurer", *SEALED, "age_class", *DATES, "register_digest", "imported_at")
    update_values(Insurant, names, changes.people)
    add_addresses(changes.addresses, now)
    columns = ("nfc", "issued_on", "state")
    # one card of a person is active at any moment: first those that stop being so
    update_values(Card, columns, [row for row in changes.card_rows if row[-1] != CardState.ACTIVE])
    update_values(Card, columns, [row for row in changes.card_rows if row[-1] == CardState.ACTIVE])
    note_states(changes.states, now)
    add_cards(changes.cards, now)
