"""The time line that a person sees."""

import pytest
from django.test import Client
from django.urls import reverse

from core import audit
from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from identity.cases.services import cancel_case, declare, open_case, start_attempt
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.methods.choices import Purpose
from identity.portal.timeline import entries_of
from tests.factories import a_case, a_suspension, an_attempt
from tests.identity.scripted import ScriptedProvider

pytestmark = pytest.mark.django_db
MOST = 12  # session and account 3, case, attempts, audit, methods, the gate 4, the banner


def titles(case) -> list[str]:
    attempts = list(case.attempts.select_related("method"))
    return [entry.title for entry in entries_of(case, attempts)]


def test_it_tells_a_case_from_its_beginning_to_what_comes_next(
    insurant: Insurant, account: Account, provider: ScriptedProvider
):
    actor = Actor(ActorKind.INSURANT, str(account.public_id))
    case = open_case(insurant, Purpose.EPA, actor=actor)
    assert titles(case) == ["Application begun", "You check your application and send it"]
    declare(case.public_id, actor=actor)
    start_attempt(case.public_id, "postident_branch", return_url="https://example.org", actor=actor)
    start_attempt(case.public_id, "postident_eid", return_url="https://example.org", actor=actor)
    start_attempt(case.public_id, "postident_branch", return_url="https://example.org", actor=actor)
    case.refresh_from_db()

    assert titles(case) == [
        "Application begun",
        "Application checked and sent",
        "Begun: In a post office",
        "Begun: Online ID card",
        "Way changed: In a post office",
        "You identify yourself",
    ]
    assert [entry.by for entry in entries_of(case, list(case.attempts.all()))][:-1] == ["You"] * 5


def test_an_end_is_told_and_nothing_comes_next(insurant: Insurant):
    case = a_case(insurant=insurant)
    cancel_case(case.public_id, actor=Actor(ActorKind.INSURANT, "x"))
    case.refresh_from_db()

    assert titles(case) == ["Application cancelled"]


def test_a_suspicion_of_fraud_is_not_told(insurant: Insurant):
    case = a_case(insurant=insurant)
    attempt = an_attempt(AttemptState.FAILED, case=case)
    audit.record("identity.attempt.failed", attempt, actor=SYSTEM, method="postident_branch", reason="suspected_fraud")

    entry = entries_of(case, [attempt])[0]

    assert "fraud" not in f"{entry.title} {entry.body}".lower()
    assert entry.state == "problem"


def test_what_differed_and_what_staff_noted_stays_inside(insurant: Insurant):
    case = a_case(CaseState.IN_REVIEW, insurant=insurant)
    attempt = an_attempt(AttemptState.SUCCEEDED, case=case)
    audit.record(
        "identity.case.in_review", case, actor=SYSTEM, source="identifying", differences=["family_name_differs"]
    )
    audit.record("identity.attempt.withdrawn", attempt, actor=SYSTEM)

    entries = entries_of(case, [attempt])

    assert [entry.title for entry in entries] == ["Our staff compare the details", "Our staff decide"]
    assert not any("differs" in entry.body for entry in entries)


def test_a_step_back_from_review_says_why(insurant: Insurant):
    case = a_case(insurant=insurant)
    audit.record(
        "identity.case.choosing",
        case,
        actor=Actor(ActorKind.CLERK, "x"),
        source="in_review",
        reason="not_accepted_by_clerk",
    )
    audit.record("identity.case.choosing", case, actor=SYSTEM, source="identifying", reason="declined")

    entries = entries_of(case, [])

    assert [(entry.title, entry.body, entry.by) for entry in entries[:-1]] == [
        ("Choose a way again", "We could not use the result", "Our staff")
    ]


def test_events_of_other_cases_are_not_shown(insurant: Insurant):
    case, other = a_case(insurant=insurant), a_case()
    audit.record("identity.case.opened", other, actor=SYSTEM)

    assert titles(case) == ["You choose a way"]


def test_the_page_with_the_time_line_takes_few_queries(
    member: Client, insurant: Insurant, account: Account, provider: ScriptedProvider, at_most_queries
):
    actor = Actor(ActorKind.INSURANT, str(account.public_id))
    case = open_case(insurant, Purpose.EPA, actor=actor)
    declare(case.public_id, actor=actor)
    for method in ("postident_branch", "postident_eid"):
        start_attempt(case.public_id, method, return_url="https://example.org", actor=actor)
    a_suspension("postident_eid")

    with at_most_queries(MOST):
        page = member.get(reverse("identity:case", args=[case.public_id]))
    assert len(page.context["entries"]) == 5


def test_the_page_after_a_failure_takes_few_queries(member: Client, insurant: Insurant, at_most_queries):
    case = a_case(insurant=insurant, end_reason="pin_blocked")
    an_attempt(AttemptState.FAILED, case=case)

    with at_most_queries(MOST):
        member.get(reverse("identity:case", args=[case.public_id]))
