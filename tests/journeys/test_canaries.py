"""After the journeys: nothing that tells who somebody is stands where it should not (D2).

The address that a person logs in with is kept in clear text on purpose, and is no canary.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from config.celery import app
from tests.journeys.insured import BRANCH, Insured
from tests.journeys.people import Canary, canary
from tests.journeys.searching import canaries_in, places, table_as_text, valkey_as_text
from tests.journeys.world import World
from tests.stack import until

ENOUGH, FEW = 30, 3
STRANGER = 900  # nobody who walks: what is planted must not be found as theirs


@pytest.fixture
def walked(world: World, visit: Callable[..., Any]) -> list[Canary]:
    """Everybody who has been on a journey in this run; three who are sent now, if there are not so many."""
    for name in () if len(world.walked) >= FEW else ("Andershausen", "", "Quellbrunn"):
        person: Insured = visit(Insured)
        person.apply()
        person.choose(BRANCH)
        person.go_to_post_office(**({"last_name": name} if name else {}))
        person.wait_for_case("in_review" if name else "identified")
    return world.walked


def test_no_canary_is_found_anywhere(world: World, walked: list[Canary]):
    texts = places(world)
    assert sum(len(set(person.values().values())) for person in walked) >= ENOUGH
    assert {"log of web", "log of worker1", "log of postgres", "page titles", "table identity_insurant"} <= set(texts)
    assert world.eavesdropper.is_alive()
    assert '"task"' in texts["commands to Valkey, with task arguments"]
    assert canaries_in(texts, walked) == []


def test_a_canary_in_a_text_is_found_in_every_form():
    person = canary(STRANGER)
    value = person.person.family_name
    forms = [
        value,
        value.upper(),
        value.encode().hex(),
        *(base64.b64encode(f"{'x' * n}{value}y".encode()).decode() for n in range(3)),
    ]
    for text in forms:
        assert canaries_in({"here": f"… {text} …"}, [person]), text


def test_a_canary_in_a_table_is_found(world: World):
    person = canary(STRANGER)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted (word text)")
        cursor.execute("INSERT INTO planted VALUES (%s)", [person.person.street])
        found = canaries_in({"planted": table_as_text("planted")}, [person])
        transaction.set_rollback(True)
    assert len(found) == 1


def test_a_canary_in_the_arguments_of_a_task_is_found(world: World):
    person = canary(STRANGER)
    before = len(world.eavesdropper.heard)
    app.send_task("nobody.does_this", args=[person.person.kvnr], queue="planted")

    def heard() -> list[str]:
        return canaries_in({"heard": "\n".join(world.eavesdropper.heard[before:])}, [person])

    assert until(heard, within=10, what="the task's arguments")
    assert canaries_in({"Valkey": valkey_as_text(world.stack.redis_url)}, [person])
