"""What the database does not take, whoever writes it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import violates
from epa.models import EpaAccess
from epa.states import AccessState, Channel, EndReason, RecordState
from identity.cases.models import IdentificationCase
from identity.cases.states import CaseState
from identity.methods.choices import Purpose
from tests.epa.accesses import a_withdrawal, an_access, an_identified_case
from tests.factories import a_case, an_insurant

pytestmark = pytest.mark.django_db
S = AccessState


def refused_by(constraint: str, access: EpaAccess, **changes: object) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        EpaAccess.objects.filter(pk=access.pk).update(**changes)
    assert violates(caught.value, constraint), caught.value


def opened(**changes: object) -> dict[str, object]:
    now = timezone.now()
    usual = {"state": S.OPEN, "next_try_at": None, "opened_at": now, "email_set_at": now, "status_seen_at": now}
    return {**usual, "record_state": RecordState.ACTIVATED, **changes}


def test_two_accesses_by_one_channel_are_refused():
    case = an_access(S.OPEN).case
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        an_access(S.OPENING, case=case)
    assert violates(caught.value, "epa_access_one_per_channel")


def test_two_accesses_under_way_are_refused():
    case = an_access(S.OPENING, channel=Channel.APP_IOS).case
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        an_access(S.STUCK, case=case, channel=Channel.DESKTOP)
    assert violates(caught.value, "epa_access_one_under_way")


def test_a_further_channel_beside_an_open_one_is_fine():
    case = an_access(S.OPEN, channel=Channel.APP_IOS).case
    assert an_access(S.OPENING, case=case, channel=Channel.DESKTOP)


def test_a_new_wish_after_one_that_has_ended_is_fine():
    ended = an_access(S.CANCELLED)
    assert an_access(S.REQUESTED, insurant=ended.insurant)


def test_an_open_access_needs_the_email_address_and_a_record():
    access = an_access(S.OPENING)
    refused_by("epa_access_open_has_email_and_record", access, **opened(email_set_at=None))
    refused_by("epa_access_open_has_email_and_record", access, **opened(record_state=RecordState.WRONG_STATE))
    refused_by("epa_access_opened_iff_open", access, **opened(opened_at=None))


@pytest.mark.parametrize(
    ("constraint", "state", "changes"),
    [
        ("epa_access_opened_iff_open", S.OPENING, {"opened_at": timezone.now()}),
        ("epa_access_due_iff_opening", S.OPENING, {"next_try_at": None}),
        ("epa_access_due_iff_opening", S.REQUESTED, {"next_try_at": timezone.now()}),
        ("epa_access_due_iff_opening", S.STUCK, {"claimed_until": timezone.now()}),
        ("epa_access_stuck_says_why", S.STUCK, {"problem": ""}),
        ("epa_access_cancelled_says_why", S.CANCELLED, {"end_reason": ""}),
        ("epa_access_cancelled_says_why", S.CANCELLED, {"end_reason": "because"}),
        ("epa_access_cancelled_says_why", S.OPENING, {"end_reason": EndReason.CASE_ENDED}),
        ("epa_access_channel_known", S.OPENING, {"channel": "fax"}),
        ("epa_access_record_state_known", S.OPENING, {"record_state": "lost", "status_seen_at": timezone.now()}),
        ("epa_access_record_state_iff_seen", S.OPENING, {"record_state": RecordState.ERROR}),
    ],
)
def test_a_row_cannot_lie(constraint, state, changes):
    refused_by(constraint, an_access(state), **changes)


def test_an_access_cannot_stand_on_the_case_of_somebody_else():
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        an_access(S.OPENING, case=an_identified_case(), insurant=an_insurant())
    assert violates(caught.value, "epa_access_case_fits")


def test_an_access_cannot_stand_on_a_case_for_another_purpose():
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        an_access(S.OPENING, case=an_identified_case(purpose=Purpose.PIN))
    assert violates(caught.value, "epa_access_case_fits")


def test_an_access_cannot_be_moved_to_another_case():
    access = an_access(S.OPENING)
    other = a_case(CaseState.CANCELLED, insurant=access.insurant)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        EpaAccess.objects.filter(pk=access.pk).update(case=other)


@pytest.mark.parametrize("state", [state for state in CaseState if state is not CaseState.IDENTIFIED])
def test_no_access_opens_on_a_case_that_is_not_identified(state):
    access = an_access(S.OPENING, case=a_case(state))
    refused_by("epa_access_open_is_identified", access, **opened())


def test_no_access_opens_on_an_identified_case_without_a_result():
    refused_by("epa_access_open_is_identified", an_access(S.OPENING, case=a_case(CaseState.IDENTIFIED)), **opened())


def test_no_access_opens_on_too_low_a_level():
    refused_by("epa_access_open_is_identified", an_access(S.OPENING, case=an_identified_case(level=2)), **opened())


def test_no_access_opens_while_a_review_is_open():
    access = an_access(S.OPENING)
    a_withdrawal(access.case)
    refused_by("epa_access_open_is_identified", access, **opened())


def test_an_open_access_stays_open_when_a_review_begins_later():
    access = an_access(S.OPEN)
    a_withdrawal(access.case)
    assert EpaAccess.objects.filter(pk=access.pk).update(status_seen_at=timezone.now()) == 1


def test_no_access_is_born_open():
    case = an_identified_case()
    with pytest.raises(Exception, match="Cannot insert"), transaction.atomic():
        EpaAccess.objects.create(case=case, insurant=case.insurant, channel=Channel.NONE, **opened())
    assert IdentificationCase.objects.get().state == CaseState.IDENTIFIED
