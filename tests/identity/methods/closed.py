"""A suspended method, somebody in its middle, and what must be true whatever door is tried."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from identity.cases.effects.carrying import carry_out_orders
from identity.cases.models import Attempt, IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from tests.factories import (
    a_case,
    an_administrator,
    an_answer,
    an_attempt,
    an_identification,
    an_insurant,
)
from tests.identity.scripted import ScriptedProvider

A, C = AttemptState, CaseState
METHOD = "postident_branch"
EFFECTS = ("move", "freeze", "finish", "void")
FINISH_WITHIN, VOID_BEFORE = timedelta(hours=4), timedelta(days=2)


@pytest.fixture
def person() -> Any:
    """Somebody who has begun with the method."""
    return an_insurant()


@pytest.fixture
def attempt(person: Any, provider: ScriptedProvider) -> Attempt:
    return an_attempt(case=a_case(C.IDENTIFYING, insurant=person, method_id=METHOD))


@pytest.fixture
def member(person: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person.account)
    return client


def an_order(effect: str) -> Suspension:
    now = timezone.now()
    more: dict[str, Any] = {"finish": {"finish_until": now + FINISH_WITHIN}, "void": {"void_since": now - VOID_BEFORE}}
    draft = Suspension(method_id=METHOD, effect=effect, **SUSPENSION_TEXTS | more.get(effect, {}))
    return impose_suspension(draft, actor=an_administrator())


@pytest.fixture(params=list(itertools.product(EFFECTS, ("imposed", "carried out"))), ids="-".join)
def order(request: pytest.FixtureRequest, attempt: Attempt) -> Iterator[Suspension]:
    """An order of each effect. With "finish" the clock stands behind the time in which those before may go on."""
    effect, how = request.param
    order = an_order(effect)
    if how == "carried out":
        carry_out_orders()
    later = timezone.now() + (FINISH_WITHIN + timedelta(minutes=1) if effect == "finish" else timedelta(seconds=1))
    with time_machine.travel(later):
        if how == "carried out":
            carry_out_orders()
        yield order


@pytest.fixture
def newcomer(provider: ScriptedProvider) -> Any:
    """A case of somebody who has not begun."""
    return a_case()


def logged_in(case: IdentificationCase) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(case.insurant.account)  # type: ignore[arg-type]
    return client


def assert_closed(provider: ScriptedProvider, *but: Attempt) -> None:
    """Nothing was begun with the method, nothing was asked of the provider, no result counts."""
    begun = Attempt.objects.filter(method=METHOD).exclude(pk__in=[each.pk for each in but])
    assert not begun.exists()
    assert [each for each in provider.orders if each.method == METHOD] == []
    assert not Result.objects.filter(method_used=METHOD, granted_at__isnull=False, voided_by=None).exists()
    assert not IdentificationCase.objects.filter(state=C.IDENTIFIED).exists()


def finish_there(attempt: Attempt, provider: ScriptedProvider, at: datetime | None = None) -> None:
    """At the provider it ends well, now unless told otherwise."""
    at = at or timezone.now()
    said = an_identification(identified_at=at, modified_at=at)
    provider.answers[attempt.provider_case_id] = an_answer(attempt, said)
