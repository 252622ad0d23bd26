"""The one WSGI application of all simulators."""

from http import HTTPStatus
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request, send_from_directory
from werkzeug.exceptions import HTTPException

from simulators.mailbox import mailbox, start_smtp
from simulators.postident.api import api
from simulators.postident.control import control
from simulators.postident.counter import counter
from simulators.postident.eid import eid
from simulators.postident.office import office
from simulators.postident.portal import portal
from simulators.record_control import record_control
from simulators.record_system import record_system
from simulators.settings import Settings, from_environment
from simulators.web import add_headers, failure
from simulators.words import FILTERS
from simulators.world import EXTENSION, World

LARGEST_BODY_BYTES = 32_000_000


def create_app(settings: Settings) -> Flask:
    """Return the application over the state in `settings.state`. Nothing runs beside it, no mail or webhook goes."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.extensions[EXTENSION] = World.open(settings)
    for blueprint in (api, portal, eid, counter, office, control, record_system, record_control, mailbox):
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(add_headers)
    app.register_error_handler(HTTPException, _error_page)
    _add_own_routes(app, settings.kern_dir)
    return app


def _add_own_routes(app: Flask, kern_dir: Path) -> None:
    @app.get("/")
    def start() -> str:
        world: World = app.extensions[EXTENSION]
        return render_template("start.html", settings=world.settings, cases=len(world.cases))

    @app.get("/gesund")
    def healthy() -> Response:
        return Response("ok\n", content_type="text/plain")

    @app.get("/kern/<path:name>")
    def kern(name: str) -> Response:
        return send_from_directory(kern_dir, name, max_age=3600)


def _error_page(error: HTTPException) -> Any:
    """Say what is wrong as JSON to programs and as a page to people."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if "/api/" in request.path or "/control/" in request.path:
        return failure(error.name, HTTPStatus(status))
    return render_template("error.html", error=error), status


def served() -> Flask:
    """Return the running application for the web server: with the sending threads and the SMTP server beside it."""
    settings = from_environment()
    app = create_app(settings)
    world: World = app.extensions[EXTENSION]
    world.courier.start()
    smtp = start_smtp(world)

    def end() -> None:
        smtp.stop()
        world.close()

    Finalize(None, end, exitpriority=1)  # atexit is not heeded in a worker process
    return app
