"""Rows for the tests of campaigns: people who were identified, and campaigns about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.models import OutgoingMessage
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.services import confirm_campaign, draft_campaign
from identity.campaigns.states import MemberState
from identity.cases.models import IdentificationCase, Result
from identity.cases.states import AttemptState, CaseState
from tests.factories import a_case, an_administrator, an_attempt

METHOD = "postident_branch"
OTHER = "postident_eid"


def an_identified_case(
    method: str = METHOD, at: datetime | None = None, provider: str = "postident", **given: Any
) -> IdentificationCase:
    """A person identified by a method, two days ago unless told otherwise."""
    moment = at or timezone.now() - timedelta(days=2)
    case = a_case(CaseState.IDENTIFIED, method_id=method, **given)
    attempt = an_attempt(AttemptState.SUCCEEDED, case=case, method_id=method, provider=provider)
    Result.objects.create(
        attempt=attempt, case=case, method_used=method, identified_at=moment, received_at=moment, person={},
        verdict="match", level_reached=3, granted_at=moment,
    )  # fmt: skip
    return case


def identified_again(case: IdentificationCase, method: str = OTHER, **given: Any) -> IdentificationCase:
    """The same person has been identified by a new case, now."""
    return an_identified_case(method, timezone.now(), insurant=case.insurant, **given)


def a_draft(**given: Any) -> Campaign:
    """About everybody identified in the post office in the last ten days; a month to do it again."""
    now = timezone.now()
    usual: dict[str, Any] = {
        "method_id": METHOD,
        "purpose": "epa",
        "identified_from": now - timedelta(days=10),
        "identified_to": now - timedelta(hours=1),
        "deadline": timezone.localdate() + timedelta(days=30),
        "reason": "The audit of August",
        "text_de": "Das Verfahren war nicht sicher genug.",
        "text_en": "The method was not safe enough.",
        "per_day": 100,
    }
    return Campaign(**usual | given)


def a_campaign(**given: Any) -> Campaign:
    """A campaign that two administrators have begun."""
    draft = draft_campaign(a_draft(**given), actor=an_administrator())
    return confirm_campaign(draft.pk, actor=an_administrator())


def states(campaign: Campaign) -> dict[str, int]:
    """Return how many members are in which state."""
    found = [member.state for member in CampaignMember.objects.filter(campaign=campaign)]
    return {state.value: found.count(state) for state in MemberState if state in found}


def told(template: str) -> int:
    return OutgoingMessage.objects.filter(template=f"identity/campaign_{template}").count()
