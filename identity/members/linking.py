"""Connecting an account with an insured person. What is wrong is never said: not by text, status, size or time (C8)."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.encryption import lookup_candidates, seal, unseal
from core.errors import DomainError
from core.limits import Limit, hit_all
from identity.members.models import Card, CardState, Insurant

CARDS_LOOKED_AT = 3
NOBODY = UUID(int=0)


class LinkRefused(DomainError):
    """One answer for a wrong, unknown, foreign or taken number, a wrong birth date and wrong digits."""

    code = "link_refused"
    http_status = 422
    message = _(
        "We could not connect your insurance with these details. Please compare them with your current health card: "
        "the number, your date of birth and the last 6 digits on the back. If it still does not work, please call us."
    )


def link_insurance(account: Account, *, kvnr: str, birth_date: str, card_digits: str, address: str) -> Insurant:
    """Connect an account with the insured person whose card is at hand.

    kvnr         ten characters, normalised; birth_date ISO, noughts for what is not known
    card_digits  the last six of the card number (a weak proof that the card is there)
    address      the network address of who asks, for the limit alone

    Raises LinkRefused, LimitReached. Called outside transactions: what was counted stays counted.
    """
    hit_all(_limits(account, kvnr, address))
    with _at_least(settings.LINK_FLOOR_SECONDS):
        insurant = _find(account, kvnr, birth_date, card_digits)
        if insurant is None or not _connect(account, insurant):
            _note_refusal(account)
            raise LinkRefused
    return insurant


def _limits(account: Account, kvnr: str, address: str) -> list[Limit]:
    keys = {"account": str(account.public_id), "address": address, "number": kvnr, "global": ""}
    return [Limit(f"link.{name}", key, *settings.LINK_LIMITS[name]) for name, key in keys.items()]


def _find(account: Account, kvnr: str, birth_date: str, card_digits: str) -> Insurant | None:
    """Do the same work whoever is asked about: two queries, and as many values opened and compared."""
    hashes = lookup_candidates("kvnr", kvnr)
    insurant = Insurant.objects.filter(kvnr_hash__in=hashes).first()
    owner = insurant.pk if insurant else NOBODY
    cards = list(Card.objects.filter(insurant=owner, state=CardState.ACTIVE)[:CARDS_LOOKED_AT])
    born = insurant.birth_date if insurant else _decoy()
    digits = [card.iccsn[-6:] for card in cards] + [_decoy() for _ in range(CARDS_LOOKED_AT - len(cards))]
    fits = [
        _same(born, birth_date),
        any([_same(each, card_digits) for each in digits]),  # noqa: C419 (a generator would stop early)
        insurant is not None and insurant.is_member_on(timezone.localdate()),
        insurant is not None and insurant.account_id in (None, account.pk),
    ]
    return insurant if all(fits) else None


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


@cache
def _sealed_decoy() -> bytes:
    return seal(b"nobody", table="decoy", column="decoy", row="decoy")


def _decoy() -> str:
    """Open a value that is nobody's, so that an unknown number costs what a known one does."""
    return unseal(_sealed_decoy(), table="decoy", column="decoy", row="decoy").decode()


def _connect(account: Account, insurant: Insurant) -> bool:
    """The unique constraint decides between two accounts; the same account again changes nothing."""
    if insurant.account_id == account.pk:
        return True
    try:
        with transaction.atomic():
            free = Insurant.objects.filter(pk=insurant.pk, account__isnull=True)
            if not free.update(account=account):
                return False
            actor = Actor(ActorKind.INSURANT, str(account.public_id))
            audit.record("identity.insurant.linked", insurant, actor=actor)
    except IntegrityError:  # this account belongs to another insured person
        return False
    insurant.account = account
    return True


@transaction.atomic
def _note_refusal(account: Account) -> None:
    audit.record("identity.insurant.link_refused", account, actor=Actor(ActorKind.INSURANT, str(account.public_id)))


@contextmanager
def _at_least(seconds: float) -> Iterator[None]:
    """Give a refusal only at a whole multiple of this time: what differed in the work drowns in the wait.

    No transaction is open and no lock is held meanwhile.
    """
    began = time.monotonic()
    try:
        yield
    except LinkRefused:
        if seconds:
            threading.Event().wait(seconds - (time.monotonic() - began) % seconds)
        raise
