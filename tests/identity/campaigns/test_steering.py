"""Drafting, confirming, stopping a campaign, excepting a person: who may, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from core.audit.models import AuditEvent
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.selectors import people_to_ask
from identity.campaigns.services import (
    carry_campaigns,
    confirm_campaign,
    draft_campaign,
    except_person,
    stop_campaign,
)
from identity.campaigns.services.steering import CampaignReasonMissing
from identity.campaigns.states import (
    CAMPAIGN_MOVES,
    MEMBER_MOVES,
    CampaignMoveNotAllowed,
    CampaignState,
    MemberState,
    check_campaign_move,
    check_member_move,
)
from identity.methods.records import MethodChange
from identity.methods.services.writing import AdministratorNeeded, SecondPersonNeeded
from tests.factories import an_account, an_administrator
from tests.identity.campaigns.rows import a_campaign, a_draft, an_identified_case, states, told

pytestmark = pytest.mark.django_db
C, M = CampaignState, MemberState


def test_nobody_is_asked_before_a_second_administrator_has_confirmed_it():
    an_identified_case()
    campaign = draft_campaign(a_draft(), actor=an_administrator())
    assert carry_campaigns() == 0
    assert (campaign.state, told("asked"), CampaignMember.objects.count()) == (C.DRAFT, 0, 0)
    confirm_campaign(campaign.pk, actor=an_administrator())
    carry_campaigns()
    assert told("asked") == 1


def test_the_second_person_is_another_one_whatever_their_account():
    first = an_account(is_staff=True)
    campaign = draft_campaign(a_draft(), actor=Actor(ActorKind.ADMINISTRATOR, str(first.public_id)))
    again: Account = an_account(is_staff=True, same_person_as=first)
    for account in (first, again):
        with pytest.raises(SecondPersonNeeded):
            confirm_campaign(campaign.pk, actor=Actor(ActorKind.ADMINISTRATOR, str(account.public_id)))
    with pytest.raises(IntegrityError, match="by_two"), transaction.atomic():
        Campaign.objects.update(state=C.RUNNING, approved_by=campaign.started_by, approved_at=timezone.now())


@pytest.mark.parametrize("actor", [SYSTEM, Actor(ActorKind.CLERK, "x"), Actor(ActorKind.INSURANT, "x")])
def test_only_an_administrator_steers_a_campaign(actor):
    an_identified_case()
    campaign = a_campaign()
    carry_campaigns()
    member = CampaignMember.objects.get()
    doors: list[Any] = [
        lambda: draft_campaign(a_draft(), actor=actor),
        lambda: confirm_campaign(campaign.pk, actor=actor),
        lambda: stop_campaign(campaign.pk, "Why", actor=actor),
        lambda: except_person(member.pk, "Why", actor=actor),
    ]
    for door in doors:
        with pytest.raises(AdministratorNeeded):
            door()


def test_a_campaign_stands_in_the_history_of_its_method():
    campaign = a_campaign()
    confirm_campaign(campaign.pk, actor=an_administrator())
    stop_campaign(campaign.pk, "Wrong period", actor=an_administrator())
    stop_campaign(campaign.pk, "Wrong period", actor=an_administrator())
    kinds = MethodChange.objects.filter(kind__startswith="campaign").values_list("kind", "method", "facts__campaign")
    assert list(kinds) == [
        ("campaign_started", "postident_branch", campaign.pk), ("campaign_ended", "postident_branch", campaign.pk)
    ]  # fmt: skip
    names = AuditEvent.objects.filter(name__startswith="identity.campaign.").values_list("name", flat=True)
    assert [name.rsplit(".", 1)[1] for name in names.order_by("seq")] == ["drafted", "started", "stopped"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"deadline": timezone.localdate() + timedelta(days=13)}, "deadline"),
        ({"identified_to": timezone.now() + timedelta(hours=1)}, "identified_to"),
        ({"reason": ""}, "reason"),
        ({"text_de": ""}, "text_de"),
        ({"per_day": 0}, "per_day"),
        ({"reminder_days": []}, "reminder_days"),
        ({"reminder_days": [0]}, "reminder_days"),
        ({"purpose": "tax"}, "purpose"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused_by_name(given, field):
    with pytest.raises(ValidationError) as caught:
        draft_campaign(a_draft(**given), actor=an_administrator())
    assert field in caught.value.message_dict


def test_a_draft_says_whom_it_would_meet():
    for _ in range(3):
        an_identified_case()
    an_identified_case("postident_eid")
    an_identified_case(purpose="pin")
    an_identified_case(at=timezone.now() - timedelta(days=11))
    an_identified_case(provider="another")
    assert people_to_ask(a_draft()) == 4
    assert people_to_ask(a_draft(provider="postident")) == 3


@pytest.mark.parametrize("reason", ["", "  "])
def test_stopping_and_excepting_need_a_reason(reason):
    an_identified_case()
    campaign = a_campaign()
    carry_campaigns()
    with pytest.raises(CampaignReasonMissing):
        stop_campaign(campaign.pk, reason, actor=an_administrator())
    with pytest.raises(CampaignReasonMissing):
        except_person(CampaignMember.objects.get().pk, reason, actor=an_administrator())


def test_a_stopped_campaign_asks_nobody_further_and_tells_who_was_asked():
    for _ in range(3):
        an_identified_case()
    campaign = a_campaign(per_day=2)
    carry_campaigns()
    assert states(campaign) == {"waiting": 1, "asked": 2}
    stop_campaign(campaign.pk, "Wrong period", actor=an_administrator())
    carry_campaigns()
    carry_campaigns()
    assert states(campaign) == {"excepted": 3}
    assert told("stopped") == 2


def test_an_excepted_person_is_not_asked_again():
    an_identified_case()
    campaign = a_campaign()
    carry_campaigns()
    member = CampaignMember.objects.get()
    administrator = an_administrator()
    except_person(member.pk, "In hospital", actor=administrator)
    assert except_person(member.pk, "In hospital", actor=administrator).excepted_by == administrator.reference
    carry_campaigns()
    assert states(campaign) == {"excepted": 1}
    assert AuditEvent.objects.filter(name="identity.campaign.excepted").count() == 1


@pytest.mark.parametrize(("moves", "check"), [(CAMPAIGN_MOVES, check_campaign_move), (MEMBER_MOVES, check_member_move)])
def test_only_the_arrows_of_the_tables_are_possible(moves, check):
    for source, target in product(moves, moves):
        if target in moves[source]:
            check(source, target)
        else:
            with pytest.raises(CampaignMoveNotAllowed):
                check(source, target)


@pytest.mark.parametrize(("asked", "target"), [(False, M.RESTRICTED), (True, M.WAITING)])
def test_the_database_holds_the_table_of_members(asked, target):
    case = an_identified_case()
    campaign = a_campaign()
    if asked:
        carry_campaigns()
    else:
        CampaignMember.objects.create(campaign=campaign, insurant=case.insurant, case=case, granted_at=timezone.now())
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        CampaignMember.objects.update(state=target)


def test_the_database_restricts_nobody_silently():
    an_identified_case()
    a_campaign()
    carry_campaigns()
    member = CampaignMember.objects.filter(state=M.ASKED)
    for given in ({"settled_at": timezone.now() + timedelta(days=90)}, {"settled_at": timezone.now()}):
        with pytest.raises(IntegrityError, match="never_silently"), transaction.atomic():
            member.update(state=M.RESTRICTED, **given)
    with pytest.raises(IntegrityError, match="never_silently"), transaction.atomic():  # reminded, but too early
        member.update(state=M.RESTRICTED, settled_at=timezone.now(), reminded_at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"identified_to": timezone.now() - timedelta(days=900)}, "Cannot update rows"),
        ({"state": C.DRAFT}, "Invalid transition"),
    ],
)
def test_what_two_people_have_confirmed_stays_as_it_was_written(changes, constraint):
    a_campaign()
    with pytest.raises(DatabaseError, match=f"(?i){constraint}"), transaction.atomic():
        Campaign.objects.update(**changes)


def test_nothing_of_a_campaign_can_be_deleted():
    an_identified_case()
    a_campaign()
    carry_campaigns()
    for rows in (CampaignMember.objects.all(), Campaign.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": C.ENDED}, "over_iff_final"),
        ({"state": C.STOPPED, "over_at": timezone.now()}, "stopped_says_why"),
    ],
)
def test_an_end_has_its_moment_and_a_stop_its_reason(changes, constraint):
    a_campaign()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Campaign.objects.update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": M.DONE}, "settled_iff_final"),
        ({"state": M.EXCEPTED, "settled_at": timezone.now()}, "excepted_says_why"),
        ({"due_at": None}, "asked_has_an_end"),
    ],
)
def test_a_settled_member_says_when_and_why(changes, constraint):
    an_identified_case()
    a_campaign()
    carry_campaigns()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CampaignMember.objects.update(**changes)
