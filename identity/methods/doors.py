"""Which purposes an order would leave without an online way, and whether it closes the one that the law demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from identity.members.models import Insurer
from identity.methods.choices import Action, Purpose, Setting
from identity.methods.gate import decide_all
from identity.methods.models import Method, Suspension
from identity.methods.rules import Question

ONLINE_ID: Final = "postident_eid"
GROWN_UP: Final = 40


@dataclass(frozen=True, slots=True)
class LastDoors:
    """`purposes` are left without an online way by an order, at one insurer at least. `closes_online_id`: the online
    ID function goes, which SGB V § 291 (3) no. 2 demands."""

    purposes: tuple[Purpose, ...]
    closes_online_id: bool

    def __bool__(self) -> bool:
        return bool(self.purposes) or self.closes_online_id


def last_doors(draft: Suspension) -> LastDoors:
    """Ask the gate about every online way, purpose and insurer of an order's scope, as things stand now."""
    closed = tuple(purpose for purpose in _purposes(draft) if _is_last(draft, purpose))
    return LastDoors(closed, draft.method_id == ONLINE_ID)


def _purposes(draft: Suspension) -> list[Purpose]:
    return [Purpose(draft.purpose)] if draft.purpose else list(Purpose)


def _is_last(draft: Suspension, purpose: Purpose) -> bool:
    insurers = Insurer.objects.all()
    if draft.insurer_id:
        insurers = insurers.filter(pk=draft.insurer_id)
    if draft.region:
        insurers = insurers.filter(region=draft.region)
    places = list(insurers.values_list("pk", "region")) or [(0, draft.region)]
    codes = list(Method.objects.filter(setting=Setting.ONLINE, staff_only=False).values_list("code", flat=True))
    pairs = [(place, code) for place in places for code in codes]
    questions = [
        Question(Action.START, code, purpose, insurer_id, region, GROWN_UP) for (insurer_id, region), code in pairs
    ]
    rulings = decide_all(questions, acting=False)
    for place in places:
        answers = zip(pairs, rulings, strict=True)
        offered = {code for (where, code), ruling in answers if where == place and ruling.allowed}
        if offered == {draft.method_id}:
            return True
    return False
