"""The one function that decides about methods."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core.actors import SYSTEM, Actor, ActorKind
from core.audit.models import AuditEvent
from identity.methods.choices import Action, AssuranceLevel, Purpose, Reason
from identity.methods.gate import decide, decide_all
from identity.methods.models import Method, MethodAdmission, Suspension
from identity.methods.records import Lifting
from identity.methods.rules import Question
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension, propose_lifting
from identity.methods.services.lifting import SuspensionEnded
from identity.methods.services.writing import AdministratorNeeded
from tests.factories import a_suspension, an_insurer, lift

pytestmark = pytest.mark.django_db
NOW = timezone.now
DOORS = [Action.START, Action.RESUME, Action.ACCEPT]


def asked(action: Action = Action.START, method: str = "postident_branch", **given: Any) -> Question:
    usual: dict[str, Any] = {"purpose": Purpose.EPA, "insurer_id": 1, "region": "north", "age": 40}
    return Question(action=action, method=method, **usual | given)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("method", ["postident_branch", "postident_eid"])
def test_an_available_method_is_open_for_every_action(action, method):
    assert decide(asked(action, method)).allowed


@pytest.mark.parametrize("action", DOORS)
@pytest.mark.parametrize("method", ["video_ident", "robo_ident"])
def test_video_is_refused_whatever_is_asked(action, method):
    ruling = decide(asked(action, method))

    assert Reason.SUSPENDED in ruling.reasons
    assert ruling.suspension is not None
    assert ruling.suspension.authority == "gematik"


@pytest.mark.parametrize("action", DOORS)
def test_one_record_stops_a_method_at_the_next_question(action):
    assert decide(asked(action)).allowed
    a_suspension()
    assert decide(asked(action)).reasons == (Reason.SUSPENDED,)


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        ({"provider": "postident"}, True),
        ({"provider": "somebody_else"}, False),
        ({"purpose": "epa"}, True),
        ({"purpose": "pin"}, False),
        ({"region": "north"}, True),
        ({"region": "south"}, False),
    ],
)
def test_a_suspension_stops_only_what_its_scope_names(scope, stopped):
    a_suspension(**scope)
    assert decide(asked()).allowed is not stopped


def test_a_suspension_for_one_insurer_leaves_the_others_alone():
    insurer = an_insurer()
    a_suspension(insurer=insurer)
    assert not decide(asked(insurer_id=insurer.pk)).allowed
    assert decide(asked(insurer_id=insurer.pk + 1)).allowed


def test_a_planned_suspension_begins_by_itself(time_machine):
    a_suspension(effective_from=NOW() + timedelta(hours=1))
    assert decide(asked()).allowed
    time_machine.move_to(NOW() + timedelta(hours=1, seconds=1))
    assert not decide(asked()).allowed


def test_an_ended_suspension_no_longer_stops_starts():
    a_suspension(effective_from=NOW() - timedelta(days=2), ends_at=NOW() - timedelta(days=1))
    assert decide(asked()).allowed


def test_a_result_from_before_the_suspension_does_not_count_by_default():
    a_suspension(effective_from=NOW() - timedelta(hours=1))
    assert not decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(hours=2))).allowed


def test_a_result_from_before_the_suspension_counts_when_the_order_says_so():
    a_suspension(effective_from=NOW() - timedelta(hours=1), earlier_results_count=True)
    assert decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(hours=2))).allowed
    assert not decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(minutes=59))).allowed
    assert not decide(asked(Action.ACCEPT, identified_at=None)).allowed


def test_a_result_identified_while_suspended_never_counts_even_when_the_method_is_back():
    a_suspension(effective_from=NOW() - timedelta(days=2), ends_at=NOW() - timedelta(days=1))
    assert not decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(days=1, hours=5))).allowed
    assert decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(hours=5))).allowed


def test_a_record_that_contradicts_itself_means_suspended():
    contradictory = Suspension(effective_from=NOW() + timedelta(days=2), ends_at=NOW() + timedelta(days=1))
    assert contradictory.covers(NOW())


def test_a_database_that_cannot_be_read_means_no(monkeypatch):
    def broken(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(Suspension.objects, "mattering", broken)
    assert decide_all([asked()], acting=False)[0].reasons == (Reason.UNREADABLE,)
    with pytest.raises(DatabaseError):
        decide(asked())


def test_an_unknown_method_is_refused():
    assert decide(asked(method="carrier_pigeon")).reasons == (Reason.UNKNOWN_METHOD,)


@pytest.mark.parametrize(
    ("method", "age", "reasons"),
    [
        ("postident_eid", 15, (Reason.TOO_YOUNG,)),
        ("postident_eid", 16, ()),
        ("postident_eid", None, (Reason.AGE_UNKNOWN,)),
        ("postident_branch", 15, (Reason.TOO_YOUNG,)),
    ],
)
def test_the_minimum_age_holds(method, age, reasons):
    assert decide(asked(method=method, age=age)).reasons == reasons


@pytest.mark.parametrize(
    ("age", "represented", "allowed"), [(15, False, True), (14, False, False), (14, True, True), (3, True, True)]
)
def test_children_come_to_the_branch_with_a_representative(age, represented, allowed):
    question = asked(method="insurer_branch", age=age, represented=represented, by_staff=True)
    assert decide(question).allowed is allowed


def test_what_staff_record_cannot_be_started_by_a_person():
    assert decide(asked(method="insurer_branch")).reasons == (Reason.STAFF_ONLY,)
    assert decide(asked(method="insurer_branch", by_staff=True)).allowed


@pytest.mark.parametrize("method", ["nect_epass", "egk_pin"])
def test_a_method_without_a_contract_cannot_be_started(method):
    assert decide(asked(method=method)).reasons == (Reason.NOT_CONFIGURED,)


def test_a_planned_method_is_not_admitted():
    assert Reason.NOT_ADMITTED in decide(asked(method="pharmacy")).reasons


def test_an_admission_holds_from_its_first_to_its_last_day(time_machine):
    MethodAdmission.objects.filter(method="postident_branch", purpose="epa").update(
        valid_from=timezone.localdate() - timedelta(days=3), valid_to=timezone.localdate()
    )
    assert decide(asked()).allowed
    assert Reason.NOT_ADMITTED in decide(asked(Action.ACCEPT, identified_at=NOW() - timedelta(days=5))).reasons
    time_machine.move_to(NOW() + timedelta(days=1))
    assert decide(asked()).reasons == (Reason.NOT_ADMITTED,)


@pytest.mark.parametrize("part", ["document_check", "person_check", "binding", "delivery"])
def test_the_weakest_part_decides_the_level(part):
    Method.objects.filter(pk="postident_branch").update(**{part: AssuranceLevel.SUBSTANTIAL})
    assert decide(asked()).reasons == (Reason.LEVEL_TOO_LOW,)
    assert decide(asked(level_demanded=AssuranceLevel.SUBSTANTIAL)).allowed


@pytest.mark.django_db(transaction=True)
def test_the_gate_is_asked_inside_a_transaction():
    with pytest.raises(RuntimeError):
        decide(asked())


def test_many_questions_cost_as_many_queries_as_one(django_assert_num_queries):
    with django_assert_num_queries(4):
        decide_all([asked() for _ in range(50)])


def a_draft(**given: Any) -> Suspension:
    return Suspension(method_id="postident_branch", **SUSPENSION_TEXTS | given)


def test_an_order_is_imposed_and_ended_by_administrators_with_a_trace():
    boss = Actor(ActorKind.ADMINISTRATOR, "boss")
    order = impose_suspension(a_draft(), actor=boss)
    assert not decide(asked()).allowed

    lift(order)
    assert decide(asked()).allowed
    names = list(AuditEvent.objects.values_list("name", flat=True).order_by("seq"))
    assert names == [f"identity.suspension.{each}" for each in ("imposed", "lifting_proposed", "lifted")]


@pytest.mark.parametrize("kind", [ActorKind.CLERK, ActorKind.INSURANT, ActorKind.PROVIDER])
def test_nobody_else_steers_methods(kind):
    order = a_suspension("postident_eid")
    with pytest.raises(AdministratorNeeded):
        impose_suspension(a_draft(), actor=Actor(kind, "somebody"))
    with pytest.raises(AdministratorNeeded):
        propose_lifting(Lifting(suspension=order, evidence="mine"), actor=Actor(kind, "somebody"))
    assert decide(asked()).allowed
    assert not decide(asked(method="postident_eid")).allowed


def test_an_order_ends_once():
    order = impose_suspension(a_draft(), actor=SYSTEM)
    lift(order)
    with pytest.raises(SuspensionEnded):
        lift(order)


def test_a_suspension_cannot_be_deleted_or_rewritten():
    order = a_suspension()
    with pytest.raises(DatabaseError), transaction.atomic():
        order.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(reason="another")
    with pytest.raises(DatabaseError), transaction.atomic():
        Suspension.objects.filter(pk=order.pk).update(effective_from=NOW() + timedelta(days=999))


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"ends_at": NOW() - timedelta(days=9)}, "identity_suspension_in_order"),
        ({"purpose": "holiday"}, "identity_suspension_purpose_known"),
        ({"reason": ""}, "identity_suspension_says_why"),
        ({"authority": ""}, "identity_suspension_says_why"),
        ({"confirmed_by": "test"}, "identity_suspension_confirmed_by_another"),
        ({"effect": "finish"}, "identity_suspension_effect_complete"),
        ({"effect": "void"}, "identity_suspension_effect_complete"),
        ({"finish_until": NOW() + timedelta(days=1)}, "identity_suspension_effect_complete"),
        ({"effect": "cancel"}, "identity_suspension_effect_complete"),
        ({"quarantine_end": "release"}, "identity_suspension_quarantine_of_a_freeze"),
    ],
)
def test_a_wrong_suspension_cannot_be_stored(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        a_suspension(**wrong)


@pytest.mark.django_db(transaction=True)
def test_a_suspension_waits_for_those_who_are_in_and_is_seen_by_all_after(at_once):
    """An acceptance that was let in commits first; one that asks after the suspension's commit is refused."""
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def accept():
        with transaction.atomic():
            ruling = decide(asked(Action.ACCEPT, identified_at=NOW()))
            inside.set()
            go_on.wait(0.3)
            order.append(f"accepted {ruling.allowed}")

    def suspend():
        inside.wait(5)
        impose_suspension(a_draft(), actor=SYSTEM)
        order.append("suspended")

    def late():
        inside.wait(5)
        while not Suspension.objects.filter(method="postident_branch").exists():
            go_on.wait(0.01)
        with transaction.atomic():
            order.append(f"late {decide(asked(Action.ACCEPT, identified_at=NOW())).allowed}")

    results = at_once(accept, suspend, late)

    assert results == [None, None, None]
    assert order[0] == "accepted True"
    assert sorted(order[1:]) == ["late False", "suspended"]
