"""Starting an attempt: write down the intent, call the provider with no transaction open, write down the answer."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actors import SYSTEM, Actor
from core.errors import DomainError, OutsideError
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.services.moving import Trail, locked_case, move_attempt, move_case, question_about
from identity.cases.services.opening import CaseClosed
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Action
from identity.methods.gate import MethodNotOffered, Ruling, decide
from identity.methods.models import Method
from identity.providers.ports import Started, StartOrder
from identity.providers.registry import provider_named

STARTABLE = (CaseState.CHOOSING, CaseState.IDENTIFYING)


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    http_status = 429
    message = _(
        "You have tried several times within a short period. To protect you, we pause online attempts for a while. "
        "Our branch can help you at once."
    )


class DeclarationMissing(DomainError):
    code = "declaration_missing"
    message = _("Please check and send your application first.")


class AttemptStopped(DomainError):
    code = "attempt_stopped"
    message = _(
        "This way was suspended meanwhile, so what you had begun was stopped. The way is open again: choose it once "
        "more, and your coupon counts again."
    )


class ProviderAway(DomainError):
    code = "provider_away"
    http_status = 503
    message = _(
        "The identification service does not answer at the moment. This does not count as an attempt and nothing "
        "is lost. Please try again in a few minutes or choose another way."
    )


def start_attempt(case_id: uuid.UUID, method: str, *, return_url: str, actor: Actor) -> Attempt:
    """Start an identification with a method and return the attempt, with the address to go on at.

    An earlier attempt stays valid: whoever holds a coupon may still use it. The same method again continues the attempt
    that runs, also one that an order had stopped if the gate lets people start again: that is no new attempt.
    Raises MethodNotOffered, TooManyAttempts, DeclarationMissing, CaseClosed, ProviderAway.
    """
    attempt, is_new = _intend(case_id, method, actor=actor)
    if not is_new:
        return attempt
    try:
        started = provider_named(attempt.provider).start(_order(attempt, return_url))
    except OutsideError as error:
        _write_down_unreached(case_id, attempt, error.code, actor=actor)
        raise ProviderAway(error.code) from error
    attempt, ruling = _write_down_started(case_id, attempt, started, actor=actor)
    if attempt.state == AttemptState.CANCELLED:
        raise CaseClosed if ruling.allowed else MethodNotOffered(ruling)
    return attempt


@transaction.atomic
def _intend(case_id: uuid.UUID, method_code: str, *, actor: Actor) -> tuple[Attempt, bool]:
    case = locked_case(case_id)
    if case.state not in STARTABLE:
        raise CaseClosed(case.state)
    if case.declared_at is None:
        raise DeclarationMissing
    _require_admission(case, Action.START, method_code)
    running = _running(case, method_code)
    if running:
        if running.state == AttemptState.STOPPED:
            _start_again(case, running, actor=actor)
        elif case.method_id != method_code:
            _choose(case, running.method, actor=actor)
        return running, False
    since = timezone.now() - timedelta(days=settings.ATTEMPTS_WINDOW_DAYS)
    counted = Attempt.objects.filter(case__insurant=case.insurant_id, case__purpose=case.purpose).counted_since(since)
    if counted.count() >= settings.ATTEMPTS_LIMIT:
        raise TooManyAttempts
    method = Method.objects.get(pk=method_code)
    attempt = Attempt.objects.create(case=case, method=method, provider=method.provider)
    trail = Trail(actor)
    trail.note("identity.attempt.intended", attempt, case_id=str(case.public_id), method=method_code)
    trail.write()
    return attempt, True


def _running(case: IdentificationCase, method_code: str) -> Attempt | None:
    """The attempt with this method that can still be gone on with; one that an order has stopped comes last."""
    states = (AttemptState.STARTED, AttemptState.STOPPED)
    usable = case.attempts.filter(state__in=states, method=method_code, valid_until__gt=timezone.now())
    attempts = list(usable.select_related("method").order_by("-intended_at"))
    for attempt in attempts:
        attempt.case = case
    attempts.sort(key=lambda attempt: states.index(AttemptState(attempt.state)))
    # One whose start got lost and was found again has no address to go on at.
    return next((attempt for attempt in attempts if attempt.continue_url), None)


def _start_again(case: IdentificationCase, attempt: Attempt, *, actor: Actor) -> None:
    """The order that stopped it is over and its coupon still valid: it runs again."""
    trail = Trail(actor)
    attempt.decided_at = None
    move_attempt(attempt, AttemptState.STARTED, trail=trail)
    attempt.save(update_fields=["state", "reason", "decided_at"])
    case.method = attempt.method
    case.end_reason = ""
    if case.state == CaseState.CHOOSING:
        move_case(case, CaseState.IDENTIFYING, trail=trail)
    case.save()
    trail.write()


def _choose(case: IdentificationCase, method: Method, *, actor: Actor) -> None:
    trail = Trail(actor)
    case.method = method
    if case.state == CaseState.CHOOSING:
        move_case(case, CaseState.IDENTIFYING, trail=trail)
    case.save()
    trail.note("identity.case.method_changed", case, method=method.code)
    trail.write()


def _require_admission(
    case: IdentificationCase, action: Action, method: str, *, begun_at: datetime | None = None
) -> None:
    ruling = decide(question_about(case, action, method, begun_at=begun_at))
    if not ruling.allowed:
        raise MethodNotOffered(ruling)


def _order(attempt: Attempt, return_url: str) -> StartOrder:
    insurant = attempt.case.insurant
    account = insurant.account
    person = insurant.register_person()
    birth_date = person.birth_date.isoformat() if person.birth_date.is_whole else ""
    return StartOrder(
        reference=attempt.reference,
        method=attempt.method_id,
        given_names=insurant.given_names,
        family_name=f"{insurant.name_prefix} {insurant.family_name}".strip(),
        birth_name=insurant.birth_name,
        birth_date=birth_date,
        email=account.email if account else "",
        language=account.language if account else "de",
        return_url=return_url,
        address=insurant.postal_address(),
    )


@transaction.atomic
def _write_down_started(
    case_id: uuid.UUID, intent: Attempt, started: Started, *, actor: Actor
) -> tuple[Attempt, Ruling]:
    """Return the attempt, and what the gate says now: the method may have been suspended while we were calling."""
    case, attempt = _locked_again(case_id, intent)
    ruling = decide(question_about(case, Action.START, attempt.method_id))
    if attempt.state not in (AttemptState.INTENDED, AttemptState.UNREACHED):
        return attempt, ruling  # a callback was faster and has written it down
    trail = Trail(actor)
    attempt.provider_case_id = started.provider_case_id
    attempt.continue_url, attempt.app_url = started.continue_url, started.app_url
    attempt.valid_until = started.valid_until
    if not ruling.allowed or case.state not in STARTABLE:
        # For us it never started. A result that comes all the same finds its attempt and is withheld.
        move_attempt(attempt, AttemptState.CANCELLED, trail=trail, reason="stopped_meanwhile")
    else:
        bind_to_provider(case, attempt, trail=trail)
    attempt.save()
    case.save()
    trail.write()
    return attempt, ruling


def bind_to_provider(case: IdentificationCase, attempt: Attempt, *, trail: Trail) -> None:
    """Move an attempt that the provider knows now to STARTED, and its case along, in memory."""
    attempt.started_at = timezone.now()
    move_attempt(attempt, AttemptState.STARTED, trail=trail)
    case.method = attempt.method
    case.end_reason = ""
    if case.state == CaseState.CHOOSING:
        move_case(case, CaseState.IDENTIFYING, trail=trail)
    last_day = attempt.valid_until.isoformat() if attempt.valid_until else ""
    trail.tell(case, "started", once=attempt.reference, method=attempt.method_id, valid_until=last_day)


@transaction.atomic
def _write_down_unreached(case_id: uuid.UUID, intent: Attempt, reason: str, *, actor: Actor) -> None:
    _, attempt = _locked_again(case_id, intent)
    if attempt.state != AttemptState.INTENDED:
        return
    trail = Trail(actor)
    move_attempt(attempt, AttemptState.UNREACHED, trail=trail, reason=reason)
    attempt.save()
    trail.write()


def _locked_again(case_id: uuid.UUID, intent: Attempt) -> tuple[IdentificationCase, Attempt]:
    case = locked_case(case_id)
    attempt = Attempt.objects.select_related("method").get(pk=intent.pk)
    attempt.case = case
    return case, attempt


@transaction.atomic
def resume_attempt(attempt_id: uuid.UUID, *, actor: Actor) -> Attempt:
    """Return an attempt that may be gone on with, for its address.

    Raises MethodNotOffered, CaseClosed, and AttemptStopped when an order had stopped it and is over: to go on with it
    the person chooses its method again (`start_attempt`), which a mere link must not do.
    """
    public_id = IdentificationCase.objects.values_list("public_id", flat=True).get(attempts=attempt_id)
    case = locked_case(public_id)
    attempt = Attempt.objects.select_related("method").get(pk=attempt_id)
    attempt.case = case
    over = attempt.valid_until is not None and attempt.valid_until <= timezone.now()
    if attempt.state not in (AttemptState.STARTED, AttemptState.STOPPED) or over or case.state not in STARTABLE:
        raise CaseClosed(attempt.state)
    if attempt.state == AttemptState.STOPPED:  # the gate first: a stale link says why
        _require_admission(case, Action.START, attempt.method_id)
        raise AttemptStopped
    _require_admission(case, Action.RESUME, attempt.method_id, begun_at=attempt.intended_at)
    trail = Trail(actor)
    trail.note("identity.attempt.resumed", attempt, case_id=str(public_id), method=attempt.method_id)
    trail.write()
    return attempt


def give_up_orphans(now: datetime | None = None) -> int:
    """Mark attempts whose start never got an answer (a crash, a kill) as not reached; return how many.

    They do not count. Should the provider have opened a case after all, its result finds them by our reference.
    """
    before = (now or timezone.now()) - timedelta(minutes=settings.ORPHAN_MINUTES)
    orphans = Attempt.objects.filter(state=AttemptState.INTENDED, intended_at__lte=before).select_related("case")[:500]
    for orphan in orphans:
        _write_down_unreached(orphan.case.public_id, orphan, "no_answer", actor=SYSTEM)
    return len(orphans)
