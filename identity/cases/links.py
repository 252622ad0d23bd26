"""The one button of a message: a signed address that leads to a case, by way of the log-in.

It opens nothing by itself: whoever follows it has to be logged in as the person of the case. The signature only keeps
others from trying numbers, and lets old mails end. It holds the random number of the case and a time, nothing else.
Made when a message is rendered, so that it is never stored and its days count from the sending.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

VALID_FOR = timedelta(days=90)
_SALT = "identity.cases.links"


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=_SALT, sep=".")  # mail programs end an address at some other characters


def token_for(case_id: uuid.UUID | str) -> str:
    """Return the signed public id of a case: letters, digits, and ``-_.``"""
    return _signer().sign(uuid.UUID(str(case_id)).hex)


def address_for(case_id: uuid.UUID | str) -> str:
    """Return the whole address for a message about a case, by its public id."""
    return settings.BASE_URL + reverse("identity:go_on", args=[token_for(case_id)])


def case_id_in(token: str) -> uuid.UUID | None:
    """Return the public id that we have signed; None for a token that was changed, cut off, or is too old."""
    try:
        return uuid.UUID(_signer().unsign(token, max_age=VALID_FOR))
    except (BadSignature, ValueError):
        return None
