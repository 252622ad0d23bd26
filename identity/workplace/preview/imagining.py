"""One person's case as an order would leave it: changed in memory, with the gate supposing the order, never written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.actors import SYSTEM
from identity.cases.effects.applying import Changes, Middle, apply_order, ask_again, unused_results
from identity.cases.effects.models import AffectedCase
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.cases.services.moving import Trail, question_about
from identity.cases.states import OPEN_CASE, OPEN_REVIEW
from identity.methods.choices import Action
from identity.methods.gate import decide_all
from identity.methods.models import Suspension
from identity.workplace.preview.counting import Stage


@dataclass(frozen=True, slots=True)
class Imagined:
    """The rows as they would be. Nobody may save them."""

    case: IdentificationCase
    attempts: list[Attempt]
    outcome: AffectedCase.Outcome


def imagine(order: Suspension, attempt: Attempt, stage: Stage) -> Imagined:
    """Do to the attempt's case in memory what the order would do. Called while the gate supposes the order."""
    cases = IdentificationCase.objects.select_related("insurant__insurer", "insurant__account", "insurer", "method")
    case = cases.get(pk=attempt.case_id)
    attempts = list(case.attempts.select_related("method").order_by("intended_at"))
    for each in attempts:
        each.case = case
    changes = Changes(Trail(SYSTEM))  # thrown away
    if stage is Stage.IDENTIFIED:
        result = Result.objects.get(attempt=attempt.pk)
        result.case = case
        newer = case.insurant.cases.filter(purpose=case.purpose, state__in=OPEN_CASE).exists()
        affected = ask_again(order, result, changes, has_newer=newer)
    else:
        affected = apply_order(order, _middle(order, case, attempts), changes)
    return Imagined(case, attempts, AffectedCase.Outcome(affected.outcome))


def _middle(order: Suspension, case: IdentificationCase, attempts: list[Attempt]) -> Middle:
    middle = Middle(case, attempts, list(Review.objects.filter(case=case.pk, state__in=OPEN_REVIEW)))
    results = unused_results(middle.mine(order))
    questions: list[Any] = [
        question_about(
            case, Action.ACCEPT, each.method_used, identified_at=each.identified_at, begun_at=each.attempt.intended_at
        )
        for each in results
    ]
    rulings = decide_all(questions, acting=False) if questions else []
    middle.results = list(zip(results, rulings, strict=True))
    return middle
