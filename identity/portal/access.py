"""Who is asking, and what of theirs they may see: what is not theirs does not exist (404)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.accounts.models import Account
from core.actors import Actor, ActorKind
from identity.cases.models import Attempt, IdentificationCase
from identity.members.models import Insurant

View = Callable[..., HttpResponse]


def private(*verbs: str) -> Callable[[View], View]:
    """A page of one person: only these verbs, and kept by no browser and no proxy."""

    def decorate(view: View) -> View:
        return never_cache(require_http_methods(verbs)(view))

    return decorate


def account_of(request: HttpRequest) -> Account:
    """Return the account that is logged in."""
    if not isinstance(request.user, Account):
        raise PermissionDenied
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    return Actor(ActorKind.INSURANT, str(account_of(request).public_id))


def insurant_of(request: HttpRequest) -> Insurant | None:
    """Return the insured person that this account has been connected with."""
    return Insurant.objects.select_related("insurer").filter(account=account_of(request)).first()


def own_case(request: HttpRequest, case_id: uuid.UUID) -> IdentificationCase:
    """Return a case of the person who asks. Raises Http404."""
    cases = IdentificationCase.objects.select_related("insurant__insurer", "insurer", "method")
    return get_object_or_404(cases, public_id=case_id, insurant__account=account_of(request))


def own_attempt(request: HttpRequest, attempt_id: uuid.UUID) -> Attempt:
    """Return an attempt of the person who asks. Raises Http404."""
    attempts = Attempt.objects.select_related("case__insurant__insurer", "case__insurer", "method")
    return get_object_or_404(attempts, pk=attempt_id, case__insurant__account=account_of(request))


def address_of_case(case: IdentificationCase) -> str:
    """Return the whole address of a case's page: where a provider sends the person back to. It holds no proof."""
    return settings.BASE_URL + reverse("identity:case", args=[case.public_id])
