"""The setting POSTIDENT: what it must hold, and what is wrong with it, by name.

    POSTIDENT = {
        "base_url": "https://postident.deutschepost.de/api",
        "callback_base_url": "https://vorweis.example",   # where Deutsche Post reaches us
        "clients": {"postident_eid": {"client_id": …, "user": …, "password": …, "data_password": …}},
        "allow_http": False,            # tests and demo only
        "allow_plain_result": False,    # tests only: take a result that is not encrypted
        "timeout_seconds": 10,
    }

The keys of `clients` are our codes of methods: each has a contract of its own, because Deutsche Post sets the methods
of a contract, not of an order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from identity.providers.postident.reading import METHODS

KEYS = frozenset({"base_url", "callback_base_url", "clients", "allow_http", "allow_plain_result", "timeout_seconds"})
CLIENT_KEYS = ("client_id", "user", "password", "data_password")
OUR_METHODS = frozenset(METHODS.values())
SECRET_MIN_CHARACTERS = 32
BASE_MAX_CHARACTERS = 400  # the whole webHookUrl may have 500
CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")  # a part of the path


@dataclass(frozen=True, slots=True)
class Contract:
    """What Deutsche Post gave us for one contract."""

    client_id: str
    user: str
    password: str = field(repr=False)
    data_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    base_url: str
    callback_base_url: str
    contracts: Mapping[str, Contract]
    callback_secret: str = field(repr=False)
    allow_http: bool = False
    allow_plain_result: bool = False
    timeout_seconds: float = 10


class Problem(NamedTuple):
    number: int  # identity.E101 …
    text: str


def configured() -> Configuration:
    """Return what the settings say. Raises ImproperlyConfigured with everything that is wrong."""
    given = getattr(settings, "POSTIDENT", None)
    secret = getattr(settings, "CALLBACK_SECRET", "")
    if found := list(problems(given, secret)):
        raise ImproperlyConfigured("; ".join(problem.text for problem in found))
    assert isinstance(given, dict)  # noqa: S101  (for mypy: problems() has seen to it)
    return Configuration(
        base_url=given["base_url"].rstrip("/"),
        callback_base_url=given["callback_base_url"].rstrip("/"),
        contracts={method: Contract(**client) for method, client in given["clients"].items()},
        callback_secret=secret,
        allow_http=given.get("allow_http", False),
        allow_plain_result=given.get("allow_plain_result", False),
        timeout_seconds=given.get("timeout_seconds", 10),
    )


def problems(given: object, secret: object) -> Iterator[Problem]:
    """Say what is wrong with POSTIDENT and CALLBACK_SECRET. Never repeats a secret."""
    if not isinstance(secret, str) or len(secret) < SECRET_MIN_CHARACTERS:
        yield Problem(108, f"CALLBACK_SECRET must have at least {SECRET_MIN_CHARACTERS} characters")
    if not isinstance(given, dict):
        yield Problem(101, "POSTIDENT is missing or not a dictionary")
        return
    if unknown := sorted(str(key) for key in given.keys() - KEYS):
        yield Problem(109, f"POSTIDENT has unknown keys: {', '.join(unknown)}")
    yield from _switches(given)
    allow_http = given.get("allow_http") is True
    yield from _address(102, "base_url", given.get("base_url"), allow_http)
    yield from _address(103, "callback_base_url", given.get("callback_base_url"), allow_http)
    yield from _clients(given.get("clients"))


def _switches(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("allow_http", "allow_plain_result"):
        if not isinstance(given.get(name, False), bool):
            yield Problem(107, f"POSTIDENT[{name!r}] must be True or False")
    seconds = given.get("timeout_seconds", 10)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 60:
        yield Problem(107, "POSTIDENT['timeout_seconds'] must be a number of seconds, at most 60")


def _address(number: int, name: str, value: object, allow_http: bool) -> Iterator[Problem]:
    schemes = ("https", "http") if allow_http else ("https",)
    where = f"POSTIDENT[{name!r}]"
    if not isinstance(value, str) or not value.isascii() or len(value) > BASE_MAX_CHARACTERS:
        yield Problem(number, f"{where} must be an address of at most {BASE_MAX_CHARACTERS} characters")
        return
    try:
        parts = urlsplit(value)
        odd = not parts.hostname or parts.username is not None or parts.query or parts.fragment
    except ValueError:
        yield Problem(number, f"{where} is not an address")
        return
    if parts.scheme not in schemes:
        yield Problem(number, f"{where} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    elif odd:
        yield Problem(number, f"{where} must be scheme, host and path, without user, query or fragment")


def _clients(clients: object) -> Iterator[Problem]:
    if not isinstance(clients, dict) or not clients:
        yield Problem(104, "POSTIDENT['clients'] must hold at least one contract by method")
        return
    for method, client in clients.items():
        if method not in OUR_METHODS:
            yield Problem(105, f"POSTIDENT['clients']: {method!r} is no method of POSTIDENT")
        yield from _client(f"POSTIDENT['clients'][{method!r}]", client)


def _client(where: str, client: object) -> Iterator[Problem]:
    if not isinstance(client, dict):
        yield Problem(106, f"{where} must be a dictionary")
        return
    for name in CLIENT_KEYS:
        if not isinstance(client.get(name), str) or not client[name]:
            yield Problem(106, f"{where}[{name!r}] is missing or empty")
    if unknown := sorted(str(key) for key in client.keys() - set(CLIENT_KEYS)):
        yield Problem(106, f"{where} has unknown keys: {', '.join(unknown)}")
    client_id = client.get("client_id")
    if isinstance(client_id, str) and client_id and not CLIENT_ID.fullmatch(client_id):
        yield Problem(106, f"{where}['client_id'] may hold letters, digits, '.', '_' and '-' only")
