"""The last net under the logs: what looks like personal data is blanked out of every value. Knows no Django."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REMOVED = "[removed]"

# Keys whose values are personal whatever they look like.
PERSONAL_KEYS = frozenset(
    {"address", "auth", "authorization", "birth_date", "birth_name", "body", "context", "cookie", "cookies", "email"}
    | {"family_name", "given_name", "iccsn", "ip", "kvnr", "password", "phone", "query", "recipient", "street"}
    | {"surname", "token", "user_agent", "username"}
)

_KEPT = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])|(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])"
_EMAIL = r"[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"
# Insurance numbers: a letter and nine digits (longer forms begin like this), also grouped by blanks or hyphens.
_NUMBER = r"[A-Za-z][0-9]{9,29}|(?<![A-Za-z0-9])[A-Za-z](?:[ -]{0,2}[0-9]){9}(?![0-9])"
_CARD = r"80276(?:[ -]?[0-9]){15}"
_PATTERN = re.compile(f"(?P<kept>{_KEPT})|{_EMAIL}|{_CARD}|{_NUMBER}")


def _blank(match: re.Match[str]) -> str:
    return match[0] if match["kept"] else REMOVED


def scrub_text(text: str) -> str:
    """Return text with e-mail addresses, insurance numbers and card numbers blanked out; UUIDs and long hashes stay."""
    return _PATTERN.sub(_blank, text)


def holds_personal_data(text: str) -> bool:
    """Return whether `scrub_text` would blank anything out."""
    return any(not match["kept"] for match in _PATTERN.finditer(text))


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank personal data out of a structlog event: put it last before the renderer, after `format_exc_info`."""
    for key, value in event.items():
        if not key.startswith("_"):  # structlog's own: the record and where it comes from
            event[key] = REMOVED if key in PERSONAL_KEYS else _scrubbed(value)
    return event


def _scrubbed(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return scrub_text(value)
        case Mapping():
            return {
                scrub_text(str(key)): REMOVED if key in PERSONAL_KEYS else _scrubbed(inner)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_scrubbed(inner) for inner in value]
    return scrub_text(str(value))
