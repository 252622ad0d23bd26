"""An access follows its case, by news and by the sweep that finds what the news missed."""

from __future__ import annotations

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from core.actors import SYSTEM
from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from epa import apps
from epa.services import follow_case, follow_cases, following, moving, request_access
from epa.states import AccessState, Channel, EndReason
from epa.tasks import open_accesses
from identity.cases.models import IdentificationCase
from identity.cases.services import accept_late_result, cancel_case, expire_overdue
from identity.cases.states import CaseState
from identity.methods.choices import Purpose
from tests.epa.accesses import again, an_access, an_identified_case
from tests.epa.conftest import Records
from tests.factories import a_case, an_answer, an_attempt, an_identification, an_insurant
from tests.identity.conftest import provider
from tests.identity.scripted import ScriptedProvider, hint_about

__all__ = ["provider"]
pytestmark = pytest.mark.django_db
S = AccessState
ENDED = [CaseState.CANCELLED, CaseState.REFUSED, CaseState.EXPIRED, CaseState.OFFERED]


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the signals of identity have made us queue."""
    sent: list[tuple[str, ...]] = []
    monkeypatch.setattr(apps, "wake", lambda *task: sent.append(task))
    return sent


@pytest.fixture(autouse=True)
def quiet(woken: list[tuple[str, ...]], news: list[tuple[str, ...]]) -> None:
    """No broker here."""


def test_an_access_is_opened_when_the_person_is_identified(woken, django_capture_on_commit_callbacks):
    access = an_access(S.REQUESTED, case=an_identified_case())
    with django_capture_on_commit_callbacks(execute=True):
        assert follow_case(access.case.public_id) == 1
    assert again(access).state == S.OPENING
    assert AuditEvent.objects.get(subject_id=str(access.public_id)).name == "epa.access.opening"
    assert woken[-1] == ("epa.open_accesses", str(access.case.public_id))


@pytest.mark.parametrize("state", ENDED)
def test_an_access_ends_with_a_case_that_has_not_identified_the_person(state):
    access = an_access(S.REQUESTED, case=a_case(state))
    assert follow_case(access.case.public_id) == 1
    assert (again(access).state, again(access).end_reason) == (S.CANCELLED, EndReason.CASE_ENDED)
    assert not OutgoingMessage.objects.filter(template__startswith="epa/").exists()  # the case has told of itself


@pytest.mark.parametrize("state", [CaseState.CHOOSING, CaseState.IDENTIFYING, CaseState.IN_REVIEW])
def test_an_access_waits_while_its_case_runs(state):
    access = an_access(S.REQUESTED, case=a_case(state))
    assert [follow_case(access.case.public_id), follow_cases()] == [0, 0]


def test_the_same_news_twice_changes_nothing():
    access = an_access(S.REQUESTED, case=an_identified_case())
    assert [follow_case(access.case.public_id), follow_case(access.case.public_id)] == [1, 0]
    assert AuditEvent.objects.filter(subject_id=str(access.public_id)).count() == 1


@pytest.mark.parametrize("state", [S.OPENING, S.OPEN, S.STUCK])
def test_news_of_a_case_does_not_touch_an_access_that_is_further(state):
    access = an_access(state)
    assert follow_case(access.case.public_id) == 0
    assert again(access).state == state


def test_news_of_a_case_without_an_access_is_fine():
    assert follow_case(an_identified_case().public_id) == 0


def test_the_sweep_finds_what_the_news_missed():
    identified = an_access(S.REQUESTED, case=an_identified_case())
    ended = an_access(S.REQUESTED, case=a_case(CaseState.EXPIRED))
    waiting = an_access(S.REQUESTED)
    assert follow_cases() == 2
    assert [again(each).state for each in (identified, ended, waiting)] == [S.OPENING, S.CANCELLED, S.REQUESTED]
    assert follow_cases() == 0


def test_one_case_that_breaks_holds_up_no_other(monkeypatch):
    bad = an_access(S.REQUESTED, case=an_identified_case())
    good = an_access(S.REQUESTED, case=an_identified_case())
    original = moving.move

    def breaking(access, *args, **how):
        if access.pk == bad.pk:
            raise ZeroDivisionError
        original(access, *args, **how)

    monkeypatch.setattr(following, "move", breaking)
    with capture_logs() as logs:
        assert follow_cases() == 1
    assert again(good).state == S.OPENING
    assert "access_cannot_follow" in [entry["event"] for entry in logs]


def test_identity_tells_of_an_identified_person(provider: ScriptedProvider, news, django_capture_on_commit_callbacks):
    from identity.callbacks import work

    access = an_access(S.REQUESTED, case=a_case(CaseState.IDENTIFYING, method_id="postident_branch"))
    attempt = an_attempt(case=access.case)
    provider.answers[attempt.provider_case_id] = an_answer(attempt, an_identification())
    hint_about(attempt)
    with django_capture_on_commit_callbacks(execute=True):
        work.work_inbox()
    assert ("epa.open_accesses", str(access.case.public_id)) in news


def test_identity_tells_of_a_case_that_has_ended(news, django_capture_on_commit_callbacks):
    access = an_access(S.REQUESTED)
    with django_capture_on_commit_callbacks(execute=True):
        cancel_case(access.case.public_id, actor=SYSTEM)
    assert news == [("epa.open_accesses", str(access.case.public_id))]


def test_the_task_follows_one_case_and_opens(records: Records):
    access = an_access(S.REQUESTED, case=an_identified_case())
    open_accesses(str(access.case.public_id))
    assert again(access).state == S.OPEN


def test_the_task_of_the_sweep_follows_all_and_opens(records: Records):
    access = an_access(S.REQUESTED, case=an_identified_case())
    open_accesses()
    assert again(access).state == S.OPEN


def a_late_offer() -> IdentificationCase:
    """A case that has expired, with a success that came afterwards and waits for the person."""
    from identity.cases.models import Result
    from identity.cases.states import AttemptState

    case = a_case(CaseState.OFFERED, method_id="postident_branch")
    attempt = an_attempt(AttemptState.LATE, case=case)
    now = timezone.now()
    Result.objects.create(
        attempt=attempt, case=case, method_used="postident_branch", identified_at=now, received_at=now,
        person={}, verdict="match", level_reached=3,
    )  # fmt: skip
    return case


def test_a_late_result_that_is_taken_up_opens_the_access_after_all(records: Records):
    case = a_late_offer()
    access = an_access(S.REQUESTED, case=case)
    follow_cases()
    assert again(access).state == S.CANCELLED
    accept_late_result(case.public_id, actor=SYSTEM)
    open_accesses()
    assert again(access).state == S.OPEN
    assert again(access).ended_at is None


def test_a_late_result_takes_the_place_of_a_newer_wish(records: Records):
    case = a_late_offer()
    early = an_access(S.REQUESTED, case=case)
    follow_cases()
    newer = request_access(case.insurant, Channel.DESKTOP, actor=SYSTEM)
    accept_late_result(case.public_id, actor=SYSTEM)
    open_accesses()
    assert [again(early).state, again(newer).state] == [S.OPEN, S.CANCELLED]


def test_an_ended_access_stays_so_when_another_one_has_come_further():
    case = an_identified_case()
    ended = an_access(S.CANCELLED, case=case)
    an_access(S.OPEN, case=case, channel=ended.channel)
    assert follow_cases() == 0
    assert again(ended).state == S.CANCELLED


def test_what_ended_with_the_membership_does_not_come_back():
    ended = an_access(S.CANCELLED, case=an_identified_case(), end_reason=EndReason.MEMBERSHIP_ENDED)
    assert [follow_case(ended.case.public_id), follow_cases()] == [0, 0]


def test_a_case_that_expires_takes_its_access_along(django_capture_on_commit_callbacks):
    access = an_access(S.REQUESTED, case=a_case(expires_at=timezone.now()))
    expire_overdue()
    assert follow_cases() == 1
    assert again(access).state == S.CANCELLED


def test_a_case_for_another_purpose_is_none_of_our_business():
    case = a_case(CaseState.IDENTIFIED, purpose=Purpose.PIN, insurant=an_insurant())
    assert follow_case(case.public_id) == 0
