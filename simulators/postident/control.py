"""The control API: what tests and load drivers may do to POSTIDENT that the real world does by itself."""

import random
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request

from simulators.clock import moment, text
from simulators.json_types import Json
from simulators.postident.cases import Case
from simulators.postident.desk import Finish
from simulators.postident.webhooks import Options
from simulators.web import body, with_token
from simulators.world import world

control = Blueprint("postident_control", __name__, url_prefix="/postident/control")

Wanted = TypeVar("Wanted", Finish, Options)


def shown(case: Case) -> Json:
    """Return a case as the control API tells it."""
    document = case.to_document()
    document["identifications"] = document.pop("attempts")
    return document | {"valid_until": world().valid_until(case), "faults": world().faults.of(case.case_id)}


def _case(case_id: str) -> Case:
    case = world().cases.get(case_id)
    if case is None:
        raise LookupError("unknown case")
    return case


def _read(kind: type[Wanted], given: object) -> Wanted:
    """Make options from JSON; raise ValueError for an unknown or missing key."""
    if not isinstance(given, dict):
        raise ValueError(f"{kind.__name__.lower()} must be an object")
    strange = set(given) - {each.name for each in fields(kind)}
    if strange:
        raise ValueError(f"unknown key {sorted(strange)[0]}")
    return kind(**given)


def finish_and_options(given: Json) -> tuple[Finish, Options]:
    """Split a finish body into how the attempt ends and how it is told."""
    options = _read(Options, given.get("webhook", {}))
    finish = _read(Finish, {key: value for key, value in given.items() if key != "webhook"})
    finish.early_seconds = options.early_seconds
    return finish, options


@control.post("/reset")
@with_token
def reset() -> Response:
    """Forget cases, notifications, faults, counts and the clock's offset."""
    here = world()
    here.courier.clear()
    here.cases.clear()
    here.faults.clear()
    here.statistics.clear()
    here.shift_clock(0)
    return jsonify(ok=True)


@control.get("/cases")
@with_token
def list_cases() -> Response:
    """List cases, newest first, by client, reference and status."""
    wanted = {key: request.args[key] for key in ("client_id", "reference_id", "status") if key in request.args}
    limit, offset = request.args.get("limit", 100, int), request.args.get("offset", 0, int)
    fitting = [
        case
        for case in world().cases.newest_first()
        if all(getattr(case, key) == value for key, value in wanted.items())
    ]
    return jsonify(count=len(fitting), cases=[shown(case) for case in islice(fitting, offset, offset + limit)])


@control.post("/cases")
@with_token
def create_unknown() -> Any:
    """File a case that the client never ordered, and finish it if wanted."""
    given = body()
    client = world().settings.clients.get(str(given.get("client_id")))
    if client is None:
        raise ValueError("unknown client_id")
    order = {"processData": {"referenceId": given.get("reference_id")}, "customData": given.get("custom_data")}
    case = world().desk.unknown_case(client, given.get("reference_id"), given.get("webhook_url"), order)
    if given.get("finish"):
        world().finish(case, *finish_and_options(given["finish"]))
    return jsonify(shown(case)), HTTPStatus.CREATED


@control.get("/cases/<case_id>")
@with_token
def get_case(case_id: str) -> Response:
    """Tell everything about a case."""
    return jsonify(shown(_case(case_id)))


@control.patch("/cases/<case_id>")
@with_token
def change_case(case_id: str) -> Response:
    """Move the validity of a case, or archive it."""
    case, given = _case(case_id), body()
    with world().cases.lock:
        if "valid_until" in given:
            case.valid_until = text(moment(given["valid_until"]))
        if "shift_days" in given:
            case.valid_until = text(moment(case.valid_until) + timedelta(days=float(given["shift_days"])))
        case.archived = bool(given.get("archived", case.archived))
        world().cases.save(case)
    return jsonify(shown(case))


@control.delete("/cases/<case_id>")
@with_token
def delete_case(case_id: str) -> Response:
    """Delete a case; with `reuse` its id goes to the client's next case."""
    case = _case(case_id)
    world().cases.remove(case_id)
    world().faults.set({}, case_id)
    if body().get("reuse"):
        world().cases.set_free(case.client_id, case_id)
    return jsonify(ok=True)


@control.post("/cases/<case_id>/choose")
@with_token
def choose(case_id: str) -> Response:
    """Choose a method as the person would."""
    case = _case(case_id)
    world().choose(case, str(body()["method"]))
    return jsonify(shown(case))


@control.post("/cases/<case_id>/finish")
@with_token
def finish(case_id: str) -> Response:
    """End an attempt as told and notify the client."""
    target, sent = world().finish(_case(case_id), *finish_and_options(body()))
    return jsonify(case=shown(_case(case_id)), result_case_id=target.case_id, webhook_ids=sent)


@control.post("/cases/<case_id>/webhook")
@with_token
def notify(case_id: str) -> Response:
    """Send a notification now, whatever the state."""
    return jsonify(webhook_ids=world().courier.notify(_case(case_id), _read(Options, body())))


@control.post("/bulk-finish")
@with_token
def bulk_finish() -> Response:
    """End many cases in one call; the notifications go out after all of them are finished."""
    given = body()
    finish, options = finish_and_options(given["finish"])
    if "seed" in given:
        world().courier.chance = random.Random(given["seed"])
    targets = [world().desk.finish(case, finish) for case in list(_chosen(given))]
    sent = world().courier.notify_all(targets, options)
    return jsonify(finished=len(targets), webhooks=len(sent))


def _chosen(given: Json) -> Iterable[Case]:
    """Give the cases of a bulk call: by id, by reference, or every one that is not closed."""
    ids, references = given.get("case_ids"), given.get("reference_ids")
    for case in world().cases.newest_first():
        by_name = case.case_id in (ids or ()) or case.reference_id in (references or ())
        by_default = ids is None and references is None and case.status != "closed"
        if (by_name or by_default) and given.get("client_id") in {None, case.client_id}:
            yield case


@control.route("/faults", methods=["GET", "PUT", "DELETE"])
@control.route("/cases/<case_id>/faults", methods=["GET", "PUT", "DELETE"])
@with_token
def faults(case_id: str = "") -> Response:
    """Tell, replace or switch off the faults of a case, or the global ones."""
    if case_id:
        _case(case_id)
    if request.method == "PUT":
        world().faults.set(body().get("faults"), case_id)
    elif request.method == "DELETE":
        world().faults.set({}, case_id)
    return jsonify(faults=world().faults.of(case_id))


@control.get("/webhooks")
@with_token
def list_webhooks() -> Response:
    """List the log of notifications, newest first."""
    entries = world().courier.log(
        case_id=request.args.get("case_id", ""),
        status=request.args.get("status", ""),
        limit=request.args.get("limit", 100, int),
    )
    return jsonify(webhooks=[asdict(entry) for entry in entries])


@control.get("/webhooks/summary")
@with_token
def webhook_summary() -> Response:
    """Count the notifications by status."""
    return jsonify(world().courier.summary())


@control.post("/webhooks/flush")
@with_token
def flush_webhooks() -> Response:
    """Send at once what waits or is held."""
    return jsonify(flushed=world().courier.flush())


@control.post("/webhooks/redeliver")
@with_token
def redeliver_webhooks() -> Response:
    """Send finished notifications again, by id or status."""
    given = body()
    return jsonify(queued=world().courier.redeliver(ids=given.get("ids", ()), status=given.get("status", "")))


@control.get("/statistics")
@with_token
def statistics() -> Response:
    """Tell how the API answered, by call and status code."""
    return jsonify(world().statistics.as_json())


@control.put("/clock")
@with_token
def set_clock() -> Response:
    """Let the simulators' now run ahead of the real one."""
    world().shift_clock(float(body()["offset_seconds"]))
    return jsonify(now=text(world().clock.now()), offset_seconds=world().clock.offset_seconds)
