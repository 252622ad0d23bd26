"""The API of POSTIDENT as a client calls it: create a case, fetch its result."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from flask import Blueprint, Response, jsonify, request

from simulators.json_types import Json
from simulators.postident.cases import Case, ReferenceUsed
from simulators.postident.jwe import BadKey, WrongKeyHash, client_key, locked
from simulators.postident.limits import Problem, cleaned, problems
from simulators.postident.payload import bent, result_payload
from simulators.settings import Client
from simulators.world import world

Answer: TypeAlias = Response | None

api = Blueprint("postident_api", __name__, url_prefix="/postident/api/scr/v1")

LONGEST_WAIT_SECONDS = 120
HTML = "<!doctype html><html lang=de><title>Fehler</title><h1>Fehler</h1><p>Bitte versuchen Sie es später.</p></html>"


@api.post("/<client_id>/cases")
def create(client_id: str) -> Response:
    """Open a case: 201 with the links for the person, or 400, 401, 409, 415."""
    return _counted("create", _create(client_id))


@api.get("/<client_id>/cases/<case_id>/full")
def result(client_id: str, case_id: str) -> Response:
    """Give the result as a JWE for the client's key: 200, or 400, 401, 404."""
    return _counted("result", _result(client_id, case_id))


def _counted(call: str, response: Response) -> Response:
    world().statistics.count(call, response.status_code)
    return response


def _create(client_id: str) -> Response:
    broken = _broken("create", "")
    if broken is not None:
        return broken
    client = _client(client_id)
    if client is None:
        return _refused()
    if request.mimetype != "application/json":
        return _errors(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, [("", "Content-Type must be application/json")])
    order: Any = request.get_json(silent=True)
    wrong = problems(order, allow_http_webhooks=world().settings.allow_http_webhooks)
    if wrong:
        return _errors(HTTPStatus.BAD_REQUEST, wrong)
    try:
        case = world().desk.order(client, cleaned(order))
    except ReferenceUsed:
        return _errors(HTTPStatus.CONFLICT, [("processData.referenceId", "was used before")])
    if world().faults.take("created_but_lost"):
        return Response(HTML, HTTPStatus.BAD_GATEWAY, content_type="text/html; charset=utf-8")
    _wait("create", "")
    response = jsonify(_links(case))
    response.status_code = HTTPStatus.CREATED
    return response


def _links(case: Case) -> Json:
    app_start = {"caseUrlScheme": f"postident://cases/{case.case_id}", "packageName": "de.deutschepost.postident"}
    return {
        "caseId": case.case_id,
        "validUntil": world().valid_until(case),
        "webStart": {"caseURL": f"{world().base_url()}/postident/user/start/?caseId={case.case_id}"},
        "iosStart": app_start,
        "androidStart": app_start,
    }


def _result(client_id: str, case_id: str) -> Response:
    here = world()
    broken = _broken("result", case_id)
    if broken is not None:
        return broken
    client = _client(client_id)
    if client is None:
        return _refused()
    try:
        der = client_key(request.headers, client.data_password)
    except BadKey as error:
        return _errors(HTTPStatus.BAD_REQUEST, [("x-scr-key", str(error))])
    except WrongKeyHash:
        return _refused()
    case = here.cases.get(case_id)
    if case is None or case.client_id != client_id or here.faults.take("deleted", case_id):
        return _errors(HTTPStatus.NOT_FOUND, [("caseId", "unknown")])
    with_binary_data = request.args.get("includeBinaryData") == "true"
    with here.cases.lock:
        payload = result_payload(case, here.valid_until(case), here.clock.now(), with_binary_data=with_binary_data)
    _wait("result", case_id)
    token = locked(bent(payload, here.faults, case_id), der, here.settings.jwe_enc, here.faults, case_id)
    return Response(token, content_type="application/json" if token.startswith("{") else "application/jose")


def _client(client_id: str) -> Client | None:
    """Return the client of the path if user and password are its own."""
    client = world().settings.clients.get(client_id)
    given = request.authorization
    if client is None or given is None or given.type != "basic":
        return None
    return client if (given.username, given.password) == (client.user, client.password) else None


def _refused() -> Response:
    response = _errors(HTTPStatus.UNAUTHORIZED, [("", "credentials are missing or wrong")])
    response.headers["WWW-Authenticate"] = 'Basic realm="POSTIDENT-Simulator"'
    return response


def _errors(status: HTTPStatus, found: list[Problem]) -> Response:
    response = jsonify(errors=[{"field": field, "message": message} for field, message in found])
    response.status_code = status
    return response


def _wait(call: str, case_id: str) -> None:
    """Hold the answer back if the fault `time_out` is on; the work is done by then."""
    fault = world().faults.take("time_out", case_id, on=call)
    if fault:
        time.sleep(min(float(fault["seconds"]), LONGEST_WAIT_SECONDS))


def _broken(call: str, case_id: str) -> Answer:
    """Return the answer of the first HTTP fault that is on for this call; None when all is well."""
    for name, answer in _BROKEN.items():
        fault = world().faults.take(name, case_id, on=call)
        if fault is not None:
            return answer(fault)
    return None


def _with_retry_after(status: HTTPStatus) -> Callable[[Json], Response]:
    def answer(fault: Json) -> Response:
        response = _errors(status, [("", status.phrase)])
        if fault["retry_after"] is not None:
            response.headers["Retry-After"] = str(fault["retry_after"])
        return response

    return answer


def _plain(status: HTTPStatus) -> Callable[[Json], Response]:
    return lambda fault: _errors(status, [("", status.phrase)])


def _html(fault: Json) -> Response:
    return Response(HTML, int(fault.get("status", HTTPStatus.OK)), content_type="text/html; charset=utf-8")


def _empty(fault: Json) -> Response:
    return Response(b"", int(fault["status"]))


def _redirect(fault: Json) -> Response:
    return Response(b"", int(fault["status"]), headers={"Location": str(fault["location"])})


def _oversized(fault: Json) -> Response:
    """Send blanks, a megabyte at a time."""
    pieces = (b" " * 1_000_000 for _ in range(int(fault["megabytes"])))
    return Response(pieces, HTTPStatus.OK, content_type="application/jose")


_BROKEN: dict[str, Callable[[Json], Response]] = {
    "http_401": lambda fault: _refused(),
    "http_429": _with_retry_after(HTTPStatus.TOO_MANY_REQUESTS),
    "http_503": _with_retry_after(HTTPStatus.SERVICE_UNAVAILABLE),
    "http_404": _plain(HTTPStatus.NOT_FOUND),
    "http_409": _plain(HTTPStatus.CONFLICT),
    "http_500": _plain(HTTPStatus.INTERNAL_SERVER_ERROR),
    "html_error": _html,
    "html_success": _html,
    "empty_error": _empty,
    "redirect": _redirect,
    "oversized": _oversized,
}
