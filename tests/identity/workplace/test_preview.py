"""Show me first: what an order would do to the people of today, without doing it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.audit.models import AuditEvent
from identity.cases.effects.finding import attempts_in_the_middle, cases_in_the_middle
from identity.cases.models import Result
from identity.cases.services.moving import question_about
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Action, Effect, Purpose, Setting
from identity.methods.gate import decide, decide_all, supposing
from identity.methods.models import Method, Suspension
from identity.providers.ports import Progress
from identity.workplace.preview import Preview, preview_of
from identity.workplace.preview.counting import Stage, count_met
from identity.workplace.preview.load import AHEAD_DAYS
from tests.factories import a_case, a_review, a_suspension, an_attempt, an_insurant, an_insurer, lift
from tests.identity.scripted import ScriptedProvider
from tests.identity.workplace.conftest import AtMost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
EID, POST_OFFICE, BRANCH = "postident_eid", "postident_branch", "insurer_branch"
ONLINE, COUNTER, IN_PERSON, NOTHING = range(4)


def a_draft(method: str = POST_OFFICE, **given: Any) -> Suspension:
    usual: dict[str, Any] = {"effective_from": timezone.now(), "effect": Effect.MOVE}
    return Suspension(method=Method.objects.get(pk=method), **usual | given)


def in_the_middle(method: str = POST_OFFICE, state: AttemptState = AttemptState.STARTED, **given: Any) -> Any:
    case = given.pop("case", None) or {}
    case = a_case(CaseState.IDENTIFYING, method_id=method, **case)
    return an_attempt(state, case=case, method_id=method, **given)


def outlooks(preview: Preview) -> list[int]:
    return [number for _words, number in preview.outlooks]


def born_years_ago(years: int) -> str:
    today = timezone.localdate()
    return date(today.year - years, today.month, 1).isoformat()


def stop(*methods: str) -> None:
    for method in methods:
        a_suspension(method)


def test_attempts_are_counted_by_how_far_they_are():
    in_the_middle(state=AttemptState.INTENDED)
    in_the_middle()
    in_the_middle(progress=Progress.COUPON_REQUESTED.value)
    in_the_middle(progress=Progress.INCOMPLETE.value)
    in_the_middle(progress=Progress.REVIEW_PENDING.value)
    in_the_middle(state=AttemptState.FAILED)
    in_the_middle(state=AttemptState.QUARANTINED)
    an_attempt(AttemptState.LATE, case=a_case(CaseState.OFFERED, method_id=POST_OFFICE))
    a_review()
    in_the_middle(EID)

    assert count_met(a_draft()).stages == {
        Stage.NOT_BEGUN: 2, Stage.AT_PROVIDER: 2, Stage.WAITING: 1, Stage.UNUSED: 3, Stage.AGAIN: 1,
    }  # fmt: skip


def test_every_attempt_in_the_middle_is_in_one_stage():
    for state in (AttemptState.INTENDED, AttemptState.UNREACHED, AttemptState.FAILED, AttemptState.QUARANTINED):
        in_the_middle(state=state)
    for progress in Progress:
        in_the_middle(progress=progress.value)
    draft = a_draft()

    assert sum(count_met(draft).stages.values()) == attempts_in_the_middle(draft).count() == 4 + len(Progress)


def test_a_person_with_two_attempts_is_one_person():
    attempt = in_the_middle()
    an_attempt(case=attempt.case)
    preview = preview_of(a_draft())

    assert sum(preview.stages.values()) == 2
    assert preview.people == 1


def test_only_the_scope_of_the_order_is_met():
    south = an_insurer("260326822", name="Süd", region="south")
    in_the_middle()
    in_the_middle(case={"insurant": an_insurant(insurer=south)})
    in_the_middle(case={"purpose": Purpose.PIN})

    assert preview_of(a_draft()).people == 3
    assert preview_of(a_draft(region="south")).people == 1
    assert preview_of(a_draft(insurer=south)).people == 1
    assert preview_of(a_draft(purpose=Purpose.PIN)).people == 1
    assert preview_of(a_draft(provider="somebody_else")).people == 0


def test_who_is_old_enough_has_another_way_online():
    in_the_middle()

    assert outlooks(preview_of(a_draft())) == [1, 0, 0, 0]
    assert preview_of(a_draft()).stays_open


@pytest.mark.parametrize("years", [8, 15])
def test_who_is_too_young_for_the_online_id_is_left_with_the_branch(years: int):
    in_the_middle(case={"insurant": an_insurant(birth_date=born_years_ago(years))})
    preview = preview_of(a_draft())

    assert outlooks(preview) == [0, 0, 1, 0]
    assert [case.state for case, _left in preview.page] == [CaseState.IDENTIFYING]


def test_without_the_online_id_the_post_office_is_left():
    in_the_middle(EID)

    assert outlooks(preview_of(a_draft(EID))) == [0, 1, 0, 0]


def test_what_stopped_the_last_attempt_is_no_way_out():
    in_the_middle(case={"end_reason": "pin_blocked"})
    preview = preview_of(a_draft())

    assert outlooks(preview) == [0, 0, 1, 0]
    assert EID not in [method.code for method, _number in preview.ways]
    assert preview.stranded.count == len(preview.page) == 1


def test_another_order_in_force_closes_the_way_in_its_scope():
    south = an_insurer("260326822", name="Süd", region="south")
    in_the_middle()
    in_the_middle(case={"insurant": an_insurant(insurer=south)})
    a_suspension(EID, region="south")
    preview = preview_of(a_draft())

    assert outlooks(preview) == [1, 0, 1, 0]
    assert [case.insurer for case, _left in preview.page] == [south]


def test_who_has_no_way_at_all_stands_first_in_the_list():
    stop(EID, "nect_epass", "egk_pin", "gesundheitsid", "embassy", "notary")
    a_suspension(BRANCH, purpose=Purpose.PIN)
    in_the_middle()
    nobody = in_the_middle(case={"purpose": Purpose.PIN})
    preview = preview_of(a_draft())

    assert outlooks(preview) == [0, 0, 1, 1]
    assert preview.stranded.count == 2
    assert next(iter(preview.page))[0] == nobody.case


def test_the_list_comes_in_pages_and_knows_its_length():
    stop(EID)
    for _ in range(27):
        in_the_middle()
    stranded = preview_of(a_draft()).stranded
    first, second = stranded.page(1), stranded.page(2)

    assert stranded.count == 27
    assert (len(first), len(second)) == (25, 2)
    assert len({case.pk for page in (first, second) for case, _left in page}) == 27


def test_who_has_used_up_the_attempts_needs_a_branch(settings: Any):
    settings.ATTEMPTS_LIMIT = 2
    attempt = in_the_middle()
    an_attempt(AttemptState.EXPIRED, case=attempt.case)
    in_the_middle()
    preview = preview_of(a_draft())

    assert outlooks(preview) == [1, 0, 1, 0]
    assert [case for case, _left in preview.page] == [attempt.case]
    assert any("used up" in each for each in preview.not_known)


def test_a_method_that_is_open_again_for_some_only_is_not_counted_on():
    in_the_middle()
    lift(a_suspension(EID), percents=[10, 50], step_hours=24)
    preview = preview_of(a_draft())

    assert outlooks(preview) == [0, 0, 1, 0]
    assert any("Online ID card" in each for each in preview.not_known)


def test_an_unknown_age_is_said_and_nobody_is_promised_a_way():
    attempt = in_the_middle()
    type(attempt.case.insurant).objects.filter(pk=attempt.case.insurant_id).update(age_class=0)
    preview = preview_of(a_draft())

    assert outlooks(preview)[ONLINE] == 0
    assert any("age of 1 of them is not known" in each for each in preview.not_known)


def test_the_last_online_doors_are_named():
    preview = preview_of(a_draft(EID))

    assert preview.doors.closes_online_id
    assert preview.purposes_closed == [str(purpose.label) for purpose in Purpose]
    assert not preview_of(a_draft()).doors


def test_void_counts_those_too_who_are_identified_already():
    case = a_case(CaseState.IDENTIFIED, method_id=POST_OFFICE)
    now = timezone.now()
    Result.objects.create(
        attempt=an_attempt(AttemptState.SUCCEEDED, case=case), case=case, method_used=POST_OFFICE, identified_at=now,
        received_at=now, person={}, verdict="match", level_reached=3, granted_at=now,
    )  # fmt: skip
    preview = preview_of(a_draft(effect=Effect.VOID, void_since=now - timedelta(days=1)))

    assert preview.people == 1
    assert preview.stages[Stage.IDENTIFIED] == 1
    assert preview_of(a_draft()).people == 0


def test_who_moves_is_expected_within_two_weeks_where_people_went_before():
    for _ in range(10):
        in_the_middle(EID)
    load = preview_of(a_draft(EID)).load[Setting.POST_OFFICE]

    assert len(load) == AHEAD_DAYS
    assert sum(day.moved for day in load) == pytest.approx(10)
    assert [day.moved for day in load if day.day.isoweekday() == 7] == [0, 0]  # closed on Sundays
    assert sum(day.instead for day in load) == pytest.approx(10 / 8 * 2)


@pytest.mark.parametrize("effect", [Effect.FREEZE, Effect.FINISH])
def test_who_need_not_move_is_not_expected_elsewhere(effect: Effect):
    in_the_middle(EID)
    load = preview_of(a_draft(EID, effect=effect)).load

    assert sum(day.moved for days in load.values() for day in days) == 0


def test_an_empty_house_has_an_empty_preview():
    preview = preview_of(a_draft())

    assert preview.people == 0
    assert outlooks(preview) == [0, 0, 0, 0]
    assert all(chart.is_empty for chart in preview.charts)
    assert len(preview.page) == 0


def test_a_preview_reads_a_fixed_number_of_times_and_writes_nothing(at_most: AtMost):
    for _ in range(3):
        in_the_middle()
    before = (Suspension.objects.count(), AuditEvent.objects.count())
    with at_most(30):
        preview = preview_of(a_draft())

    assert (Suspension.objects.count(), AuditEvent.objects.count()) == before
    assert cases_in_the_middle(a_draft()).count() == preview.people


def test_the_provider_is_not_asked(provider: ScriptedProvider):
    in_the_middle()
    preview_of(a_draft())

    assert provider.orders == []


def test_nobody_acts_on_what_is_only_supposed():
    case = a_case()
    question = question_about(case, Action.START, EID)
    with supposing(a_draft(EID)):
        assert [ruling.allowed for ruling in decide_all([question], acting=False)] == [False]
        with pytest.raises(RuntimeError):
            decide(question)

    assert decide(question).allowed


def test_what_is_supposed_opens_nothing():
    question = question_about(a_case(), Action.START, "video_ident")
    with supposing(a_draft("video_ident", ends_at=timezone.now(), evidence="Report")):
        assert not decide_all([question], acting=False)[0].allowed


def test_a_planned_order_is_shown_as_if_it_began_now():
    in_the_middle(EID)
    preview = preview_of(a_draft(EID, effective_from=timezone.now() + timedelta(days=30)))

    assert outlooks(preview) == [0, 1, 0, 0]
