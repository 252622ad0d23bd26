"""The name for a JSON object in signatures."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
