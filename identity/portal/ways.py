"""Which ways are open to a person: the answers of the gate, sorted for a page (M6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services.moving import question_about
from identity.methods.choices import Action, Reason, Setting
from identity.methods.gate import Ruling, decide_all
from identity.methods.models import Method, Suspension
from identity.methods.rules import Question

ADULT_IN_THE_BRANCH = 15  # SGB I § 36: from here on people act for themselves
NOT_SHOWN = frozenset({Reason.NOT_CONFIGURED, Reason.NOT_ADMITTED, Reason.STAFF_ONLY, Reason.UNKNOWN_METHOD})


@dataclass(frozen=True, slots=True)
class Suspended:
    method: Method
    order: Suspension


@dataclass(frozen=True, slots=True)
class Unsuitable:
    method: Method
    because: str


@dataclass(slots=True)
class Ways:
    """What a person can do. `branch` and `paper` need no device; `age` is None when nobody can say."""

    age: int | None
    offered: list[Method] = field(default_factory=list)
    suspended: list[Suspended] = field(default_factory=list)
    unsuitable: list[Unsuitable] = field(default_factory=list)
    branch: Method | None = None
    paper: list[Method] = field(default_factory=list)
    may_go_on: list[Attempt] = field(default_factory=list)

    @property
    def needs_representative(self) -> bool:
        return self.age is not None and self.age < ADULT_IN_THE_BRANCH

    @property
    def on_paper(self) -> str:
        """The names of the ways on paper, for a sentence."""
        return ", ".join(method.name for method in self.paper)

    def best(self, avoid: frozenset[str]) -> Method | None:
        """The first way that is open and does not hit the same wall; None means the branch."""
        return next((method for method in self.offered if method.code not in avoid), None)


def ways_for(case: IdentificationCase, begun: Sequence[Attempt] = ()) -> Ways:
    """Ask the gate about every method at once, and whether these attempts may be gone on with; for showing."""
    methods = list(Method.objects.all())
    questions = [_question(case, method) for method in methods]
    ways = Ways(age=questions[0].age if questions else None)
    going_on = [question_about(case, Action.RESUME, each.method_id, begun_at=each.intended_at) for each in begun]
    rulings = decide_all([*questions, *going_on], acting=False, known=methods)
    for method, ruling in zip(methods, rulings, strict=False):
        _sort_in(ways, method, ruling)
    ways.may_go_on = [each for each, ruling in zip(begun, rulings[len(methods) :], strict=True) if ruling.allowed]
    return ways


def _question(case: IdentificationCase, method: Method) -> Question:
    """For what happens in person it is asked whether staff may take it, below the age with a representative (C7)."""
    question = question_about(case, Action.START, method.code)
    if not method.staff_only:
        return question
    too_young = question.age is None or question.age < method.minimum_age
    return replace(question, by_staff=True, represented=too_young and method.represented_below)


def _sort_in(ways: Ways, method: Method, ruling: Ruling) -> None:
    if ruling.suspension is not None and Reason.NOT_YET_READMITTED not in ruling.reasons:
        ways.suspended.append(Suspended(method, ruling.suspension))
    elif method.staff_only:
        if ruling.allowed and method.setting == Setting.BRANCH:
            ways.branch = method
        elif ruling.allowed:
            ways.paper.append(method)
    elif ruling.allowed:
        ways.offered.append(method)
    elif not NOT_SHOWN & set(ruling.reasons):
        ways.unsuitable.append(Unsuitable(method, _because(method, ruling)))


def _because(method: Method, ruling: Ruling) -> str:
    lasting = [reason for reason in ruling.reasons if reason is not Reason.NOT_YET_READMITTED]
    match (lasting or ruling.reasons)[0]:
        case Reason.NOT_YET_READMITTED:
            return _(
                "This way is being opened again step by step, so that trouble would show early. It is not your turn "
                "yet. Please look again in a few days, or choose another way now; you lose nothing."
            )
        case Reason.TOO_YOUNG:
            return _("This way is open from the age of %(age)s.") % {"age": method.minimum_age}
        case Reason.AGE_UNKNOWN:
            return _("Your date of birth is not complete, so we cannot tell your age. Our branch can help you.")
        case Reason.LEVEL_TOO_LOW:
            return _("This way is not secure enough for health data.")
        case Reason.UNREADABLE:
            return _("We cannot tell at the moment whether this way may be used. Please try again in a few minutes.")
        case reason:
            return _("This way is not open to you (%(code)s).") % {"code": reason.value}
