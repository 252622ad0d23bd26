"""Content-Security-Policy from the setting SECURE_CSP, in the shape that Django 6 has built in.

On Django 6: delete this file and take `django.middleware.csp.ContentSecurityPolicyMiddleware`.
"""

import secrets
from collections.abc import Callable, Collection, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

HEADER = "Content-Security-Policy"
NONCE = "<CSP_NONCE_SENTINEL>"  # stands in SECURE_CSP where the nonce of the response goes


class _Nonce:
    """Makes a nonce when a template first asks for it, and knows whether one did."""

    def __init__(self) -> None:
        self.value = ""

    def __call__(self) -> str:
        self.value = self.value or secrets.token_urlsafe(16)
        return self.value


class ContentSecurityPolicyMiddleware:
    """Sets the header on each response that has none of its own; `request.csp_nonce` is there for templates."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = _Nonce()
        request.csp_nonce = SimpleLazyObject(nonce)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if HEADER not in response:
            response[HEADER] = policy(settings.SECURE_CSP, nonce.value)
        return response


def policy(directives: Mapping[str, Collection[str] | str], nonce: str = "") -> str:
    """Return the header's value; without a nonce its place is left out."""
    parts = []
    for directive, given in directives.items():
        sources = [given] if isinstance(given, str) else given
        filled = [f"'nonce-{nonce}'" if source == NONCE else source for source in sources if nonce or source != NONCE]
        parts.append(" ".join([directive, *filled]))
    return "; ".join(parts)
