"""Pages that no app owns."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = structlog.get_logger(__name__)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was open for too long, and how to go on. The reason goes to the log."""
    log.warning("csrf_refused", reason=reason)
    return render(request, "errors/csrf.html", status=403)
