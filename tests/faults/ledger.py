"""What the client of a fault test keeps: for each person what must have become of the case, whatever was killed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import Any

from core.outbox.mail import message_id
from tests.stack.crowd import Member

SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Story:
    """What a person goes through at the provider, and what must follow.

    steps       the finish bodies of the simulator, one after the other
    called_back whether the provider tells about the last step at all; if not, only polling finds it
    case, attempt  their states in the end
    mails       templates of mails that must come; `perhaps` those that may, when news of an early step came in time
    """

    name: str
    method: str
    steps: tuple[dict[str, Any], ...]
    case: str
    attempt: str
    mails: tuple[str, ...]
    perhaps: tuple[str, ...] = ()
    called_back: bool = True

    @property
    def is_granted(self) -> bool:
        return self.case == "identified"


def _finish(method: str, outcome: str, **more: Any) -> dict[str, Any]:
    return {"method": method, "outcome": outcome, **more}


EID, BRANCH = "postident_eid", "postident_branch"
_OTHER_NAME = {"document": {"difference": "changed_last_name"}}
_DECLINED, _PIN_BLOCKED = "not_successful.{reference}.document_mismatch", "not_successful.{reference}.pin_blocked"

MATCH = Story("match", EID, (_finish("eid", SUCCESS),), "identified", "succeeded", ("identified",))
COUNTER = Story("counter", BRANCH, (_finish("basic", SUCCESS),), "identified", "succeeded", ("identified",))
DECLINED = Story("declined", BRANCH, (_finish("basic", "declined"),), "choosing", "failed", (_DECLINED,))
DIFFERENT = Story(
    "different", BRANCH, (_finish("basic", SUCCESS, **_OTHER_NAME),), "in_review", "succeeded", ("in_review",)
)
SECOND_TRY = Story(
    "second try",
    EID,
    (_finish("eid", "pin_blocked"), _finish("eid", SUCCESS)),
    "identified",
    "succeeded",
    ("identified",),
    (_PIN_BLOCKED,),
)
SILENT = Story("silent", EID, (_finish("eid", SUCCESS),), "identified", "succeeded", ("identified",), called_back=False)
SILENT_SECOND_TRY = Story(
    "silent second try",
    EID,
    SECOND_TRY.steps,
    "identified",
    "succeeded",
    ("identified",),
    (_PIN_BLOCKED,),
    called_back=False,
)

# Ten people, again and again.
MIX = (MATCH, COUNTER, SECOND_TRY, DECLINED, MATCH, DIFFERENT, SILENT, COUNTER, DECLINED, SILENT_SECOND_TRY)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: who, which case, our reference at the provider, and the story."""

    member: Member
    case: str
    reference: str
    story: Story

    def mail_ids(self) -> tuple[set[str], set[str]]:
        """Return the Message-IDs that must have come, and those that may have."""
        must = ("declared", "started.{reference}", *self.story.mails)
        return self._ids(must), self._ids(self.story.perhaps)

    def _ids(self, templates: tuple[str, ...]) -> set[str]:
        keys = (template.format(reference=self.reference) for template in templates)
        return {message_id(f"identity.case.{self.case}.{key}") for key in keys}


def stories(count: int) -> list[Story]:
    """Return so many stories, in the proportions of MIX."""
    return [story for story, _ in zip(cycle(MIX), range(count), strict=False)]
