"""The pages behind the scenes: every case, every notification, every fault."""

import json
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from itertools import groupby, islice
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from simulators.faults import Fault, UnknownFault
from simulators.json_types import Json
from simulators.postident.faults import CATALOGUE
from simulators.postident.payload import result_payload
from simulators.postident.portal import case_of_request
from simulators.world import world

office = Blueprint("office", __name__, url_prefix="/postident")

SHOWN = 100


@office.get("/")
def overview() -> Any:
    """Go to the list of cases."""
    return redirect(url_for("office.cases"))


@office.get("/faelle")
def cases() -> str:
    """List the newest cases."""
    newest = list(islice(world().cases.newest_first(), SHOWN))
    return render_template("postident/cases.html", cases=newest, count=len(world().cases))


@office.get("/faelle/fall")
def one_case() -> str:
    """Show a case: attempts, notifications, faults, and the result as the client would read it."""
    case, here = case_of_request(), world()
    payload = result_payload(case, here.valid_until(case), here.clock.now(), with_binary_data=False)
    return render_template(
        "postident/case.html",
        case=case,
        valid_until=here.valid_until(case),
        deliveries=here.courier.log(case_id=case.case_id, limit=SHOWN),
        faults=here.faults.of(case.case_id),
        catalogue=CATALOGUE,
        payload=json.dumps(payload, ensure_ascii=False, indent=2),
    )


@office.route("/webhooks", methods=["GET", "POST"])
def webhooks() -> Any:
    """Show the log of notifications; a button sends again what failed or waits."""
    if request.method == "POST":
        if request.form.get("action") == "flush":
            world().courier.flush()
        elif request.form.get("action") == "redeliver":
            world().courier.redeliver(ids=[int(request.form["id"])])
        return redirect(url_for("office.webhooks"), HTTPStatus.SEE_OTHER)
    return render_template(
        "postident/webhooks.html", deliveries=world().courier.log(limit=SHOWN), summary=world().courier.summary()
    )


@office.route("/stoerungen", methods=["GET", "POST"])
def faults() -> Any:
    """Switch faults on and off, globally or for the case of the query."""
    case_id = case_of_request().case_id if request.args.get("caseId") else ""
    problem = ""
    if request.method == "POST":
        try:
            world().faults.set(_faults_of_form(case_id), case_id)
            return redirect(url_for("office.faults", caseId=case_id or None, gespeichert=1), HTTPStatus.SEE_OTHER)
        except (UnknownFault, ValueError) as error:
            problem = str(error)
    groups = [(name, list(group)) for name, group in groupby(_offered(case_id), key=lambda fault: fault.group)]
    return render_template(
        "postident/faults.html",
        case_id=case_id,
        groups=groups,
        active=world().faults.of(case_id),
        inputs=_inputs,
        problem=problem,
        saved="gespeichert" in request.args and not problem,
    ), HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK


def _offered(case_id: str) -> Iterator[Fault]:
    return (fault for fault in CATALOGUE.values() if not (case_id and fault.global_only))


def _inputs(fault: Fault, active: Json | None) -> list[Json]:
    """Return what the form shows for one fault: its own parameters, then how often and how likely."""
    values = active or fault.defaults
    return [
        {
            "name": f"{fault.name}.{key}",
            "key": key,
            "value": ", ".join(values[key]) if isinstance(values[key], list) else values[key],
            "choices": () if isinstance(default, list) else fault.choices.get(key, ()),
        }
        for key, default in fault.defaults.items()
    ]


def _faults_of_form(case_id: str) -> Json:
    """Return the faults whose box is ticked, with the parameters of the form; raise ValueError."""
    return {
        fault.name: {
            key: _parsed(request.form.get(f"{fault.name}.{key}", ""), default)
            for key, default in fault.defaults.items()
        }
        for fault in _offered(case_id)
        if fault.name in request.form
    }


def _parsed(text: str, default: object) -> object:
    """Read a field as its default is: list, number or text. Empty means the default."""
    text = text.strip()
    if not text:
        return default
    if isinstance(default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    if default is None or isinstance(default, int | float):
        for kind in (int, float):
            with suppress(ValueError):
                return kind(text)
    return text
