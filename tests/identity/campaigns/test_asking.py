"""Asking in stages, reminding, restricting after the deadline, and letting go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import OutgoingMessage
from core.outbox.render import render
from identity import tasks
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.selectors import start_of_day
from identity.campaigns.services import asking, carry_campaigns, except_person
from identity.campaigns.states import CampaignState, MemberState
from identity.cases.models import Result
from identity.cases.states import CaseState
from identity.methods.records import MethodChange
from tests.factories import a_case, a_suspension, an_administrator, an_insurant
from tests.identity.campaigns.rows import METHOD, a_campaign, an_identified_case, identified_again, states, told

pytestmark = pytest.mark.django_db
C, M = CampaignState, MemberState


@pytest.fixture
def day(time_machine) -> Any:
    """Go to the noon of the n-th day from today and carry campaigns."""
    noon = start_of_day(timezone.localdate()) + timedelta(hours=12)
    time_machine.move_to(noon, tick=False)

    def go(number: float) -> None:
        time_machine.move_to(noon + timedelta(days=number), tick=False)
        tasks.carry_campaigns()

    return go


def test_people_are_asked_in_stages(day):
    for _ in range(5):
        an_identified_case()
    campaign = a_campaign(per_day=2)
    for number, asked in ((0, 2), (0.1, 2), (1, 4), (2, 5)):
        day(number)
        assert told("asked") == states(campaign)["asked"] == asked


def test_everybody_is_reminded_twice_and_then_restricted_once(day):
    an_identified_case()
    campaign = a_campaign(deadline=timezone.localdate() + timedelta(days=30))
    seen = []
    for number in (0, 16, 17, 18, 27, 28, 29, 30, 31, 32):
        day(number)
        seen.append((told("reminder"), told("restricted")))
    assert seen == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (2, 0), (2, 0), (2, 0), (2, 1), (2, 1)]
    assert states(campaign) == {"restricted": 1}


def test_the_last_day_is_a_whole_one(day, time_machine):
    an_identified_case()
    campaign = a_campaign()
    day(0)
    for number in (17, 28):
        day(number)
    end = start_of_day(campaign.deadline + timedelta(days=1))
    assert CampaignMember.objects.get().due_at == end
    time_machine.move_to(end - timedelta(seconds=1), tick=False)
    carry_campaigns()
    assert states(campaign) == {"asked": 1}
    time_machine.move_to(end, tick=False)
    carry_campaigns()
    assert states(campaign) == {"restricted": 1}


def test_who_is_asked_late_has_two_weeks_all_the_same(day):
    for _ in range(2):
        an_identified_case()
    campaign = a_campaign(per_day=1, deadline=timezone.localdate() + timedelta(days=14))
    day(0)
    day(9)
    first, second = CampaignMember.objects.order_by("asked_at")
    assert second.due_at == start_of_day(timezone.localdate() + timedelta(days=15))
    day(15)
    assert states(campaign) == {"asked": 2}  # the first was never reminded (an outage): some days more
    first.refresh_from_db()
    assert (first.reminded_days, first.due_at) == (3, start_of_day(timezone.localdate() + timedelta(days=4)))
    day(19)
    assert states(campaign) == {"asked": 1, "restricted": 1}


def test_after_an_outage_only_the_nearest_reminder_goes_out(day):
    an_identified_case()
    a_campaign()
    day(0)
    day(29)
    day(29.5)
    assert told("reminder") == 1


@pytest.mark.parametrize("when", ["before it was asked", "after it was asked", "after the deadline"])
def test_who_has_been_identified_again_is_done_and_hears_nothing_more(day, when):
    case = an_identified_case()
    campaign = a_campaign()
    if when == "before it was asked":
        identified_again(case)
    day(0)
    if when == "after it was asked":
        identified_again(case)
    for number in (17, 28, 31):
        day(number)
    if when == "after the deadline":
        assert states(campaign) == {"restricted": 1}
        identified_again(case)
        day(40)
    assert states(campaign) == {"done": 1}
    asked, later = {"before it was asked": (0, 0), "after it was asked": (1, 0), "after the deadline": (1, 3)}[when]
    assert (told("asked"), told("reminder") + told("restricted")) == (asked, later)


def test_another_identification_by_what_the_campaign_is_about_does_not_count(day):
    case = an_identified_case()
    an_identified_case(insurant=case.insurant, at=timezone.now() - timedelta(days=1))
    campaign = a_campaign()
    day(0)
    assert states(campaign) == {"asked": 1}  # one person, one message
    identified_again(case, purpose="pin")
    day(1)
    assert states(campaign) == {"asked": 1}
    identified_again(case, METHOD)  # the same method, later than the time the campaign is about
    day(2)
    assert states(campaign) == {"done": 1}


def test_nobody_is_reminded_between_being_identified_and_being_found_done(day, monkeypatch):
    case = an_identified_case()
    campaign = a_campaign()
    day(0)
    identified_again(case)
    monkeypatch.setattr(asking, "STEPS", (asking._remind, asking._extend, asking._restrict))
    for number in (17, 28, 31):
        day(number)
    assert states(campaign) == {"asked": 1}
    assert told("reminder") + told("restricted") == 0


@pytest.mark.parametrize("held_by", ["a clerk", "an order"])
def test_who_waits_for_us_is_not_restricted(day, held_by):
    case = an_identified_case()
    campaign = a_campaign()
    day(0)
    state, frozen = (CaseState.IN_REVIEW, None) if held_by == "a clerk" else (CaseState.CHOOSING, timezone.now())
    again = a_case(state, insurant=case.insurant, frozen_since=frozen)
    for number in (17, 28, 31):
        day(number)
    assert states(campaign) == {"asked": 1}
    type(again).objects.filter(pk=again.pk).update(
        state=CaseState.CANCELLED, frozen_since=None, closed_at=timezone.now()
    )
    day(32)
    assert states(campaign) == {"restricted": 1}


def test_who_has_no_account_is_listed_and_not_restricted(day):
    an_identified_case(insurant=an_insurant(account=None))
    campaign = a_campaign()
    for number in (0, 17, 28, 31):
        day(number)
    member = CampaignMember.objects.get()
    assert (states(campaign), member.exception_reason, member.excepted_by) == ({"excepted": 1}, "no_account", "system")


def test_members_whose_insurance_has_ended_and_withdrawn_results_are_left_out(day):
    an_identified_case(insurant=an_insurant(member_to=timezone.localdate() - timedelta(days=1)))
    an_identified_case()
    Result.objects.filter(case__insurant__member_to=None).update(voided_by=a_suspension())
    campaign = a_campaign()
    day(0)
    assert states(campaign) == {}


def test_a_result_that_comes_in_late_joins_the_campaign(day):
    campaign = a_campaign()
    day(0)
    an_identified_case()
    day(1)
    assert states(campaign) == {"asked": 1}


def test_a_campaign_ends_by_itself_and_says_how_it_went(day):
    done, kept = an_identified_case(), an_identified_case()
    campaign = a_campaign()
    day(0)
    identified_again(done)
    for number in (17, 28, 30):
        day(number)
    assert Campaign.objects.get().state == C.RUNNING
    day(31)
    day(32)
    assert Campaign.objects.get().state == C.ENDED
    change = MethodChange.objects.get(kind=MethodChange.Kind.CAMPAIGN_ENDED)
    assert change.facts["counts"] == {"waiting": 0, "asked": 0, "done": 1, "restricted": 1, "excepted": 0}
    identified_again(kept)
    day(50)
    assert states(campaign) == {"done": 2}


def test_an_exception_lifts_a_restriction_and_is_told_to_the_apps(day, django_capture_on_commit_callbacks):
    from identity.signals import restrictions_changed

    news: list[list[Any]] = []
    restrictions_changed.connect(listener := lambda insurant_ids, **_: news.append(insurant_ids))
    case = an_identified_case()
    campaign = a_campaign()
    for number in (0, 17, 28):
        day(number)
    with django_capture_on_commit_callbacks(execute=True):
        day(31)
    assert news == [[case.insurant_id]]
    with django_capture_on_commit_callbacks(execute=True):
        except_person(CampaignMember.objects.get().pk, "In hospital", actor=an_administrator())
    restrictions_changed.disconnect(listener)
    assert (states(campaign), len(news)) == ({"excepted": 1}, 2)


def test_a_kill_in_the_middle_of_a_batch_costs_that_batch_only(monkeypatch):
    for _ in range(3):
        an_identified_case()
    campaign = a_campaign()
    monkeypatch.setattr(asking, "BATCH", 2)
    write, calls = asking._write, [0]

    def dying(members: Any, trail: Any) -> int:
        done = write(members, trail)
        calls[0] += bool(members)
        if calls[0] == 2:
            raise RuntimeError("killed")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(asking, "_write", dying)
        with pytest.raises(RuntimeError):
            carry_campaigns()
    assert (states(campaign), told("asked")) == ({"waiting": 1, "asked": 2}, 2)
    carry_campaigns()
    assert (states(campaign), told("asked")) == ({"asked": 3}, 3)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_no_more_than_a_day_s_stage(at_once, meet_at):
    for _ in range(6):
        an_identified_case()
    campaign = a_campaign(per_day=4)
    meet_at(asking, "start_of_day")
    assert [each for each in at_once(carry_campaigns, carry_campaigns) if isinstance(each, Exception)] == []
    carry_campaigns()
    assert states(campaign) == {"waiting": 2, "asked": 4}
    assert told("asked") == 4


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("template", ["asked", "reminder", "restricted", "stopped"])
def test_a_mail_says_why_until_when_and_where_to_go(day, template, language):
    case = an_identified_case()
    a_campaign()
    day(0)
    message = OutgoingMessage.objects.get(template="identity/campaign_asked")
    subject, text, html = render(f"identity/campaign_{template}", message.context, language)
    assert subject
    for body in (text, html):
        assert case.insurant.kvnr not in body
        if template == "stopped":
            continue
        assert ("Verfahren war nicht sicher" if language == "de" else "not safe enough") in body
        assert "/antrag/" in body
