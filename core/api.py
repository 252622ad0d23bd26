"""Every error of the API has one shape: `application/problem+json` (RFC 9457)."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError
from core.limits.services import LimitReached

CONTENT_TYPE = "application/problem+json"


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Render what a view raised; None for what is a bug of ours, so that it becomes a 500.

    Shape {"type": "urn:problem:<code>", "title", "status", "detail", "code"}; validation adds "errors" by field.
    """
    match exc:
        case DomainError():
            problem = _problem(exc.code, exc.http_status, exc.detail)
        case Http404():
            return problem_response(exceptions.NotFound(), context)
        case PermissionDenied():
            return problem_response(exceptions.PermissionDenied(), context)
        case exceptions.ValidationError():
            problem = _problem("invalid", exc.status_code, str(exceptions.ValidationError.default_detail))
            problem["errors"] = exc.detail
        case exceptions.APIException():
            problem = _problem(str(exc.default_code), exc.status_code, str(exc.detail))
        case _:
            return None
    set_rollback()
    return Response(problem, status=problem["status"], headers=_headers(exc), content_type=CONTENT_TYPE)


def _problem(code: str, status: int, detail: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": f"urn:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}


def _headers(exc: Exception) -> dict[str, str]:
    match exc:
        case LimitReached():
            return {"Retry-After": str(exc.retry_after_seconds)}
        case exceptions.Throttled() if wait := getattr(exc, "wait", None):
            return {"Retry-After": str(math.ceil(wait))}
        case exceptions.APIException() if challenge := getattr(exc, "auth_header", None):
            return {"WWW-Authenticate": challenge}
    return {}
