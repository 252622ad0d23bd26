"""Rows for the tests of epa: valid by default, a test names only what matters."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from epa.models import EpaAccess
from epa.states import AccessState, Channel, EndReason, RecordState
from identity.cases.models import IdentificationCase, Result, Review
from identity.cases.states import AttemptState, CaseState
from tests.factories import a_case, an_attempt

S = AccessState


def an_identified_case(level: int = 3, **given: Any) -> IdentificationCase:
    """A case whose result has identified its person, by the post office unless told otherwise."""
    method = given.pop("method_id", "postident_branch")
    case = a_case(CaseState.IDENTIFIED, method_id=method, **given)
    now = timezone.now()
    Result.objects.create(
        attempt=an_attempt(AttemptState.SUCCEEDED, case=case, method_id=method),
        case=case,
        method_used=method,
        document_type="id_card",
        document_country="DEU",
        identified_at=now,
        received_at=now,
        person={"given_names": "Erika", "family_name": "Mustermann", "birth_date": "1964-08-12"},
        verdict="match",
        level_reached=level,
        granted_at=now,
    )
    return case


def an_access(state: AccessState = S.OPENING, **given: Any) -> EpaAccess:
    """An access with a case that fits its state."""
    now = timezone.now()
    case = given.pop("case", None) or _case_for(state, given.pop("insurant", None))
    usual: dict[str, Any] = {"case": case, "insurant": case.insurant, "channel": Channel.APP_IOS}
    match state:
        case S.OPENING | S.OPEN:
            usual["next_try_at"] = now
        case S.STUCK:
            usual["problem"] = "http_400"
        case S.CANCELLED:
            usual |= {"end_reason": EndReason.CASE_ENDED, "ended_at": now}
    born = S.OPENING if state is S.OPEN else state  # nothing is born open
    access = EpaAccess.objects.create(state=born, **usual | given)
    if state is S.OPEN:
        seen = {"record_state": RecordState.ACTIVATED, "status_seen_at": now, "email_set_at": now, "opened_at": now}
        EpaAccess.objects.filter(pk=access.pk).update(state=state, next_try_at=None, **seen)
        access.refresh_from_db()
    return access


def _case_for(state: AccessState, insurant: Any) -> IdentificationCase:
    whose = {"insurant": insurant} if insurant else {}
    if state is S.REQUESTED:
        return a_case(**whose)
    if state is S.CANCELLED:
        return a_case(CaseState.EXPIRED, **whose)
    return an_identified_case(**whose)


def a_withdrawal(case: IdentificationCase, **given: Any) -> Review:
    """The provider wants to take back the success that has identified the person; open unless told otherwise."""
    attempt = Result.objects.get(case=case).attempt
    return Review.objects.create(case=case, attempt=attempt, kind=Review.Kind.WITHDRAWN, **given)


def decided(review: Review, decision: str) -> None:
    """Let a clerk's decision stand."""
    Review.objects.filter(pk=review.pk).update(state="proposed", proposal=decision)
    Review.objects.filter(pk=review.pk).update(state="decided", decision=decision, decided_at=timezone.now())


def again(access: EpaAccess) -> EpaAccess:
    """Return the row as it stands now."""
    return EpaAccess.objects.select_related("case", "insurant").get(pk=access.pk)


def email_of(access: EpaAccess) -> str:
    """Return where the person's mails go."""
    account = access.insurant.account
    assert account is not None
    return str(account.email)
