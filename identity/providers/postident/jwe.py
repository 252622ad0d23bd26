"""The lock on a result: we send a public key with each question, they encrypt the answer for it.

A key pair of 3,072 bits takes 0.1 to 1 s to make, so each process keeps one for at most `MAX_USES` questions and
`MAX_AGE_SECONDS`, then makes the next. It never leaves the memory of the process, and a fork does not take it along.
"""

from __future__ import annotations

import base64
import hmac
import os
import threading
import time
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.errors import ConflictAlgorithmError, JoseError, MissingAlgorithmError, UnsupportedAlgorithmError
from joserfc.jwk import RSAKey

from core.errors import Never, TryAgain

ALGORITHM: Final = "RSA-OAEP-256"
ENCRYPTIONS: Final = ("A256GCM", "A128GCM", "A256CBC-HS512", "A128CBC-HS256")  # which one they use is not public
KEY_BITS: Final = 3072
MAX_USES: Final = 200
MAX_AGE_SECONDS: Final = 300


class _Registry(jwe.JWERegistry):
    max_ciphertext_length = 1_400_000  # base64 of a megabyte


REGISTRY = _Registry(algorithms=[ALGORITHM, *ENCRYPTIONS], strict_check_header=False)


class ResultKey:
    """One key pair: its public half for the headers of a question, its private half for the answer."""

    def __init__(self) -> None:
        pair = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        self._public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._private = RSAKey.import_key(pair)

    def headers(self, data_password: str) -> dict[str, str]:
        """Return the headers that ask for a result encrypted with this key."""
        proof = hmac.digest(data_password.encode(), self._public, "sha256")
        return {
            "x-scr-key": base64.b64encode(self._public).decode(),
            "x-scr-keyhash": base64.b64encode(proof).decode(),
            "x-scr-alg": ALGORITHM,
        }

    def open(self, token: bytes) -> bytes:
        """Return the plain text of a compact JWE.

        Raises Never("other_encryption") for an algorithm that was not agreed on, TryAgain("unreadable_result") for
        what is damaged, made for another key, or no JWE at all.
        """
        try:
            plain = jwe.decrypt_compact(token, self._private, registry=REGISTRY).plaintext
        except (UnsupportedAlgorithmError, MissingAlgorithmError, ConflictAlgorithmError):
            raise Never("other_encryption") from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise TryAgain("unreadable_result") from None
        if plain is None:
            raise TryAgain("unreadable_result")
        return plain


class KeyRing:
    """Hands out the key of the hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self, *_: Any) -> None:
        self._lock = threading.Lock()
        self._key: ResultKey | None = None
        self._uses = 0
        self._born = 0.0

    def current(self) -> ResultKey:
        """Return a key pair that is young enough, a fresh one if need be."""
        with self._lock:
            if self._key is None or self._uses >= MAX_USES or time.monotonic() - self._born > MAX_AGE_SECONDS:
                self._key, self._uses, self._born = ResultKey(), 0, time.monotonic()
            self._uses += 1
            return self._key
