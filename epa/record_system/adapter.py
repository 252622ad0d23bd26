"""The record system (Aktensystem) of the ePA, as an insurer's back end calls it.

Status: `GET /information/api/v1/ehr`, headers `x-insurantid` and `x-useragent`: 204, 404, 409, 500 or 400 (E3).
E-mail: `PUT /epa/basic/api/v1/emailaddress`, the same headers, `{"email": …}` → 200 with `email` (E4).

Whoever goes live checks these points, which are inferred, against the record system's own documents:

- the shape of the e-mail call (after gematik's public I_Email_Management 1.4.0); the same address again gives 200;
- the way in: authorisation session and trusted channel of the insurer's back end are not public and left out here;
- that 400, 401 and 403 will not heal by themselves: they stop that one access until an operator lets it try again;
- 429 and 503 with Retry-After; an answer that is not of these forms is taken for an outage.
The KVNR stands in a header only: never in an address, a log line or an error.
"""

from __future__ import annotations

from typing import Any, Final

import structlog

from core.errors import Never, TryAgain
from core.http import Answer, call
from epa.record_system.configuration import Configuration, configured
from epa.states import RecordState

log = structlog.get_logger(__name__)

STATUS_PATH: Final = "/information/api/v1/ehr"
EMAIL_PATH: Final = "/epa/basic/api/v1/emailaddress"
ANSWER_MAX_BYTES: Final = 10_000
STATES: Final = {
    204: RecordState.ACTIVATED,
    404: RecordState.NONE_OR_INITIALIZED,
    409: RecordState.WRONG_STATE,
    500: RecordState.ERROR,
}
REFUSALS: Final = frozenset({400, 401, 403})


def from_settings() -> RecordSystemOverHttp:
    """Return the adapter that the setting RECORD_SYSTEM describes. Raises ImproperlyConfigured."""
    return RecordSystemOverHttp(configured())


class RecordSystemOverHttp:
    """An `epa.ports.RecordSystem`."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def set_email(self, kvnr: str, email: str) -> None:
        """Never: http_400, http_401, http_403. TryAgain: network and overload, unreadable_answer."""
        answer = self._call("PUT", EMAIL_PATH, kvnr, expect=(200,), json={"email": email})
        if not isinstance(_member(answer, "email"), str):
            raise TryAgain("unreadable_answer")  # it may have been written: the same call again is harmless

    def status(self, kvnr: str) -> RecordState:
        """Never: http_400, http_401, http_403. TryAgain: network and overload, unreadable_answer."""
        return STATES[self._call("GET", STATUS_PATH, kvnr, expect=STATES).status]

    def _call(self, verb: str, path: str, kvnr: str, **how: Any) -> Answer:
        try:
            return call(
                verb,
                self._configuration.base_url + path,
                route=path,
                headers={"x-insurantid": kvnr, "x-useragent": self._configuration.user_agent},
                timeout_seconds=self._configuration.timeout_seconds,
                max_bytes=ANSWER_MAX_BYTES,
                **how,
            )
        except Never as error:
            if error.status in REFUSALS:
                log.error("record_system_refused", route=path, status=error.status)
                raise
            raise TryAgain("unreadable_answer", status=error.status) from None


def _member(answer: Answer, name: str) -> object:
    try:
        given = answer.json()
    except Never:
        return None
    return given.get(name) if isinstance(given, dict) else None
