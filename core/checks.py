"""System checks: what the settings lack is said at start, by name."""

from typing import Any

from django.conf import settings
from django.core import checks

from core.audit.chain import audit_key
from core.encryption.ring import KeyMissing, parse_ring


def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """core.E001: keys for sealing; core.E002: keys for look-ups; core.E003: key of the audit trail."""
    found: list[checks.CheckMessage] = []
    for setting, number in (("ENCRYPTION_KEYS", 1), ("LOOKUP_KEYS", 2)):
        try:
            parse_ring(list(getattr(settings, setting, ())), setting)
        except KeyMissing as error:
            hint = "One: python -c 'import os, base64; print(\"id:\" + base64.b64encode(os.urandom(32)).decode())'"
            found.append(checks.Error(str(error), hint=hint, id=f"core.E00{number}"))
    try:
        audit_key()
    except KeyMissing as error:
        hint = "python -c 'import os, base64; print(base64.b64encode(os.urandom(32)).decode())'"
        found.append(checks.Error(str(error), hint=hint, id="core.E003"))
    return found


def check_anchor_file(**_: Any) -> list[checks.CheckMessage]:
    """core.E004: without anchors outside the database nobody sees that the end of the audit trail was cut off."""
    if getattr(settings, "AUDIT_ANCHOR_FILE", None):
        return []
    return [
        checks.Error(
            "AUDIT_ANCHOR_FILE is not set.", hint="A file on another disk than the database's.", id="core.E004"
        )
    ]


def register() -> None:
    checks.register(check_keys)
    checks.register(check_anchor_file)
