"""Orders about the post office and the people in the middle of them, for the tests of their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from tests.factories import a_case, an_administrator, an_attempt, lift

A, C = AttemptState, CaseState
PUBLIC_TEXT = "gematik has forbidden all statutory health insurers"


def give_order(effect: str = "move", **given: Any) -> Suspension:
    """An order about the post office, in force and not carried out yet."""
    draft = Suspension(method_id="postident_branch", effect=effect, **SUSPENSION_TEXTS | given)
    return impose_suspension(draft, actor=an_administrator())


def impose(effect: str = "move", **given: Any) -> Suspension:
    """The same, carried out."""
    order = give_order(effect, **given)
    carry_out_orders()
    return order


def lifted(order: Suspension, **given: Any) -> None:
    lift(order, **given)
    carry_out_orders()


def case_page(case: IdentificationCase) -> str:
    return reverse("identity:case", args=[case.public_id])


def choice_page(case: IdentificationCase) -> str:
    return reverse("identity:choice", args=[case.public_id])


def attempt_page(attempt: Attempt) -> str:
    return reverse("identity:attempt", args=[attempt.pk])


def proceed(attempt: Attempt) -> str:
    return reverse("identity:proceed", args=[attempt.pk])


def a_late_result(insurant: Insurant) -> IdentificationCase:
    case = a_case(C.OFFERED, insurant=insurant, method_id="postident_branch")
    Result.objects.create(
        attempt=an_attempt(A.LATE, case=case), case=case, method_used="postident_branch", person={}, verdict="match",
        identified_at=timezone.now() - timedelta(days=1), received_at=timezone.now(),
    )  # fmt: skip
    return case


def an_identified_case(insurant: Insurant) -> IdentificationCase:
    case = a_case(C.IDENTIFIED, insurant=insurant, method_id="postident_branch")
    Result.objects.create(
        attempt=an_attempt(A.SUCCEEDED, case=case), case=case, method_used="postident_branch", person={},
        identified_at=timezone.now() - timedelta(days=1), received_at=timezone.now(), verdict="match",
        level_reached=3, granted_at=timezone.now(),
    )  # fmt: skip
    return case
