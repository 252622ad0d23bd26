"""The audit page: events in words, narrowed, and whether the end of the trail is anchored."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from core.audit import record
from core.audit.anchors import anchor
from identity.cases.states import AttemptState, CaseState
from identity.workplace import trail
from identity.workplace.events import SENTENCES, details
from tests.factories import a_case, an_account
from tests.identity.workplace.conftest import Login, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser: Login, administrator: Account, settings: Any, tmp_path: Path) -> Client:
    settings.AUDIT_ANCHOR_FILE = tmp_path / "anchors.jsonl"
    return browser(administrator)


def shown(desk: Client, **query: str) -> str:
    return text_of(desk.get(reverse("workplace:audit"), query))


def told_in_code() -> set[str]:
    """Return the names of events that calls in identity name by a literal."""
    calls = (
        node
        for path in (Path(django_settings.BASE_DIR) / "identity").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".")[-1] in ("record", "note", "Event")
    )
    given = {node.args[0].value for node in calls if node.args and isinstance(node.args[0], ast.Constant)}
    return {str(name) for name in given if str(name).startswith("identity.")}


def test_every_event_of_identity_has_a_sentence():
    moves = {f"identity.case.{state.value}" for state in CaseState}
    moves |= {f"identity.attempt.{state.value}" for state in AttemptState}

    assert (told_in_code() | moves) - set(SENTENCES) == set()
    assert len(told_in_code()) > 10


def test_an_event_without_a_sentence_is_shown_by_its_name(desk: Client):
    record("epa.access.open", ("epa.access", "7"), actor=SYSTEM, channel="app")

    assert "epa.access.open Channel: app" in shown(desk)


def test_facts_are_told_in_words():
    facts = {
        "case_id": "7", "reason": "pin_blocked", "source": "started", "method": "postident_eid", "differences":
        ["possible_twin", "new"], "ends_at": None, "identified_at": "2026-03-04T09:30:00+00:00", "verdict": "review",
        "odd": 3,
    }  # fmt: skip
    told = details(facts, {"postident_eid": "Online ID card"})

    assert told.startswith(
        "Reason: PIN of the ID card blocked · Before: Under way · Method: Online ID card · Differences: "
    )
    assert "this may be a twin, new" in told
    assert "10:30" in told
    assert told.endswith("Comparison: has to be looked at · odd: 3")


def test_events_stand_newest_first_and_can_be_narrowed(desk: Client):
    case, other = a_case(), a_case()
    record("identity.case.opened", case, actor=Actor(ActorKind.INSURANT, "i"))
    record("identity.suspension.imposed", ("identity.suspension", "3"), actor=SYSTEM)
    record("identity.case.cancelled", other, actor=Actor(ActorKind.PROVIDER, "postident"))

    everything = shown(desk)
    assert everything.index("Case cancelled") < everything.index("Method suspended") < everything.index("Case opened")
    assert "Provider (postident)" in everything
    assert "Method suspended" not in shown(desk, art="identity.case.")
    of_case = shown(desk, gegenstand=str(case.public_id))
    assert "Case opened" in of_case
    assert "Case cancelled" not in of_case
    assert "No event found" in shown(desk, gegenstand="nothing")


def test_members_of_staff_are_named_by_their_address(desk: Client, clerk: Account):
    record("identity.review.proposed", ("identity.review", "7"), actor=Actor(ActorKind.CLERK, str(clerk.public_id)))

    assert clerk.email in shown(desk)


def test_a_subject_that_is_no_number_is_refused(desk: Client):
    response = desk.get(reverse("workplace:audit"), {"gegenstand": "Erika Mustermann"})

    assert response.status_code == 422
    assert "A number has only letters, digits and hyphens." in text_of(response)


def test_older_events_are_a_page_away(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trail, "PAGE", 2)
    for number in range(5):
        record("identity.case.opened", ("identity.identificationcase", f"n{number}"), actor=SYSTEM)
    page = desk.get(reverse("workplace:audit"), {"art": "identity.case."})

    assert "n4" in text_of(page)
    assert "n2" not in text_of(page)
    assert "?art=identity.case.&amp;gegenstand=&amp;vor=4" in page.content.decode()
    older = shown(desk, art="identity.case.", vor="4")
    assert "n2" in older
    assert "n4" not in older
    assert "Older events" not in shown(desk, vor="3")


def test_without_an_anchor_the_page_says_so(desk: Client):
    assert "Nothing has been anchored yet" in shown(desk)


def test_an_anchored_trail_fits(desk: Client):
    record("identity.case.opened", a_case(), actor=SYSTEM)
    anchor()
    record("identity.case.opened", a_case(), actor=SYSTEM)
    page = shown(desk)

    assert "The trail fits its last anchor" in page
    assert "1 events have been added since." in page


@pytest.mark.parametrize("change", [{"hash": "00" * 32}, {"seq": 99}])
def test_a_trail_that_does_not_fit_its_anchor_is_told_in_red(desk: Client, settings: Any, change: dict[str, Any]):
    record("identity.case.opened", a_case(), actor=SYSTEM)
    made = anchor()
    assert made is not None
    settings.AUDIT_ANCHOR_FILE.write_text(json.dumps(made._asdict() | change) + "\n")
    response = desk.get(reverse("workplace:audit"))

    assert "The trail does not fit its anchor" in text_of(response)
    assert "kern-alert--danger" in response.content.decode()


def test_anchors_that_cannot_be_read_are_told_in_red(desk: Client, settings: Any):
    settings.AUDIT_ANCHOR_FILE.write_text("nonsense\n")

    assert "The anchors cannot be read" in shown(desk)


@pytest.mark.parametrize("reference", ["", "clerk-7", "-" * 36, "0198f3a2-7c1e-4d5b-9a6f-2b8c4e1d7f30"])
def test_staff_who_are_not_found_are_named_by_their_kind(desk: Client, reference: str):
    record("identity.case.opened", a_case(), actor=Actor(ActorKind.CLERK, reference))

    assert str(ActorKind.CLERK.label) in shown(desk)


def test_staff_are_named_and_insured_people_are_not(desk: Client, administrator: Account):
    person = an_account()
    record("identity.case.opened", a_case(), actor=Actor(ActorKind.ADMINISTRATOR, str(administrator.public_id)))
    record("identity.case.opened", a_case(), actor=Actor(ActorKind.CLERK, str(person.public_id)))

    assert administrator.email in shown(desk)
    assert person.email not in shown(desk)
