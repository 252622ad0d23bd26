"""Who may work here and as whom. Every view of the workplace wears `staff_required`; nobody looks at their own case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from core import audit
from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.errors import DomainError
from identity.cases.models import IdentificationCase

View = Callable[..., HttpResponse]

REVIEWS: Final = "identity.decide_reviews"
INBOX: Final = "identity.work_inbox_desk"
METHODS: Final = "identity.steer_methods"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class OwnCase(DomainError):
    code = "own_case"
    http_status = 403
    message = gettext_lazy("This case is about yourself. Somebody else has to work on it.")


def staff_required(*permissions: str) -> Callable[[View], View]:
    """A page for staff who hold one of these permissions.

    Nobody is sent to the log-in, the wrong person gets a 403, staff without a second factor are sent to set one up.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            account = account_of(request)
            _learn_permissions(account)
            if not account.is_staff or not any(account.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            if lacks_second_factor(account):
                messages.warning(request, _("Please set up a second factor first. Then the workplace opens for you."))
                return redirect("mfa_index")
            return view(request, *args, **kwargs)

        page: View = never_cache(login_required(guarded))
        page.permissions = permissions  # type: ignore[attr-defined]  # a test asks every address for it
        return page

    return decorate


def _learn_permissions(account: Account) -> None:
    """Ask once for what Django asks in two queries on each page: what an account may, by itself and by its groups."""
    held = Permission.objects.filter(Q(user=account) | Q(group__user=account)).select_related("content_type").distinct()
    account._perm_cache = {f"{each.content_type.app_label}.{each.codename}" for each in held}  # type: ignore[attr-defined]


def lacks_second_factor(account: Account) -> bool:
    """Recovery codes alone are none. Where the setting is missing, a second factor is needed."""
    if not getattr(settings, "STAFF_NEEDS_SECOND_FACTOR", True):
        return False
    return not get_adapter().is_mfa_enabled(account, types=SECOND_FACTORS)


def account_of(request: HttpRequest) -> Account:
    """Return the account that is logged in."""
    if not isinstance(request.user, Account):
        raise PermissionDenied
    return request.user


def actor_of(account: Account) -> Actor:
    """Return a member of staff as who acts: an administrator if they may steer methods, a clerk otherwise."""
    kind = ActorKind.ADMINISTRATOR if account.has_perm(METHODS) else ActorKind.CLERK
    return Actor(kind, str(account.public_id))


def refuse_own(account: Account, *cases: IdentificationCase) -> None:
    """Raise OwnCase if one of the cases is about the member of staff. The cases bring their insurants."""
    if any(case.insurant.account_id == account.pk for case in cases):
        raise OwnCase


@transaction.atomic
def note_look(account: Account, cases: Sequence[IdentificationCase], *, page: str) -> None:
    """Record that somebody looks at cases, before anything is shown (B4): the record stands, or nothing is seen."""
    actor = actor_of(account)
    audit.record_many([audit.Event("identity.case.viewed", case, actor, {"page": page}) for case in cases])
