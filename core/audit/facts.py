"""What may stand in an audit event: codes, ids, numbers, dates. Nothing that names a person."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from core.scrub import holds_personal_data

LONGEST = 200
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


def checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as JSON values. Raises ValueError that names the key, never the value."""
    for key in facts:
        if not _KEY.fullmatch(key):
            raise ValueError("audit facts: a key is not snake_case")
    return {key: _plain(key, value) for key, value in facts.items()}


def _plain(key: str, value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case Enum():
            return _plain(key, value.value)
        case str():
            return _text(key, str(value))
        case int():
            return int(value)
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_item(key, item) for item in value]
    raise ValueError(f"audit fact {key}: {type(value).__name__} is not allowed")


def _item(key: str, item: Any) -> Any:
    if isinstance(item, list | tuple):
        raise ValueError(f"audit fact {key}: a list in a list is not allowed")
    return _plain(key, item)


def _text(key: str, text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"audit fact {key}: longer than {LONGEST} characters; facts are codes, not prose")
    if "\x00" in text or not text.isprintable():
        raise ValueError(f"audit fact {key}: holds characters that cannot be printed")
    if holds_personal_data(text):
        raise ValueError(f"audit fact {key}: looks like personal data")
    return text
