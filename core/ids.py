"""Primary keys that are known before the insert and still land side by side in the index."""

import os
import time
import uuid

_VERSION = 7 << 76
_VARIANT = 2 << 62
_RANDOM_A = 0xFFF << 64
_RANDOM_B = (1 << 62) - 1


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(int=milliseconds << 80 | _VERSION | random & _RANDOM_A | _VARIANT | random & _RANDOM_B)
