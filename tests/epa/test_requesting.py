"""The wish for access and the case that goes with it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.actors import Actor, ActorKind
from core.audit.models import AuditEvent
from epa.models import EpaAccess
from epa.services import request_access
from epa.states import AccessState, Channel, EndReason
from identity.cases.models import IdentificationCase, Result
from identity.cases.services import cancel_case, open_case
from identity.cases.services.opening import NotAMember
from identity.cases.states import CaseState
from identity.members.models import Insurant
from identity.methods.choices import Purpose
from tests.epa.accesses import a_withdrawal, again, an_access, an_identified_case, decided
from tests.factories import a_case, a_suspension, an_insurant

pytestmark = pytest.mark.django_db
ME = Actor(ActorKind.INSURANT, "me")
S = AccessState
IOS, ANDROID, DESKTOP, NONE = Channel.APP_IOS, Channel.APP_ANDROID, Channel.DESKTOP, Channel.NONE


@pytest.fixture(autouse=True)
def quiet(woken: list[tuple[str, ...]]) -> None:
    """No broker here."""


def ask(insurant: Insurant, channel: Channel = IOS) -> EpaAccess:
    return request_access(insurant, channel, actor=ME)


def events() -> list[str]:
    names = AuditEvent.objects.order_by("seq").values_list("name", flat=True)
    return [name for name in names if name.startswith("epa.")]


@pytest.mark.parametrize("channel", Channel)
def test_a_wish_opens_the_case_that_has_to_identify_the_person(channel):
    insurant = an_insurant()
    access = ask(insurant, channel)
    assert (access.state, access.channel) == (S.REQUESTED, channel)
    assert (access.case.state, access.case.purpose) == (CaseState.CHOOSING, Purpose.EPA)
    assert access.case.insurant == insurant
    assert events() == ["epa.access.requested"]


def test_a_second_click_changes_nothing():
    insurant = an_insurant()
    assert ask(insurant) == ask(insurant)
    assert IdentificationCase.objects.count() == 1
    assert events() == ["epa.access.requested"]


def test_a_case_that_runs_already_is_continued():
    insurant = an_insurant()
    case = open_case(insurant, Purpose.EPA, actor=ME)
    assert ask(insurant).case == case


@pytest.mark.parametrize("state", [S.REQUESTED, S.OPENING, S.STUCK])
def test_another_channel_before_it_is_open_changes_the_wish(state):
    access = an_access(state, channel=IOS)
    changed = ask(access.insurant, DESKTOP)
    assert (changed, changed.channel, changed.state) == (access, DESKTOP, state)
    assert AuditEvent.objects.get(name="epa.access.channel_changed").facts["before"] == "app_ios"
    assert EpaAccess.objects.count() == 1


def test_the_same_channel_again_finds_the_open_access():
    access = an_access(S.OPEN, channel=IOS)
    assert ask(access.insurant, IOS) == access


def test_a_further_channel_opens_without_a_second_identification(django_capture_on_commit_callbacks, woken):
    first = an_access(S.OPEN, channel=IOS)
    with django_capture_on_commit_callbacks(execute=True):
        further = ask(first.insurant, DESKTOP)
    assert (further.state, further.case) == (S.OPENING, first.case)
    assert ("epa.open_accesses", str(first.case.public_id)) in woken


def test_who_was_identified_before_asking_is_not_asked_again():
    case = an_identified_case()
    access = ask(case.insurant)
    assert (access.state, access.case) == (S.OPENING, case)
    assert again(access).next_try_at is not None


def test_what_was_identified_by_a_method_suspended_since_counts_for_its_own_access():
    case = an_identified_case()
    a_suspension("postident_branch")
    assert ask(case.insurant).case == case


def test_a_further_channel_does_not_stand_on_a_method_suspended_since():
    first = an_access(S.OPEN, channel=IOS)
    a_suspension("postident_branch")
    further = ask(first.insurant, DESKTOP)
    assert further.state == S.REQUESTED
    assert further.case != first.case
    assert again(first).state == S.OPEN  # what is open stays open (M4)


def test_an_identification_of_another_person_carries_nothing():
    an_identified_case()
    assert ask(an_insurant()).state == S.REQUESTED


def test_an_identification_for_another_purpose_carries_nothing():
    case = an_identified_case(purpose=Purpose.PIN)
    assert ask(case.insurant).state == S.REQUESTED


def test_an_identification_of_too_low_a_level_carries_nothing():
    case = an_identified_case(level=2)
    access = ask(case.insurant)
    assert (access.state, access.case.state) == (S.REQUESTED, CaseState.CHOOSING)


def test_an_identification_of_long_ago_carries_nothing_new():
    case = an_identified_case()
    Result.objects.filter(case=case).update(granted_at=timezone.now() - timedelta(days=184))
    assert ask(case.insurant).state == S.REQUESTED


def test_an_identification_that_was_taken_back_carries_nothing():
    case = an_identified_case()
    decided(a_withdrawal(case), "refuse")
    assert ask(case.insurant).state == S.REQUESTED


def test_an_identification_under_review_is_waited_for():
    case = an_identified_case()
    a_withdrawal(case)
    assert ask(case.insurant).state == S.OPENING


def test_who_is_no_member_can_request_nothing():
    insurant = an_insurant(member_to=date(2020, 1, 1))
    with pytest.raises(NotAMember):
        ask(insurant)
    assert not EpaAccess.objects.exists()


def test_a_new_wish_after_a_case_that_has_just_ended_gets_a_new_case():
    first = an_access(S.REQUESTED)
    cancel_case(first.case.public_id, actor=ME)
    second = ask(first.insurant)
    assert second.case != first.case
    assert (again(first).state, again(first).end_reason) == (S.CANCELLED, EndReason.CASE_ENDED)


def test_a_wish_whose_case_has_just_identified_the_person_is_opened():
    case = an_identified_case()
    access = an_access(S.REQUESTED, case=case)
    assert ask(case.insurant) == access
    assert again(access).state == S.OPENING


def test_a_new_wish_after_an_expired_case_is_possible_beside_its_late_offer():
    offered = a_case(CaseState.OFFERED)
    assert ask(offered.insurant, NONE).case != offered
