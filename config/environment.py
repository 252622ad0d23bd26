"""Reading settings from the environment: every value also from a file (NAME_FILE), every mistake said at once, by name.

A value is never repeated in a message. django-environ's casts are not used for texts, because they take a leading `$`
for the name of another variable.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from core.encryption.ring import KEY_BYTES, KeyMissing, parse_ring

T = TypeVar("T")
SECRET_MIN_CHARACTERS = 32
PASSWORD_MIN_CHARACTERS = 12
DISTINCT_MIN = 8  # characters of a secret, bytes of a key
KNOWN_BEGINNINGS = (
    "admin", "change", "default", "demo", "dev", "django-insecure", "example", "geheim", "passwor", "postgres",
    "secret", "simulator", "test", "valkey", "vorweis", "xxx",
)  # fmt: skip
DEMO_BEGINNINGS = ("change", "demo", "example", "xxx")
PLAIN_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")
MAKE = "make one with: manage.py make_secrets --settings config.settings.build"


class Environment:
    """Reads values and collects what is wrong with them; `finish` raises it all together."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._given = values
        self._values: Mapping[str, str] = FileAwareMapping(values, cache=False)
        self.problems: list[str] = []

    def finish(self) -> None:
        """Raise ImproperlyConfigured with every problem, a line each; nothing if there is none."""
        if self.problems:
            lines = "".join(f"\n  - {problem}" for problem in self.problems)
            raise ImproperlyConfigured(
                f"The environment is not complete. Each value may also stand in a file named by NAME_FILE.{lines}"
            )

    def holds(self, name: str) -> bool:
        """Is a value or a file given under this name?"""
        return bool(self._given.get(name) or self._given.get(f"{name}_FILE"))

    def text(self, name: str, what: str, *, default: str | None = None) -> str:
        """Return a value without blanks around it; what is missing and has no default is a problem."""
        if self._given.get(name) and self._given.get(f"{name}_FILE"):
            self.problems.append(f"{name} and {name}_FILE are both given: leave one out")
        try:
            value = self._values.get(name, "").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}_FILE cannot be read ({type(error).__name__})")
            return ""
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is missing: {what}")
        return default or ""

    def secret(self, name: str, what: str, *, at_least: int = SECRET_MIN_CHARACTERS) -> str:
        """Return a secret of ours; one that is short, simple or known from a demo is a problem."""
        value = self.text(name, what)
        if value and (flaw := flaw_of(value, at_least)):
            self.problems.append(f"{name} {flaw}; {MAKE}")
        return value

    def credential(self, name: str, what: str, *, allow_demo: bool = False) -> str:
        """Return what somebody else gave us to log in with; the simulators' values are a problem unless allowed."""
        value = self.text(name, what)
        if value.lower().startswith(DEMO_BEGINNINGS) and not allow_demo:
            self.problems.append(f"{name} is a value for demos or tests: {what}")
        return value

    def key(self, name: str, what: str) -> str:
        """Return a key: base64 of 32 bytes."""
        value = self.text(name, what)
        if value and (flaw := flaw_of_key(value)):
            self.problems.append(f"{name} {flaw}; {MAKE}")
        return value

    def ring(self, name: str, what: str) -> list[str]:
        """Return the entries `id:base64` of a key ring, separated by commas, blanks or line ends, the current first."""
        entries = self.text(name, what).replace(",", " ").split()
        try:
            if entries:
                parse_ring(entries, name)
        except KeyMissing as error:
            self.problems.append(f"{error}; {MAKE}")
            return entries
        for identity, _, encoded in (entry.partition(":") for entry in entries):
            if identity.lower().startswith(KNOWN_BEGINNINGS) or flaw_of_key(encoded):
                self.problems.append(f"{name}: the key {identity} is one for tests or demos; {MAKE}")
        return entries

    def https(self, name: str, what: str, *, default: str | None = None, allow_http: bool = False) -> str:
        """Return an address without a slash at its end; http is a problem unless allowed."""
        value = self.text(name, what, default=default).rstrip("/")
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            odd = not parts.hostname or parts.username is not None or parts.query or parts.fragment
        except ValueError:
            odd, parts = True, urlsplit("")
        if odd or parts.scheme not in (("https", "http") if allow_http else ("https",)):
            self.problems.append(f"{name} must be an address that begins with https:// (without user or query): {what}")
        return value

    def words(self, name: str, what: str, *, default: str | None = None) -> list[str]:
        """Return values separated by commas or blanks."""
        return self.text(name, what, default=default).replace(",", " ").split()

    def number(self, name: str, what: str, *, default: int, at_least: int, at_most: int) -> int:
        """Return a whole number within its bounds."""
        value = self.text(name, what, default=str(default))
        if not value.isascii() or not value.isdecimal() or not at_least <= int(value) <= at_most:
            self.problems.append(f"{name} must be a whole number from {at_least} to {at_most}: {what}")
            return default
        return int(value)

    def choice(self, name: str, what: str, options: Mapping[str, Any], *, default: str | None = None) -> Any:
        """Return what an option stands for; None after a problem."""
        value = self.text(name, what, default=default)
        if value and value not in options:
            self.problems.append(f"{name} must be one of {', '.join(options)}: {what}")
        return options.get(value)

    def address(self, name: str, what: str) -> str:
        """Return an e-mail address, without a name beside it."""
        value = self.text(name, what)
        if value and not PLAIN_ADDRESS.fullmatch(value):
            self.problems.append(f"{name} must be an e-mail address without a name: {what}")
        return value

    def parsed(self, name: str, what: str, read: Callable[[str], T]) -> T | None:
        """Return what `read` makes of a value; None after a problem. The text of its ValueError is shown."""
        value = self.text(name, what)
        try:
            return read(value) if value else None
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return None


def flaw_of(secret: str, at_least: int) -> str:
    """Say what is wrong with a secret, without repeating it; empty if nothing is."""
    if len(secret) < at_least:
        return f"has {len(secret)} characters instead of at least {at_least}"
    if secret.lower().startswith(KNOWN_BEGINNINGS):
        return "is a value for demos or tests"
    if len(set(secret)) < DISTINCT_MIN:
        return "repeats the same few characters"
    return ""


def flaw_of_key(encoded: str) -> str:
    """Say what is wrong with a key, without repeating it; empty if nothing is."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return "is not base64"
    if len(key) != KEY_BYTES:
        return f"has {len(key)} bytes instead of {KEY_BYTES}"
    return "is a key for demos or tests" if len(set(key)) < DISTINCT_MIN else ""
