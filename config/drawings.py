"""docs/states.md: the drawings of all state tables, made from the tables themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import override

from core.outbox import states as outbox
from epa import states as epa
from identity.callbacks import states as callbacks
from identity.campaigns import states as campaigns
from identity.cases import states as cases

HEAD = """# States

Made from the tables of moves by `manage.py draw_states`; do not edit. What is not drawn here cannot happen: the tables
are enforced in code, and the database holds the same. Every state has one writer, and each move leaves a trace in the
audit trail.
"""


class Machine(NamedTuple):
    title: str
    module: str
    start: Any
    moves: Mapping[Any, Set[Any]]


MACHINES = (
    Machine("Case", "identity/cases/states.py", cases.CaseState.CHOOSING, cases.CASE_MOVES),
    Machine("Attempt", "identity/cases/states.py", cases.AttemptState.INTENDED, cases.ATTEMPT_MOVES),
    Machine("Review", "identity/cases/states.py", cases.ReviewState.OPEN, cases.REVIEW_MOVES),
    Machine(
        "Re-verification campaign",
        "identity/campaigns/states.py",
        campaigns.CampaignState.DRAFT,
        campaigns.CAMPAIGN_MOVES,
    ),
    Machine(
        "Person in a campaign", "identity/campaigns/states.py", campaigns.MemberState.WAITING, campaigns.MEMBER_MOVES
    ),
    Machine("Inbox entry", "identity/callbacks/states.py", callbacks.EntryState.RECEIVED, callbacks.ENTRY_MOVES),
    Machine("Outgoing message", "core/outbox/states.py", outbox.MessageState.WAITING, outbox.MOVES),
    Machine("Access to the ePA", "epa/states.py", epa.AccessState.REQUESTED, epa.MOVES),
)


def drawn() -> str:
    """Return docs/states.md."""
    return "\n".join([HEAD, *(line for machine in MACHINES for line in _machine(machine))])


def _machine(machine: Machine) -> Iterator[str]:
    yield f"## {machine.title}\n\nFrom `{machine.module}`.\n\n```mermaid\nstateDiagram-v2"
    yield f"    [*] --> {machine.start.value}"
    for state, targets in machine.moves.items():
        yield from (f"    {state.value} --> {target.value}" for target in _in_order(machine, targets))
        if not targets:
            yield f"    {state.value} --> [*]"
    yield "```\n\n| state | means | on the screen | may become |\n| --- | --- | --- | --- |"
    for state, targets in machine.moves.items():
        names = ", ".join(f"`{target.value}`" for target in _in_order(machine, targets)) or "(final)"
        yield f"| `{state.value}` | {_label(state, 'en')} | {_label(state, 'de')} | {names} |"
    yield ""


def _in_order(machine: Machine, targets: Set[Any]) -> list[Any]:
    return [state for state in machine.moves if state in targets]


def _label(state: models.TextChoices, language: str) -> str:
    with override(language):
        return str(state.label)
