"""What every page and every control call shares: token, JSON answers, security headers."""

import hmac
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest

from simulators.json_types import Json
from simulators.world import world

P = ParamSpec("P")

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def with_token(view: Callable[P, Any]) -> Callable[P, Any]:
    """Answer 401 unless the caller shows the control token; ValueError of the view becomes a 400, LookupError a 404."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        given = request.headers.get("X-Simulator-Token", "")
        if not hmac.compare_digest(given.encode(), world().settings.token.encode()):
            return failure("X-Simulator-Token is missing or wrong", HTTPStatus.UNAUTHORIZED)
        try:
            return view(*args, **kwargs)
        except BadRequest as error:
            return failure(error.description or "bad request", HTTPStatus.BAD_REQUEST)
        except KeyError as error:
            return failure(f"missing key {error}", HTTPStatus.BAD_REQUEST)
        except LookupError as error:
            return failure(str(error.args[0]) if error.args else "unknown", HTTPStatus.NOT_FOUND)
        except (TypeError, ValueError) as error:
            return failure(str(error), HTTPStatus.BAD_REQUEST)

    return guarded


def failure(message: str, status: HTTPStatus) -> Response:
    """Return an error as JSON."""
    response = jsonify(error=message)
    response.status_code = status
    return response


def body() -> Json:
    """Return the JSON object in the request; no body counts as an empty one. Raises ValueError."""
    if not request.get_data():
        return {}
    given = request.get_json(force=True)
    if not isinstance(given, dict):
        raise ValueError("the body must be an object")
    return given


def add_headers(response: Response) -> Response:
    """Keep pages out of caches, frames and other people's scripts."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
