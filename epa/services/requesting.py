"""The wish for access: written down together with the case that has to identify the person."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from epa.models import EpaAccess
from epa.rules import Standing, standing
from epa.selectors import facts_about
from epa.services.following import follow_case
from epa.services.moving import hold_person, locked_access, note, wake_worker
from epa.states import UNDER_WAY, AccessState, Channel
from identity.cases.models import IdentificationCase
from identity.cases.services import open_case
from identity.cases.services.moving import locked_case, question_about
from identity.cases.states import CaseState
from identity.members.models import Insurant
from identity.methods.choices import Action, Purpose
from identity.methods.gate import decide


def request_access(insurant: Insurant, channel: Channel, *, actor: Actor) -> EpaAccess:
    """Return the person's access by this channel, or request it; the case is opened, continued or taken up with it.

    A second click changes nothing. Another channel before the access is open changes the wish. Who has been identified
    for the ePA not long ago, by a method that counts today, is not asked again: their access is opened straight away.
    Raises NotAMember.
    """
    for access in EpaAccess.objects.filter(insurant=insurant, state=AccessState.REQUESTED).select_related("case"):
        follow_case(access.case.public_id)  # it may have ended, or identified the person, a moment ago
    return _request(insurant, channel, actor=actor)


@transaction.atomic
def _request(insurant: Insurant, channel: Channel, *, actor: Actor) -> EpaAccess:
    hold_person(insurant.pk)
    known = list(EpaAccess.objects.live().filter(insurant=insurant).select_related("case"))
    if same := next((access for access in known if access.channel == channel), None):
        return same
    if under_way := next((access for access in known if access.state in UNDER_WAY), None):
        return _change_channel(under_way, channel, actor=actor)
    return _create(insurant, channel, actor=actor)


def _change_channel(access: EpaAccess, channel: Channel, *, actor: Actor) -> EpaAccess:
    access = locked_access(locked_case(access.case.public_id), pk=access.pk)
    if access.state == AccessState.OPEN:  # opened a moment ago: the other channel comes beside it
        return _create(access.insurant, channel, actor=actor)
    before, access.channel = access.channel, channel
    access.save(update_fields=["channel"])
    note(access, "channel_changed", actor=actor, before=before)
    return access


def _create(insurant: Insurant, channel: Channel, *, actor: Actor) -> EpaAccess:
    access = EpaAccess(insurant=insurant, channel=channel)
    if case := _identified_case(insurant):
        access.case, access.state, access.next_try_at = case, AccessState.OPENING, timezone.now()
    else:
        access.case = open_case(insurant, Purpose.EPA, actor=actor)
    access.save(force_insert=True)
    if access.state == AccessState.OPENING:
        wake_worker(access)
    note(access, "requested", actor=actor, state=access.state)
    return access


def _identified_case(insurant: Insurant) -> IdentificationCase | None:
    """Return the case that has identified this person for this purpose, locked, if it may carry an access today.

    What has been granted stays granted (M4) and carries its own access. A further one is a new use of an old result:
    the gate is asked as for the result itself, so that a method suspended since carries nothing new.
    """
    since = timezone.now() - timedelta(days=settings.EPA_REUSE_DAYS)
    identified = IdentificationCase.objects.filter(
        insurant=insurant,
        purpose=Purpose.EPA,
        state=CaseState.IDENTIFIED,
        results__granted_at__gte=since,
        results__voided_by=None,
    )
    newest = identified.order_by("-closed_at").values_list("public_id", flat=True).first()
    if newest is None:
        return None
    case = locked_case(newest)
    if standing(facts_about(case)) not in (Standing.CLEAR, Standing.REVIEW_OPEN):
        return None
    if not case.epa_accesses.filter(state=AccessState.OPEN).exists():
        return case
    result = case.results.select_related("attempt").get(granted_at__isnull=False, voided_by=None)
    question = question_about(
        case, Action.ACCEPT, result.method_used, identified_at=result.identified_at, begun_at=result.attempt.intended_at
    )
    return case if decide(question).allowed else None
