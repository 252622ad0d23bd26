"""The canonical form of an event and its hash. Pure but for the key."""

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from core.encryption.ring import KEY_BYTES, KeyMissing

GENESIS = bytes(32)  # the `previous_hash` of the first event
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Row(NamedTuple):
    """An event as it is hashed; all columns but `hash`, in the order of the table."""

    seq: int
    at: datetime
    name: str
    subject_type: str
    subject_id: str
    actor_kind: str
    actor_reference: str
    facts: dict[str, Any]
    request_id: str
    previous_hash: bytes


@lru_cache(maxsize=4)
def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise KeyMissing("AUDIT_KEY is not base64") from None
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"AUDIT_KEY has {len(key)} bytes instead of {KEY_BYTES}")
    return key


def audit_key() -> bytes:
    """Return the key of the chain, from the setting AUDIT_KEY (base64 of 32 bytes). Raises KeyMissing."""
    text = getattr(settings, "AUDIT_KEY", "")
    if not text:
        raise KeyMissing("AUDIT_KEY is empty: the audit trail cannot be written or checked")
    return _decoded(text)


def hash_of(row: Row, key: bytes) -> bytes:
    """Return HMAC-SHA256 over an event as canonical JSON: a list, facts sorted by key, time in UTC to the microsecond.

    Without the key nobody who writes to the database can make a chain that verifies.
    """
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hmac.digest(key, _canonical([row.seq, at, *row[2:-1], row.previous_hash.hex()]).encode(), "sha256")
