"""The key ring: one current key, any number of old ones that still open what they closed.

Sealed form   1 byte version (1), 4 bytes fingerprint of the key, 12 bytes nonce, ciphertext and 16 bytes tag
Bound to      `table|column|row` as additional data: a value moved elsewhere does not open
Hash form     4 bytes fingerprint of the key, 28 bytes of HMAC-SHA256
Keys          settings ENCRYPTION_KEYS and LOOKUP_KEYS: lists of "id:base64 of 32 bytes", the current one first.
              Nonces are random, so a key is good for 2^32 values; rotate long before.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
FINGERPRINT_BYTES = 4
NONCE_BYTES = 12
KEY_BYTES = 32
ID_LENGTH = 16
HASH_BYTES = 32
_HEAD = 1 + FINGERPRINT_BYTES
_START = _HEAD + NONCE_BYTES
_SHORTEST = _START + 16


class KeyMissing(Exception):
    """A key is not there, or is not a key. Names the setting and the key, never its content."""


class Tampered(Exception):
    """A sealed value does not belong where it stands, or was changed. Names the place, never the value."""

    def __init__(self, table: str, column: str, row: str | int) -> None:
        super().__init__(
            f"the sealed value in table {table}, column {column}, row {row} was changed or moved there from elsewhere"
        )
        self.table, self.column, self.row = table, column, row


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: bytes
    fingerprint: bytes
    cipher: AESGCM


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys by fingerprint; `current` closes, all open."""

    setting: str
    current: Key
    head: bytes  # version and fingerprint of the current key
    by_fingerprint: dict[bytes, Key]

    def find(self, fingerprint: bytes) -> Key:
        try:
            return self.by_fingerprint[fingerprint]
        except KeyError:
            held = ", ".join(f"{key.id} = {key.fingerprint.hex()}" for key in self.by_fingerprint.values())
            raise KeyMissing(
                f"{self.setting} holds no key with the fingerprint {fingerprint.hex()} (it holds: {held}). "
                "Put the old key back at the end of the list and run `manage.py rotate_keys` before taking it out."
            ) from None


def parse_key(text: str, setting: str) -> Key:
    """Return the key of one entry "id:base64". Raises KeyMissing with what is wrong, without the key."""
    name, colon, encoded = text.partition(":")
    if not colon or not name or len(name) > ID_LENGTH:
        raise KeyMissing(f"{setting}: each entry is `id:base64`, the id of 1 to {ID_LENGTH} characters")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise KeyMissing(f"{setting}: the key {name} is not base64") from None
    if len(secret) != KEY_BYTES:
        raise KeyMissing(f"{setting}: the key {name} has {len(secret)} bytes instead of {KEY_BYTES}")
    fingerprint = hmac.digest(secret, b"fingerprint", "sha256")[:FINGERPRINT_BYTES]
    return Key(name, secret, fingerprint, AESGCM(secret))


def parse_ring(entries: Sequence[str], setting: str) -> Ring:
    """Return the ring of a setting. Raises KeyMissing."""
    if not entries:
        raise KeyMissing(f"{setting} is empty: personal data cannot be read or written")
    keys = [parse_key(entry, setting) for entry in entries]
    if len({key.id for key in keys}) < len(keys) or len({key.fingerprint for key in keys}) < len(keys):
        raise KeyMissing(f"{setting}: a key or an id stands there twice")
    return Ring(setting, keys[0], VERSION + keys[0].fingerprint, {key.fingerprint: key for key in keys})


@lru_cache(maxsize=16)
def _parsed(entries: tuple[str, ...], setting: str) -> Ring:
    return parse_ring(entries, setting)


def encryption_ring() -> Ring:
    """Return the ring that seals. Raises KeyMissing."""
    return _parsed(tuple(getattr(settings, "ENCRYPTION_KEYS", ())), "ENCRYPTION_KEYS")


def lookup_ring() -> Ring:
    """Return the ring of the keyed hashes. Raises KeyMissing."""
    return _parsed(tuple(getattr(settings, "LOOKUP_KEYS", ())), "LOOKUP_KEYS")


def seal(plain: bytes, *, table: str, column: str, row: str | int) -> bytes:
    """Close bytes with the current key for this one place. Raises KeyMissing."""
    ring = encryption_ring()
    nonce = os.urandom(NONCE_BYTES)
    place = f"{table}|{column}|{row}".encode()
    return ring.head + nonce + ring.current.cipher.encrypt(nonce, plain, place)


def unseal(sealed: bytes, *, table: str, column: str, row: str | int) -> bytes:
    """Open what `seal` closed for the same place. Raises KeyMissing, Tampered."""
    if len(sealed) < _SHORTEST or sealed[:1] != VERSION:
        raise Tampered(table, column, row)
    key = encryption_ring().find(sealed[1:_HEAD])
    place = f"{table}|{column}|{row}".encode()
    try:
        return key.cipher.decrypt(sealed[_HEAD:_START], sealed[_START:], place)
    except InvalidTag:
        raise Tampered(table, column, row) from None


def _hashed(key: Key, purpose: str, value: str) -> bytes:
    digest = hmac.digest(key.secret, f"{purpose}|{value}".encode(), "sha256")
    return key.fingerprint + digest[: HASH_BYTES - FINGERPRINT_BYTES]


def lookup_hash(purpose: str, value: str) -> bytes:
    """Return the hash to store for a value, under the current key (32 bytes). Normalise the value first."""
    return _hashed(lookup_ring().current, purpose, value)


def lookup_candidates(purpose: str, value: str) -> list[bytes]:
    """Return the hashes a stored value may have, one per key of the ring: `filter(kvnr_hash__in=…)`."""
    return [_hashed(key, purpose, value) for key in lookup_ring().by_fingerprint.values()]
