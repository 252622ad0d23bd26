"""The mailbox: an SMTP server that delivers nothing, and pages and JSON that show every mail."""

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for

from simulators.clock import text
from simulators.mail_store import Mail
from simulators.world import World, world

mailbox = Blueprint("mailbox", __name__, url_prefix="/postfach")

SHOWN = 200
HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)


class Receiver:
    """Takes every mail for everybody."""

    def __init__(self, world: World) -> None:
        """Keep the mails of this world."""
        self._world = world

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail and say so."""
        content = envelope.original_content or b""
        self._world.mails.receive(
            content, envelope.mail_from or "", list(envelope.rcpt_tos), text(self._world.clock.now())
        )
        return "250 Message accepted"


def start_smtp(world: World) -> Controller:
    """Start the SMTP server in a thread of its own; `stop()` of what is returned ends it."""
    controller = Controller(
        Receiver(world), hostname=world.settings.smtp_host, port=world.settings.smtp_port, ident="Simulator"
    )
    controller.start()
    return controller


@mailbox.route("/", methods=["GET", "POST"])
def mails() -> Any:
    """List the mails, newest first; a button deletes them."""
    to = request.values.get("to", "").strip()
    if request.method == "POST":
        world().mails.delete(to=to)
        return redirect(url_for("mailbox.mails"), HTTPStatus.SEE_OTHER)
    found = list(world().mails.find(to=to))
    return render_template("postfach/mails.html", mails=found[::-1][:SHOWN], count=len(found), to=to)


def _mail_or_404(number: int) -> Mail:
    mail = world().mails.get(number)
    if mail is None:
        abort(HTTPStatus.NOT_FOUND, "Diese Mail gibt es nicht (mehr).")
    return mail


@mailbox.get("/<int:number>/")
def mail(number: int) -> str:
    """Show one mail: text, HTML in a closed frame, and its links."""
    return render_template("postfach/mail.html", mail=_mail_or_404(number))


@mailbox.get("/<int:number>/html")
def mail_html(number: int) -> Response:
    """Give the HTML part alone: no scripts, no pictures from outside; links open in the whole window."""
    found = _mail_or_404(number)
    response = Response(f'<base target="_top">{found.html}', content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    return response


def _as_json(mails: Sequence[Mail]) -> list[dict[str, Any]]:
    return [{"from": entry.pop("sender"), **entry} for entry in map(asdict, mails)]


@mailbox.get("/api/mails")
def list_mails() -> Response:
    """List mails as JSON, oldest first, by address, word of the subject and last id seen."""
    found = list(
        world().mails.find(
            to=request.args.get("to", ""),
            subject=request.args.get("subject", ""),
            since_id=request.args.get("since_id", 0, int),
        )
    )
    return jsonify(count=len(found), mails=_as_json(found[: request.args.get("limit", 100, int)]))


@mailbox.get("/api/mails/<int:number>")
def get_mail(number: int) -> Response:
    """Give one mail as JSON."""
    return jsonify(_as_json([_mail_or_404(number)])[0])


@mailbox.delete("/api/mails")
def delete_mails() -> Response:
    """Delete the mails to an address, or all."""
    return jsonify(deleted=world().mails.delete(to=request.args.get("to", "")))
