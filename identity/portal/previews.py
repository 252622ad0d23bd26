"""Every mail as it will look, for developers. Only where nothing is real."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.outbox.render import render as render_message
from identity.methods.seeds import SUSPENSION_TEXTS

FOLDER = Path(settings.BASE_DIR) / "templates" / "messages"
SUBJECT, TEXT, HTML = ".subject.txt", "txt", "html"
# A mail's own page: nothing but its own styles and no script at all.
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


def templates() -> list[str]:
    """Return the names of all messages: `identity/identified`, `account/login_code` …"""
    found = FOLDER.rglob(f"*{SUBJECT}")
    return sorted(path.relative_to(FOLDER).as_posix().removesuffix(SUBJECT) for path in found)


def sample_context() -> dict[str, Any]:
    """Return values for whatever a message may ask for; nobody's."""
    later = timezone.now() + timedelta(days=14)
    return {
        "case_id": "00000000-0000-4000-8000-000000000000",
        "purpose": "epa",
        "method": "postident_branch",
        "reason": "document_mismatch",
        "text_de": SUSPENSION_TEXTS["public_text_de"],
        "text_en": SUSPENSION_TEXTS["public_text_en"],
        "applied_at": timezone.now().isoformat(),
        "state": "choosing",
        "valid_until": later.isoformat(),
        "until": later.isoformat(),
        "code": "123456",
        "message": "Das Bild auf der Seite „Bereit“ hat keine Beschreibung.",
        "contact": "0800 000 00 00",
        "timestamp": timezone.now().isoformat(),
        "activate_url": f"{settings.BASE_URL}/beispiel/",
        "password_reset_url": f"{settings.BASE_URL}/beispiel/",
        "signup_url": f"{settings.BASE_URL}/beispiel/",
        "url": f"{settings.BASE_URL}/beispiel/",
    }


def _require_playground() -> None:
    if not (settings.DEBUG or settings.VORWEIS_DEMO):
        raise Http404


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """List the mails with their subjects in the language of the page."""
    _require_playground()
    language = get_language() or "de"
    listed = [(name, render_message(name, sample_context(), language)[0]) for name in templates()]
    return render(request, "identity/mails.html", {"mails": listed})


@login_not_required
@require_safe
def mail(request: HttpRequest, template: str, part: str) -> HttpResponse:
    """Show one mail as text (`.txt`) or as HTML (`.html`)."""
    _require_playground()
    if template not in templates() or part not in (TEXT, HTML):
        raise Http404
    subject, text, html = render_message(template, sample_context(), get_language() or "de")
    if part == TEXT:
        return HttpResponse(f"{subject}\n\n{text}", content_type="text/plain; charset=utf-8")
    response = HttpResponse(html)
    response["Content-Security-Policy"] = MAIL_CSP
    return response
