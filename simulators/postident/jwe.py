"""How the result is locked: the client's own RSA key, proven by a hash over it with the data password."""

import base64
import binascii
import hashlib
import hmac
import json
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc import jwe
from joserfc.jwk import RSAKey
from werkzeug.datastructures import Headers

from simulators.faults import FaultBook
from simulators.json_types import Json

ALGORITHM: Final = "RSA-OAEP-256"
ALLOWED: Final = ["RSA-OAEP", "RSA-OAEP-256", "A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"]
MIN_KEY_BITS: Final = 2048


class BadKey(ValueError):
    """The key headers are missing or unusable (400)."""


class WrongKeyHash(ValueError):
    """The key hash does not fit the data password (401)."""


def client_key(headers: Headers, data_password: str) -> bytes:
    """Return the DER bytes of the client's public key from `x-scr-key`; raise BadKey or WrongKeyHash."""
    if headers.get("x-scr-alg") != ALGORITHM:
        raise BadKey(f"x-scr-alg must be {ALGORITHM}")
    try:
        der = base64.b64decode(headers.get("x-scr-key", ""), validate=True)
        given_hash = base64.b64decode(headers.get("x-scr-keyhash", ""), validate=True)
        key = load_der_public_key(der)
    except (binascii.Error, ValueError) as error:
        raise BadKey("x-scr-key or x-scr-keyhash cannot be read") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY_BITS:
        raise BadKey("x-scr-key must be an RSA key of at least 2048 bits")
    expected = hmac.new(data_password.encode(), der, hashlib.sha256).digest()
    if not hmac.compare_digest(expected, given_hash):
        raise WrongKeyHash
    return der


def locked(payload: Json, der: bytes, enc: str, faults: FaultBook, case_id: str) -> str:
    """Return the payload as a compact JWE, or what a fault makes of it."""
    text = json.dumps(payload, ensure_ascii=False)
    if faults.take("plain_json", case_id):
        return text
    key = RSAKey.import_key(der)
    if faults.take("jwe_wrong_key", case_id):
        key = _foreign_key()
    algorithm = "RSA-OAEP" if faults.take("jwe_other_alg", case_id) else ALGORITHM
    other = faults.take("jwe_other_enc", case_id)
    header = {"alg": algorithm, "enc": str(other["enc"]) if other else enc}
    token = jwe.encrypt_compact(header, text.encode(), key, algorithms=ALLOWED)
    return _damaged(token) if faults.take("jwe_damaged", case_id) else token


@cache
def _foreign_key() -> RSAKey:
    return RSAKey.generate_key(2048, private=False, auto_kid=False)


def _damaged(token: str) -> str:
    """Change one character in the middle of the cipher text."""
    parts = token.split(".")
    middle = len(parts[3]) // 2
    other = "A" if parts[3][middle] != "A" else "B"
    parts[3] = parts[3][:middle] + other + parts[3][middle + 1 :]
    return ".".join(parts)
