"""The one HTTP client for everything outside. It sorts failures into "try again" and "never", and retries nothing."""

import json as jsonlib
import os
import threading
import time
from collections.abc import Container, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpcore
import httpx
import structlog
from prometheus_client import Histogram

from core.errors import Never, OutsideError, TryAgain

log = structlog.get_logger(__name__)

SUCCESS = range(200, 300)
MAY_HEAL = frozenset({408, 425, 429, *range(500, 600)})
LONGEST_PAUSE_SECONDS = 24 * 3600  # whatever Retry-After says

seconds_by_call = Histogram(
    "outside_call_seconds",
    "Calls to other systems",
    ["host", "route", "answer"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body is at most `max_bytes` long. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON. Raises Never("not_json")."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            raise Never("not_json", status=self.status) from None


def call(
    method: str,
    url: str,
    *,
    route: str,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    timeout_seconds: float = 10,
    connect_seconds: float = 3,
    max_bytes: int = 1_000_000,
    expect: Container[int] = SUCCESS,
) -> Answer:
    """Send one request and return the answer if its status is in `expect`.

    `route` is the path without anything personal ("/cases/{case}"): it goes to log and metrics, the address never does.
    `timeout_seconds` covers all from connecting to the last byte; only looking up the host's name is up to the system.

    Raises TryAgain for network faults, time-outs, 408, 425, 429, 5xx (`after_seconds` from Retry-After, at most a day).
    Raises Never for other statuses, redirects, compressed or oversized bodies and impossible addresses.
    Never call it inside a transaction.
    """
    begin, answered = time.monotonic(), "error"
    try:
        request = _request(method, url, auth, headers, json, httpx.Timeout(timeout_seconds, connect=connect_seconds))
        answer = _exchange(request, auth, begin + timeout_seconds, max_bytes)
        answered = str(answer.status)
        if answer.status not in expect:
            raise _refusal(answer)
        return answer
    except OutsideError as error:
        answered = error.code
        raise
    finally:
        _note(
            method, httpx.URL(url).host if answered != "bad_address" else "", route, answered, time.monotonic() - begin
        )


def _request(
    method: str, url: str, auth: Any, headers: Mapping[str, str] | None, json: Any, timeout: httpx.Timeout
) -> httpx.Request:
    try:
        if httpx.URL(url).scheme not in ("http", "https"):
            raise Never("bad_address")
        ours = {"accept-encoding": "identity", **(headers or {})}
        return _client().build_request(method, url, headers=ours, json=json, timeout=timeout)
    except httpx.InvalidURL:
        raise Never("bad_address") from None


def _exchange(request: httpx.Request, auth: tuple[str, str] | None, deadline: float, max_bytes: int) -> Answer:
    token = _deadline.set(deadline)
    try:
        response = _client().send(request, auth=httpx.BasicAuth(*auth) if auth else None, stream=True)
        try:
            body = _body(response, max_bytes)
        finally:
            response.close()
    except httpx.TimeoutException:
        raise TryAgain("timeout") from None
    except httpx.LocalProtocolError:
        raise Never("bad_request") from None
    except httpx.TransportError:
        raise TryAgain("unreachable") from None
    finally:
        _deadline.reset(token)
    return Answer(response.status_code, dict(response.headers), body)


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Never(
            "compressed", status=response.status_code
        )  # we asked for none; a small one may unpack into gigabytes
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise Never("too_large", status=response.status_code)
    return bytes(body)


def _refusal(answer: Answer) -> OutsideError:
    code = f"http_{answer.status}"
    if answer.status in MAY_HEAL:
        return TryAgain(code, status=answer.status, after_seconds=retry_after(answer.headers.get("retry-after", "")))
    return Never(code, status=answer.status)


def retry_after(text: str) -> int | None:
    """Return the seconds of a Retry-After header (a number or an HTTP date), 0 to a day; None if it says nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_PAUSE_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, min(int((at - datetime.now(UTC)).total_seconds()), LONGEST_PAUSE_SECONDS))


def _note(method: str, host: str, route: str, answered: str, seconds: float) -> None:
    seconds_by_call.labels(host, route, answered).observe(seconds)
    log.info("outside_call", method=method, host=host, route=route, answer=answered, seconds=round(seconds, 3))


# --- one pool of connections per process, and a deadline that no slow drip outlives ---


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *more: Any, **named: Any) -> _Stream:
        return _Stream(super().connect_tcp(host, port, _left(timeout, httpcore.ConnectTimeout), *more, **named))


def _left(timeout: float | None, too_late: type[Exception]) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise too_late
    return left if timeout is None else min(timeout, left)


_clients: dict[int, httpx.Client] = {}
_building = threading.Lock()
os.register_at_fork(after_in_child=lambda: _building.release() if _building.locked() else None)


def _client() -> httpx.Client:
    """Return the client of this process; a fork never shares its parent's connections."""
    client = _clients.get(os.getpid())
    return client or _new_client()


def _new_client() -> httpx.Client:
    """Build it once, whoever asks at the same time."""
    with _building:
        if client := _clients.get(os.getpid()):
            return client
        transport = httpx.HTTPTransport(trust_env=False)
        # httpx has no public way to hand it a network backend; its own time-outs begin anew with each byte.
        transport._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=50,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=_Backend(),
        )
        client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False)
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        _clients.clear()
        _clients[os.getpid()] = client
        return client
