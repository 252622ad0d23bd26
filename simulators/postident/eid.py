"""The pages of the online ID: rights, PIN, and how it ends. The PIN is neither checked nor kept."""

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, request, url_for

from simulators.json_types import Json
from simulators.postident.cases import Case
from simulators.postident.desk import Finish
from simulators.postident.faults import EID_FAILURES
from simulators.postident.people import DIFFERENCES
from simulators.postident.portal import attempt_or_404, case_of_request, difference_of_form, page
from simulators.world import world

eid = Blueprint("eid", __name__, url_prefix="/postident/user/eid")

RIGHTS = (
    "Familienname",
    "Vornamen",
    "Geburtsname",
    "Geburtsdatum",
    "Geburtsort",
    "Anschrift",
    "Staatsangehörigkeit",
    "Dokumentenart",
    "Ausstellender Staat",
    "Gültigkeit",
)
OUTCOMES = ("success", *EID_FAILURES)
FIELDS = ("first_name", "last_name", "birth_name", "birth_date", "birth_place", "nationality")


@eid.route("/", methods=["GET", "POST"])
def consent() -> Any:
    """Show which data the card will give away, and let the person go on or cancel."""
    case = case_of_request()
    attempt_or_404(case, "eid")
    if request.method == "GET":
        return page("eid_consent", case, rights=RIGHTS)
    if request.form.get("step") == "cancel":
        return _end(case, "cancelled")
    return redirect(url_for("eid.pin", caseId=case.case_id), HTTPStatus.SEE_OTHER)


@eid.route("/pin/", methods=["GET", "POST"])
def pin() -> Any:
    """Ask for a PIN that may be any six digits, and for the outcome that the demo needs."""
    case = case_of_request()
    attempt_or_404(case, "eid")
    if request.method == "GET":
        return _pin_page(case)
    outcome = request.form.get("outcome", "")
    given_pin = request.form.get("pin", "")
    if outcome not in OUTCOMES:
        return _pin_page(case, "Bitte wählen Sie aus, wie es ausgehen soll."), HTTPStatus.BAD_REQUEST
    if given_pin and not re.fullmatch(r"[0-9]{6}", given_pin):
        return _pin_page(case, "Die PIN hat sechs Ziffern."), HTTPStatus.BAD_REQUEST
    return _end(case, outcome)


def _pin_page(case: Case, problem: str = "") -> str:
    document = world().desk.document(case, {})
    return page(
        "eid_pin", case, outcomes=OUTCOMES, differences=DIFFERENCES, document=document, fields=FIELDS, problem=problem
    )


def _end(case: Case, outcome: str) -> Any:
    if case.status == "closed":
        return redirect(url_for("portal.done", caseId=case.case_id), HTTPStatus.SEE_OTHER)
    document: Json = {key: request.form[key].strip() or None for key in FIELDS if key in request.form}
    world().finish(case, Finish("eid", outcome, document=document | difference_of_form()))
    return redirect(url_for("portal.done", caseId=case.case_id), HTTPStatus.SEE_OTHER)
