"""Sessions in the database, their content sealed and bound to their key (SESSION_ENGINE = "core.sessions").

They live for an hour or so, hence `rotate_keys` leaves them alone: one whose key is gone counts as logged out.
"""

import base64
import binascii
from typing import Any

import structlog
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.serializers import JSONSerializer

from core.encryption import KeyMissing, Tampered, seal, unseal

log = structlog.get_logger(__name__)
PLACE = {"table": "django_session", "column": "session_data"}


class SessionStore(DatabaseStore):
    def encode(self, session_dict: dict[str, Any]) -> str:
        plain = JSONSerializer().dumps(session_dict)
        return base64.b64encode(seal(plain, row=self._get_or_create_session_key(), **PLACE)).decode()  # type: ignore[attr-defined]

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the content; an empty session if it does not open."""
        try:
            sealed = base64.b64decode(session_data, validate=True)
            opened: dict[str, Any] = JSONSerializer().loads(unseal(sealed, row=self.session_key or "", **PLACE))
        except (Tampered, KeyMissing, binascii.Error) as error:
            log.warning("session_unreadable", reason=type(error).__name__)
            return {}
        return opened
