"""An access whose person has let the deadline of a campaign pass: it stays open and is marked, until they repeat it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.audit.models import AuditEvent
from epa import tasks
from epa.models import EpaAccess
from epa.services import follow_restrictions
from epa.states import AccessState, Channel
from epa.templatetags.epa_tags import epa_task
from identity.campaigns.models import CampaignMember
from identity.campaigns.services import carry_campaigns, except_person
from identity.cases.models import IdentificationCase
from tests.epa.accesses import again, an_access
from tests.factories import an_administrator
from tests.identity.campaigns.rows import a_campaign, an_identified_case, identified_again

pytestmark = pytest.mark.django_db
S = AccessState


@pytest.fixture
def too_late(time_machine) -> Any:
    """Let a campaign run past the deadline of a person."""

    def run(case: IdentificationCase, **given: Any) -> None:
        a_campaign(**given)
        begun = timezone.now()
        for days in (0, 20, 29, 32):
            time_machine.move_to(begun + timedelta(days=days))
            carry_campaigns()
        assert CampaignMember.objects.get(insurant=case.insurant).state == "restricted"

    return run


def test_an_access_stays_open_and_is_marked_once(too_late):
    case = an_identified_case()
    access = an_access(S.OPEN, case=case)
    too_late(case)
    assert (follow_restrictions(), follow_restrictions()) == (1, 0)
    found = again(access)
    assert (found.state, found.restricted_at is not None) == (S.OPEN, True)
    assert AuditEvent.objects.filter(name="epa.access.restricted").count() == 1


def test_the_mark_goes_when_the_person_has_been_identified_again(too_late):
    case = an_identified_case()
    access = an_access(S.OPEN, case=case)
    too_late(case)
    tasks.follow_restrictions()
    identified_again(case)
    carry_campaigns()
    tasks.follow_restrictions()
    assert again(access).restricted_at is None
    assert AuditEvent.objects.filter(name="epa.access.freed").count() == 1


def test_the_mark_goes_with_an_exception(too_late):
    case = an_identified_case()
    access = an_access(S.OPEN, case=case)
    too_late(case)
    follow_restrictions()
    except_person(CampaignMember.objects.get().pk, "In hospital", actor=an_administrator())
    follow_restrictions()
    assert again(access).restricted_at is None


def test_two_campaigns_restrict_until_both_are_done(too_late):
    case = an_identified_case()
    access = an_access(S.OPEN, case=case)
    too_late(case)
    first = CampaignMember.objects.get()
    other = a_campaign()
    CampaignMember.objects.create(
        campaign=other, insurant=case.insurant, case=case, granted_at=first.granted_at, asked_at=first.asked_at,
        due_at=first.due_at, reminded_at=first.reminded_at, state="restricted", settled_at=timezone.now(),
    )  # fmt: skip
    follow_restrictions()
    except_person(first.pk, "In hospital", actor=an_administrator())
    assert follow_restrictions() == 0
    assert again(access).restricted_at is not None


def test_another_purpose_and_another_person_are_not_restricted(too_late):
    case = an_identified_case(purpose="pin")
    own, foreign = an_access(S.OPEN, insurant=case.insurant), an_access(S.OPEN)
    too_late(case, purpose="pin")
    assert follow_restrictions() == 0
    assert {again(each).restricted_at for each in (own, foreign)} == {None}


def test_only_an_open_access_is_restricted(too_late):
    case = an_identified_case()
    access = an_access(S.STUCK, case=case)
    too_late(case)
    assert follow_restrictions() == 0
    with pytest.raises(IntegrityError, match="restricted_is_open"), transaction.atomic():
        EpaAccess.objects.filter(pk=access.pk).update(restricted_at=timezone.now())


def test_a_further_access_of_a_restricted_person_is_restricted_too(too_late):
    case = an_identified_case()
    an_access(S.OPEN, case=case)
    too_late(case)
    an_access(S.OPEN, case=case, channel=Channel.DESKTOP)
    assert follow_restrictions() == 2


def test_the_page_asks_the_person_and_leads_to_the_application(too_late, client):
    case = an_identified_case()
    access = an_access(S.OPEN, case=case)
    too_late(case)
    follow_restrictions()
    client.force_login(case.insurant.account)
    page = client.get(reverse("epa:access", args=[access.public_id]), headers={"accept-language": "en"}).text
    assert "Please identify yourself again" in page
    assert reverse("identity:application", args=["epa"]) in page
    task = epa_task(case.insurant.account)
    assert task["kind"] == "warning"


def test_the_news_of_a_restriction_wakes_a_worker(too_late, django_capture_on_commit_callbacks, monkeypatch):
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr("epa.apps.wake", lambda *task: sent.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        too_late(an_identified_case())
    assert ("epa.follow_restrictions",) in sent
