"""Page and control API of the record system. A KVNR stands in bodies and forms only."""

from http import HTTPStatus
from itertools import islice
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from simulators.json_types import Json
from simulators.records import CATALOGUE, STATES, Record, is_kvnr
from simulators.web import body, with_token
from simulators.world import world

record_control = Blueprint("record_control", __name__, url_prefix="/aktensystem")

SHOWN = 100


def _kvnr(given: object) -> str:
    """Return a KVNR as it stands in a body; raise ValueError, without the number in it."""
    kvnr = str(given).strip().upper()
    if not is_kvnr(kvnr):
        raise ValueError("kvnr is not a KVNR")
    return kvnr


def _shown(record: Record) -> Json:
    return {
        "state": world().records.state_of(record),
        "email": record.email,
        "email_set_count": record.email_set_count,
        "status_calls": record.status_calls,
        "faults": world().records.faults.of(record.kvnr),
    }


@record_control.post("/control/reset")
@with_token
def reset() -> Response:
    """Forget all records and faults."""
    world().records.clear()
    return jsonify(ok=True)


@record_control.put("/control/records")
@with_token
def change_record() -> Response:
    """Set state, e-mail address or faults of a record."""
    given = body()
    kvnr, records = _kvnr(given["kvnr"]), world().records
    if "state" in given:
        records.set_state(kvnr, str(given["state"]))
    if "email" in given:
        records.force_email(kvnr, given["email"])
    if "faults" in given:
        records.faults.set(given["faults"], kvnr)
    return jsonify(_shown(records.get(kvnr)))


@record_control.post("/control/records/find")
@with_token
def find_record() -> Response:
    """Tell about the record of a KVNR."""
    return jsonify(_shown(world().records.get(_kvnr(body()["kvnr"]))))


@record_control.route("/control/faults", methods=["GET", "PUT", "DELETE"])
@with_token
def faults() -> Response:
    """Tell, replace or switch off the global faults."""
    book = world().records.faults
    if request.method == "PUT":
        book.set(body().get("faults"))
    elif request.method == "DELETE":
        book.set({})
    return jsonify(faults=book.of())


@record_control.put("/control/default-state")
@with_token
def set_default_state() -> Response:
    """Choose the state of records that nothing was said about."""
    world().records.set_default_state(str(body()["state"]))
    return jsonify(state=world().records.default_state)


@record_control.route("/", methods=["GET", "POST"])
def page() -> Any:
    """Show the records and change state, faults and default by hand."""
    problem = ""
    if request.method == "POST":
        try:
            _change_by_form()
            return redirect(url_for("record_control.page"), HTTPStatus.SEE_OTHER)
        except ValueError:
            problem = "Bitte geben Sie eine gültige Versichertennummer ein."
    records = world().records
    return render_template(
        "aktensystem/records.html",
        records=list(islice(records, SHOWN)),
        states=STATES,
        state_of=records.state_of,
        default_state=records.default_state,
        catalogue=CATALOGUE,
        active=records.faults.of(),
        faults_of=lambda record: records.faults.of(record.kvnr),
        problem=problem,
    ), HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _change_by_form() -> None:
    """Do what the pressed button says; raise ValueError for a wrong KVNR or state."""
    form, records = request.form, world().records
    chosen: Json = {name: {} for name in form.getlist("fault") if name in CATALOGUE}
    match form.get("action"):
        case "default":
            records.set_default_state(form.get("state", ""))
        case "faults":
            records.faults.set(chosen)
        case "record":
            known = records.by_key(form.get("key", ""))
            kvnr = known.kvnr if known else _kvnr(form.get("kvnr", ""))
            records.set_state(kvnr, form.get("state", ""))
            records.faults.set(chosen, kvnr)
