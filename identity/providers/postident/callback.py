"""The webhook: an address nobody can guess, a body of exactly one form. What it says is a hint and proves nothing."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any, Final

from identity.providers.ports import Hint
from identity.providers.postident.reading import CASE_ID

BODY_MAX_BYTES: Final = 65_536
REFERENCE_MAX: Final = 14
TOKEN_CHARACTERS: Final = 32  # of base64url: 192 bits
KEYS: Final = {"caseId", "referenceId"}


class _RefusedError(ValueError):
    """Well-formed JSON that we do not take."""


def token_for(contract: str, secret: str) -> str:
    """Return the unguessable part of the callback address of a contract."""
    mac = hmac.digest(secret.encode(), f"postident|{contract}".encode(), "sha256")
    return base64.urlsafe_b64encode(mac).decode()[:TOKEN_CHARACTERS]


def read_hint(body: bytes) -> Hint | None:
    """Return what a callback is about; None unless it is `{"caseId": "…", "referenceId": "…" | null}`, no more."""
    if len(body) > BODY_MAX_BYTES:
        return None
    try:
        given = _decode(body.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or given.keys() != KEYS:
        return None
    case_id, reference = given["caseId"], given["referenceId"]
    if not isinstance(case_id, str) or not CASE_ID.fullmatch(case_id):
        return None
    if reference is None:
        return Hint(case_id, "")
    if not isinstance(reference, str) or len(reference) > REFERENCE_MAX or not reference.isprintable():
        return None
    return Hint(case_id, reference)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError("a key stands there twice")
    return found


def _no_constants(name: str) -> Any:
    raise _RefusedError(f"{name} is no JSON")


_decode = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_no_constants).decode
