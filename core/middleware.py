"""A rule that says no becomes a page that says why."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import DomainError
from core.limits.services import LimitReached
from core.requests import current_request_id

log = structlog.get_logger(__name__)


class DomainErrorMiddleware:
    """Renders `errors/domain.html` for a DomainError that a view let through (the API has its own form)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        log.info("refused", reason=error.code, status=error.http_status)
        words = {
            "code": error.code,
            "message": error.detail,
            "reference": current_request_id(),
        }
        response = render(request, "errors/domain.html", words, status=error.http_status)
        if isinstance(error, LimitReached):
            response["Retry-After"] = str(error.retry_after_seconds)
        return response
