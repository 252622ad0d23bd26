"""The person's pages: start of a case, coupon, other methods, end."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from simulators.clock import text
from simulators.postident.cases import Attempt, Case
from simulators.postident.desk import CaseClosed, Finish
from simulators.postident.faults import OUTCOMES
from simulators.postident.pdf import coupon_pdf, data_matrix_svg
from simulators.postident.people import DIFFERENCES
from simulators.world import world

portal = Blueprint("portal", __name__, url_prefix="/postident/user")

WAY_BACK = {
    "coupon requested": "CouponRequested",
    "review pending": "ReviewPending",
    "incomplete": "Incomplete",
    "success": "Success",
    "declined": "Declined",
}


def case_of_request() -> Case:
    """Return the case of the query's `caseId`, or end in a 404 page."""
    case = world().cases.get(request.args.get("caseId", "").strip().upper())
    if case is None or world().faults.peek("deleted", case.case_id):
        abort(HTTPStatus.NOT_FOUND, "Zu dieser Vorgangsnummer gibt es keinen Fall.")
    return case


def page(name: str, case: Case, **values: Any) -> str:
    """Render a page of the portal about a case."""
    return render_template(
        f"postident/{name}.html",
        case=case,
        client_name=world().client_name(case),
        valid_until=world().valid_until(case),
        is_expired=world().desk.is_expired(case),
        **values,
    )


@portal.route("/start/", methods=["GET", "POST"])
def start() -> Any:
    """Let the person choose a method of the contract."""
    case = case_of_request()
    methods = world().methods(case)
    if request.method == "GET":
        return page("start", case, methods=methods, latest=case.latest())
    method = request.form.get("method", "")
    if method not in methods:
        problem = "Bitte wählen Sie ein Verfahren."
        return page("start", case, methods=methods, latest=case.latest(), problem=problem), HTTPStatus.BAD_REQUEST
    try:
        world().choose(case, method)
    except CaseClosed:
        return page("start", case, methods=methods, latest=case.latest()), HTTPStatus.CONFLICT
    return redirect(_way_on(case, method), HTTPStatus.SEE_OTHER)


def _way_on(case: Case, method: str) -> str:
    match method:
        case "basic":
            return url_for("portal.coupon", caseId=case.case_id)
        case "eid":
            return url_for("eid.consent", caseId=case.case_id)
        case _:
            return url_for("portal.attempt", caseId=case.case_id, method=method)


def attempt_or_404(case: Case, method: str) -> Attempt:
    """Return the last attempt with a method, or end in a 404 page."""
    found = case.latest(method)
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "Dieses Verfahren wurde in diesem Fall noch nicht gewählt.")
    return found


@portal.route("/coupon/", methods=["GET", "POST"])
def coupon() -> Any:
    """Show the coupon; on demand send its link into the mailbox."""
    case = case_of_request()
    attempt_or_404(case, "basic")
    sent_to = request.form.get("email", "").strip() if request.method == "POST" else ""
    if sent_to:
        link = f"{world().base_url()}{url_for('portal.coupon', caseId=case.case_id)}"
        message = f"Ihr Coupon für die Filiale: {link}\n\n(POSTIDENT-Simulator)"
        world().mails.write(
            "coupon@simulator.invalid", sent_to, "Ihr Coupon für die Filiale", message, text(world().clock.now())
        )
    contact = case.order.get("contactDataProvided") or {}
    return page(
        "coupon",
        case,
        code=data_matrix_svg(case.case_id),
        email=contact.get("email") or "",
        sent_to=sent_to,
        way_back=case.callback_url("CouponRequested"),
    )


@portal.get("/coupon.pdf")
def coupon_as_pdf() -> Response:
    """Give the coupon as PDF."""
    case = case_of_request()
    attempt_or_404(case, "basic")
    document = coupon_pdf(case, world().client_name(case), world().valid_until(case))
    headers = {"Content-Disposition": f'inline; filename="coupon-{case.case_id}.pdf"'}
    return Response(document, content_type="application/pdf", headers=headers)


@portal.route("/versuch/", methods=["GET", "POST"])
def attempt() -> Any:
    """Play through a method that has no pages of its own here (video, photo, AutoID)."""
    case, method = case_of_request(), request.args.get("method", "")
    attempt_or_404(case, method)
    outcome = request.form.get("outcome", "")
    if request.method == "GET" or outcome not in OUTCOMES:
        status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.BAD_REQUEST
        return page("attempt", case, method=method, outcomes=OUTCOMES, differences=DIFFERENCES), status
    world().finish(case, Finish(method, outcome, document=difference_of_form()))
    return redirect(url_for("portal.done", caseId=case.case_id), HTTPStatus.SEE_OTHER)


def difference_of_form() -> dict[str, str]:
    """Return the difference that was chosen on the page, as a document override."""
    difference = request.form.get("difference", "")
    return {"difference": difference} if difference in DIFFERENCES else {}


@portal.get("/fertig/")
def done() -> str:
    """Tell how the last attempt ended and show the way back to the client."""
    case = case_of_request()
    latest = max(case.attempts, key=lambda each: each.modified, default=None)
    way_back = case.callback_url(WAY_BACK[latest.status]) if latest and latest.status in WAY_BACK else None
    may_retry = case.status != "closed" and not world().desk.is_expired(case)
    return page("done", case, latest=latest, way_back=way_back, may_retry=may_retry)
