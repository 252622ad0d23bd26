"""The clerk's counter in the post office: find the coupon, look at the document, decide."""

from http import HTTPStatus
from itertools import islice
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from simulators.json_types import Json
from simulators.postident.cases import Case
from simulators.postident.desk import Finish
from simulators.postident.faults import OUTCOMES
from simulators.postident.people import DIFFERENCES, DOCUMENT_TYPES, PASSPORTS, with_differences
from simulators.postident.portal import case_of_request, page
from simulators.world import world

counter = Blueprint("counter", __name__, url_prefix="/postident/schalter")

SHOWN = 50
NAMES = ("first_name", "last_name", "birth_name", "birth_date", "birth_place", "nationality")
ADDRESS = ("street_address", "postal_code", "city", "country")
PAPER = ("number", "date_issued", "date_of_expiry", "authority")


@counter.get("")
def lobby() -> Any:
    """Find a case by its number or reference, or pick one that waits for a visit."""
    query = request.args.get("q", "").strip()
    found = world().cases.find(query.upper()) or world().cases.find(query) if query else None
    if found is not None:
        return redirect(url_for("counter.visit", caseId=found.case_id), HTTPStatus.SEE_OTHER)
    waiting = (case for case in world().cases.newest_first() if _waits_for_visit(case))
    status = HTTPStatus.NOT_FOUND if query else HTTPStatus.OK
    return render_template("postident/counter.html", query=query, cases=list(islice(waiting, SHOWN))), status


def _waits_for_visit(case: Case) -> bool:
    visit = case.latest("basic")
    return visit is not None and visit.status in {"coupon requested", "review pending"}


@counter.route("/fall", methods=["GET", "POST"])
def visit() -> Any:
    """Show one visit; a chosen difference changes the form, `action=finish` ends the attempt."""
    case = case_of_request()
    document = world().desk.document(case, {}) if request.method == "GET" else _of_form()
    if request.form.get("action") != "finish":
        difference = request.form.get("difference", "")
        changed = with_differences(document, difference) if difference in DIFFERENCES else document
        return _page(case, changed, difference=difference)
    outcome = request.form.get("outcome", "")
    if outcome not in OUTCOMES:
        return _page(case, document, problem="Bitte wählen Sie aus, wie die Prüfung ausgeht."), HTTPStatus.BAD_REQUEST
    overrides = document | {"expired": True} if "expired" in request.form else document
    target, _ = world().finish(case, Finish("basic", outcome, document=overrides))
    return redirect(url_for("counter.finished", caseId=case.case_id, ergebnis=target.case_id), HTTPStatus.SEE_OTHER)


def _of_form() -> Json:
    """Return the document as it stands in the form; a passport or an empty street gives no address."""
    form = request.form
    document: Json = {key: form.get(key, "").strip() or None for key in (*NAMES, *PAPER)}
    document["type"] = form.get("document_type", "1")
    address = {key: form.get(key, "").strip() or None for key in ADDRESS}
    has_address = bool(address["street_address"]) and document["type"] not in PASSPORTS
    return document | {"address": address if has_address else None}


def _page(case: Case, document: Json, *, difference: str = "", problem: str = "") -> str:
    return page(
        "visit",
        case,
        document=document,
        address=document.get("address") or {},
        document_types=DOCUMENT_TYPES,
        differences=DIFFERENCES,
        difference=difference,
        outcomes=OUTCOMES,
        latest=case.latest("basic"),
        problem=problem,
        is_checked="expired" in request.form,
    )


@counter.get("/fertig")
def finished() -> str:
    """Tell the clerk what was sent."""
    case = case_of_request()
    target = world().cases.get(request.args.get("ergebnis", case.case_id)) or case
    deliveries = world().courier.log(case_id=target.case_id, limit=10)
    way_back = case.callback_url("Success") if target.status == "closed" else None
    return page(
        "visit_done", case, target=target, latest=target.latest("basic"), deliveries=deliveries, way_back=way_back
    )
