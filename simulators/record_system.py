"""The record system (Aktensystem) as an insurer calls it: status of a record, e-mail address of the insurant.

The status call follows the rules of the record system's information service. The e-mail address calls follow gematik's
public interface `I_Email_Management` 1.4.0; the trusted channel and the user session in front of it are left out.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from simulators.json_types import Json
from simulators.postident.api import HTML, LONGEST_WAIT_SECONDS
from simulators.records import Record, is_kvnr
from simulators.world import world

record_system = Blueprint("record_system", __name__, url_prefix="/aktensystem")

INSURER = "Musterkasse"
_USER_AGENT = re.compile(r"[a-zA-Z0-9-]{1,20}/[a-zA-Z0-9.-]{1,15}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_ANSWERS = {
    "ACTIVATED": (HTTPStatus.NO_CONTENT, ""),
    "UNKNOWN": (HTTPStatus.NOT_FOUND, "noHealthRecord"),
    "INITIALIZED": (HTTPStatus.NOT_FOUND, "noHealthRecord"),
    "SUSPENDED": (HTTPStatus.CONFLICT, "statusMismatch"),
    "INACCESSIBLE": (HTTPStatus.CONFLICT, "statusMismatch"),
}


@record_system.get("/information/api/v1/ehr")
def status() -> Response:
    """Tell whether a record is active: 204, 404, 409, 400 or 500."""
    kvnr = request.headers.get("x-insurantid", "")
    if not is_kvnr(kvnr) or not _has_user_agent():
        return _error(HTTPStatus.BAD_REQUEST, "malformedRequest")
    record = world().records.count_call(kvnr)
    broken = _broken("status", kvnr)
    if broken is not None:
        return broken
    code, word = _ANSWERS[world().records.state_of(record)]
    return _error(code, word) if word else Response(status=code)


@record_system.get("/epa/basic/api/v1/emailaddress")
def get_email() -> Response:
    """Give the e-mail address of an insurant: 200, 404, 400 or 403."""
    record = _addressed()
    if isinstance(record, Response):
        return record
    return _email(record) if record.email else _error(HTTPStatus.NOT_FOUND, "noResource")


@record_system.put("/epa/basic/api/v1/emailaddress")
def put_email() -> Response:
    """Set or replace the e-mail address of an insurant: 200, 400 or 403."""
    record = _addressed()
    if isinstance(record, Response):
        return record
    given = request.get_json(silent=True)
    email = given.get("email") if isinstance(given, dict) else None
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        return _error(HTTPStatus.BAD_REQUEST, "malformedRequest")
    return _email(world().records.set_email(record.kvnr, email, INSURER))


def _addressed() -> Record | Response:
    """Return the record that the headers of an e-mail call mean, or the error to answer with."""
    kvnr = request.headers.get("x-insurantid", "")
    if not _has_user_agent():
        return _error(HTTPStatus.BAD_REQUEST, "malformedRequest")
    if not is_kvnr(kvnr):
        return _error(HTTPStatus.FORBIDDEN, "invalidParam")
    return _broken("email", kvnr) or world().records.get(kvnr)


def _has_user_agent() -> bool:
    return _USER_AGENT.fullmatch(request.headers.get("x-useragent", "")) is not None


def _email(record: Record) -> Response:
    return jsonify(email=record.email, actor=record.email_actor, createdAt=record.email_set_at)


def _error(code: HTTPStatus, word: str) -> Response:
    response = jsonify(errorCode=word)
    response.status_code = code
    return response


def _broken(call: str, kvnr: str) -> Response | None:
    """Return the answer of the first fault that is on for this call; `slow` only waits."""
    faults = world().records.faults
    slow = faults.take("slow", kvnr, on=call)
    if slow:
        time.sleep(min(float(slow["seconds"]), LONGEST_WAIT_SECONDS))
    for name, answer in _BROKEN.items():
        fault = faults.take(name, kvnr, on=call)
        if fault is not None:
            return answer(fault)
    return None


_BROKEN: dict[str, Callable[[Json], Response]] = {
    "down": lambda fault: Response(b"", HTTPStatus.SERVICE_UNAVAILABLE),
    "http_404": lambda fault: _error(HTTPStatus.NOT_FOUND, "noHealthRecord"),
    "http_409": lambda fault: _error(HTTPStatus.CONFLICT, "statusMismatch"),
    "http_500": lambda fault: _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internalError"),
    "http_403": lambda fault: _error(HTTPStatus.FORBIDDEN, "invalidOid"),
    "malformed": lambda fault: Response('{"email": ', HTTPStatus.OK, content_type="application/json"),
    "html_error": lambda fault: Response(HTML, HTTPStatus.BAD_GATEWAY, content_type="text/html; charset=utf-8"),
}
