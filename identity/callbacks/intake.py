"""The door for providers' callbacks: a bare WSGI function in front of Django.

`POST /callbacks/<provider>/<token>` stores one hint in PostgreSQL and answers 204; nothing else happens in the request.
No session, no middleware, no request object: a provider's burst must be taken while the pages are busy, and while Redis
is down. Every refusal looks the same from outside:

    404  unknown provider or wrong token (429 after many of them from one address)
    405  not POST        400  too large, no length, or not exactly the documented JSON
    503  PostgreSQL did not confirm: come again. Never a 2xx for what is not stored, and no other 5xx
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from prometheus_client import Counter

from identity.callbacks.doorkeeper import Doorkeeper
from identity.callbacks.states import Origin
from identity.callbacks.storing import NotStored, store
from identity.callbacks.wake import wake
from identity.providers.registry import provider_named

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from identity.providers.ports import IdentificationProvider

log = structlog.get_logger(__name__)

PREFIX: Final = "/callbacks/"
BODY_MAX_BYTES: Final = 65_536
RETRY_AFTER_SECONDS: Final = "5"
_EMPTY: Final = [("Content-Type", "text/plain"), ("Content-Length", "0"), ("Cache-Control", "no-store")]
_LATER: Final = [*_EMPTY, ("Retry-After", RETRY_AFTER_SECONDS)]

callbacks_total = Counter("callbacks", "Callbacks of providers", ["outcome"])
_stored, _refused, _failed = (callbacks_total.labels(outcome) for outcome in ("stored", "refused", "failed"))


def intake_or(django_app: WSGIApplication) -> WSGIApplication:
    """Return an application that takes callbacks itself and hands everything else on.

    Raises ImproperlyConfigured if a provider's settings are wrong.
    """
    intake = Intake({name: provider_named(name) for name in settings.PROVIDER_ADAPTERS})

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return intake(environ, start_response)
        return django_app(environ, start_response)

    return application


class Intake:
    """Takes the callbacks of these providers."""

    def __init__(self, providers: Mapping[str, IdentificationProvider]) -> None:
        self._providers = providers
        self._doorkeeper = Doorkeeper()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers = self._answer(environ)
        start_response(status, headers)
        return ()

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
        """Return status and headers; whatever goes wrong, a hint that was not stored is not acknowledged."""
        try:
            return self._take(environ)
        except NotStored:
            _failed.inc()
        except Exception:  # a bug of ours: better again than lost
            _failed.inc()
            log.exception("callback_failed")
        return "503 Service Unavailable", list(_LATER)

    def _take(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
        name, _, token = environ["PATH_INFO"][len(PREFIX) :].partition("/")
        provider = self._providers.get(name)
        contract = provider.contract_of(token) if provider else None
        if provider is None or contract is None:
            return self._turn_away(environ.get("REMOTE_ADDR", ""))
        if environ["REQUEST_METHOD"] != "POST":
            return _refuse("405 Method Not Allowed", contract, ("Allow", "POST"))
        body = _body(environ)
        hint = provider.read_callback(body) if body else None
        if hint is None:
            return _refuse("400 Bad Request", contract)
        store(name, contract, hint.provider_case_id, hint.reference, _CALLBACK)
        _stored.inc()
        wake(contract)
        return "204 No Content", []

    def _turn_away(self, address: str) -> tuple[str, list[tuple[str, str]]]:
        if self._doorkeeper.tolerates(address):
            return _refuse("404 Not Found", "")
        _refused.inc()
        return "429 Too Many Requests", list(_LATER)


_CALLBACK: Final = Origin.CALLBACK.value


def _refuse(status: str, contract: str, *extra: tuple[str, str]) -> tuple[str, list[tuple[str, str]]]:
    _refused.inc()
    log.info("callback_refused", status=int(status[:3]), contract=contract)
    return status, [*_EMPTY, *extra]


def _body(environ: WSGIEnvironment) -> bytes:
    """Return the whole body; empty if its length is missing or too large, or if less arrives."""
    told = environ.get("CONTENT_LENGTH") or ""
    if not (told.isascii() and told.isdigit()) or len(told) > 6 or int(told) > BODY_MAX_BYTES:
        return b""
    length, source = int(told), environ["wsgi.input"]
    body = _read(source, length)
    while 0 < len(body) < length:
        more = _read(source, length - len(body))
        if not more:
            return b""
        body += more
    return body


def _read(source: Any, length: int) -> bytes:
    try:
        piece: bytes = source.read(length)
    except OSError:  # the other side hung up
        return b""
    return piece
