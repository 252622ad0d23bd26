"""What an order costs: the gate's decision with a long history, and carrying an order out on everybody in the middle.

The decision is asked as pages and workers ask it, once with the lock and once without, with 10, 100 and 1,000 orders
in the history of the method, and set against the page of the choice, made in the same process. Carrying out is measured
with one worker process, as one order is worked on by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from statistics import median

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.bulk import copy_new
from identity.cases.effects import carrying
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.methods.choices import Action, Purpose
from identity.methods.gate import decide, decide_all
from identity.methods.models import Suspension
from identity.methods.rules import Question
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension, undo_suspension
from tests.benchmarks.figures import Aim, Bar, Findings, number
from tests.benchmarks.filling import attempt_of, cases_of, lay_people
from tests.benchmarks.ground import Ground, Scale
from tests.benchmarks.pages import log_in

PEOPLE = {Scale.LONG: 300_000, Scale.SHORT: 3_000, Scale.TINY: 100}
AIM_A_SECOND = 1_000  # 300,000 people in five minutes
METHOD = "postident_branch"
HISTORY = (10, 100, 1_000)
ASKED = 200


def measure(ground: Ground) -> Findings:
    """Fill the database, carry out an order and its undoing, then ask the gate with a growing history."""
    people = PEOPLE[ground.scale]
    _lay(ground, people)
    rates = _carry(ground, people)
    visit = _a_visit()
    rows = [_row(count, *_ask(count), _median_of(visit)) for count in HISTORY]
    return Findings(
        part="orders",
        title="Orders",
        head=[
            "orders in the history",
            "µs in the transaction that acts",
            "µs for showing 11 methods",
            "µs of the choice page",
            "share of the page",
        ],
        rows=rows,
        aims=[Aim("people met a second", rates["carrying out: move"], AIM_A_SECOND, loosely=0.2)],
        notes=[
            f"{what}, {people:,} people, one process: {rate:,.0f} a second, {people / rate:,.0f} s in all."
            for what, rate in rates.items()
        ]
        + [f"The gate was asked and the page made {ASKED} times each; medians. The page asks as for showing."],
        bars=[Bar("carried out", rates["carrying out: move"], ours=True), Bar("aim", AIM_A_SECOND)],
        bar_title="People a second",
    )


@transaction.atomic
def _lay(ground: Ground, count: int) -> None:
    for first in range(0, count, 20_000):
        people = lay_people(min(20_000, count - first))
        cases = cases_of(people, CaseState.IDENTIFYING, method_id=METHOD)
        copy_new(cases)
        copy_new([attempt_of(case) for case in cases])
        ground.tell(f"  {first + len(people):,} people laid")


def _carry(ground: Ground, people: int) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    boss = Actor(ActorKind.ADMINISTRATOR, "benchmark")
    rates = {}
    order = impose_suspension(Suspension(method_id=METHOD, **SUSPENSION_TEXTS), actor=boss)
    for what, expected in (("carrying out: move", CaseState.CHOOSING), ("taking it back", CaseState.IDENTIFYING)):
        began = time.perf_counter()
        carrying.carry_out_orders(batches=10**6)
        rates[what] = people / (time.perf_counter() - began)
        done = IdentificationCase.objects.filter(state=expected).count()
        if done != people:
            raise AssertionError(f"{what}: {done} of {people}")
        ground.tell(f"  {what}: {number(rates[what])} people a second")
        if expected == CaseState.CHOOSING:
            Suspension.objects.filter(pk=order.pk).update(confirmed_by="")
            undo_suspension(order.pk, actor=boss)
    return rates


def _row(count: int, acting: float, showing: float, page: float) -> list[str]:
    return [f"{count:,}", *(f"{each * 1e6:,.0f}" for each in (acting, showing, page)), f"{showing / page:.0%}"]


def _a_visit() -> Callable[[], object]:
    """Return what makes the page of the choice for somebody who is logged in."""
    (person,) = lay_people(1)
    (case,) = cases_of([person], CaseState.CHOOSING)
    copy_new([case])
    assert person.account
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = log_in(person.account)
    address = reverse("identity:choice", args=[case.public_id])

    def visit() -> None:
        if (status := client.get(address).status_code) != HTTPStatus.OK:
            raise AssertionError(f"the choice answered {status}")

    visit()
    return visit


def _median_of(action: Callable[[], object]) -> float:
    """Return the median seconds of an action."""
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return median(taken)


def _ask(count: int) -> tuple[float, float]:
    """Return the median seconds of one decision in a transaction, and of one about all methods for showing."""
    _grow_history(count)
    question = Question(Action.START, METHOD, Purpose.EPA, 1, "north", 40, person="x")
    codes = ["postident_eid", METHOD, "insurer_branch", "video_ident", "robo_ident", "nect_epass", "egk_pin",
             "gesundheitsid", "embassy", "notary", "pharmacy"]  # fmt: skip
    page = [Question(Action.START, code, Purpose.EPA, 1, "north", 40, person="x") for code in codes]

    def act() -> None:
        with transaction.atomic():
            decide(question)

    return _median_of(act), _median_of(partial(decide_all, page, acting=False))


def _grow_history(count: int) -> None:
    """Lay orders that have ended, up to that many."""
    missing = count - Suspension.objects.filter(method=METHOD).count()
    start = timezone.now() - timedelta(days=2 * count)
    orders = []
    for place in range(missing):
        begun = start + timedelta(days=place)
        orders.append(
            Suspension(method_id=METHOD, imposed_by="one", confirmed_by="another", confirmed_at=begun, imposed_at=begun,
                       effective_from=begun, ends_at=begun + timedelta(hours=9), over_at=begun + timedelta(hours=9),
                       **SUSPENSION_TEXTS)
        )  # fmt: skip
    Suspension.objects.bulk_create(orders)
