"""Which ways people would be left with: the gate answers for each group, with the draft counted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.members.ages import YOUNGEST, AgeClass
from identity.methods.choices import Action, AssuranceLevel, Purpose, Setting
from identity.methods.gate import decide_all, supposing
from identity.methods.models import Method, Suspension
from identity.methods.rules import Question, readmitted_percent
from identity.workplace.preview.counting import Group

SOMEBODY = "somebody"  # a gradual readmission asks who; methods in one are left out here


class Outlook(StrEnum):
    """The best that is left to somebody."""

    ONLINE = "online"
    COUNTER = "counter"
    IN_PERSON = "in_person"
    NONE = "none"


OUTLOOK_WORDS: dict[Outlook, Any] = {
    Outlook.ONLINE: _("Another way online is open to them"),
    Outlook.COUNTER: _("No way online, but one in a post office or at another provider's counter"),
    Outlook.IN_PERSON: _("Only in person with us, in a branch or on certified paper"),
    Outlook.NONE: _("No way at all"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a group could begin by itself, and what staff could record for it."""

    own: tuple[Method, ...] = ()
    by_staff: tuple[Method, ...] = ()

    @property
    def outlook(self) -> Outlook:
        if any(method.setting == Setting.ONLINE for method in self.own):
            return Outlook.ONLINE
        if self.own:
            return Outlook.COUNTER
        return Outlook.IN_PERSON if self.by_staff else Outlook.NONE


def readmitting(now: Any) -> set[str]:
    """Return the methods that are open again for a part of the people only."""
    orders = Suspension.objects.mattering(now).exclude(readmission_percents=[])
    return {order.method_id for order in orders if 0 < readmitted_percent(order, now) < 100}


def choices_for(groups: Sequence[Group], draft: Suspension, *, without: Iterable[str] = ()) -> dict[Group, Choices]:
    """Ask the gate what each group could begin if the draft were in force. `without`: methods not to count on."""
    methods = [method for method in Method.objects.all() if method.code not in set(without)]
    pairs = [(group, method) for group in groups for method in methods]
    questions = [question_for(group, method) for group, method in pairs]
    open_to: dict[Group, list[Method]] = {group: [] for group in groups}
    with supposing(as_if_now(draft)):
        rulings = decide_all(questions, acting=False)
    for (group, method), ruling in zip(pairs, rulings, strict=True):
        if ruling.allowed:
            open_to[group].append(method)
    return {group: _sorted(group, found) for group, found in open_to.items()}


def as_if_now(draft: Suspension) -> Suspension:
    """Return the order as it would be in force now, also if it is planned."""
    order = copy(draft)
    order.effective_from = min(draft.effective_from, timezone.now())
    return order


def question_for(group: Group, method: Method) -> Question:
    """What happens in person is asked as staff would, below the age with a representative (C7)."""
    age = YOUNGEST[AgeClass(group.age_class)]
    too_young = age is None or age < method.minimum_age
    return Question(
        Action.START,
        method.code,
        Purpose(group.purpose),
        group.insurer_id,
        group.region,
        age,
        represented=method.staff_only and too_young and method.represented_below,
        by_staff=method.staff_only,
        level_demanded=AssuranceLevel(group.level_demanded),
        person=SOMEBODY,
    )


def _sorted(group: Group, found: list[Method]) -> Choices:
    own = [each for each in found if not each.staff_only and each.code not in group.avoid]
    by_staff = [each for each in found if each.staff_only]
    return Choices(() if group.out_of_tries else tuple(own), tuple(by_staff))
