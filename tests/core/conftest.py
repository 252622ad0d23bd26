"""What the tests of core share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests.core.papers import Paper


@pytest.fixture
def papers(db: None) -> Iterator[type[Paper]]:
    """A table with sealed columns, in the test's transaction or dropped afterwards."""
    with connection.schema_editor() as editor:
        editor.create_model(Paper)
    yield Paper
    if not connection.in_atomic_block:
        with connection.schema_editor() as editor:
            editor.delete_model(Paper)


@pytest.fixture
def key_ring(settings: Any) -> Callable[..., None]:
    """Set both rings to keys made from these words, the current one first."""

    def turn(*words: str) -> None:
        settings.ENCRYPTION_KEYS = [a_key(word) for word in words]
        settings.LOOKUP_KEYS = [a_key(word, "look up") for word in words]

    return turn


def a_key(word: str, use: str = "seal") -> str:
    import base64
    import hashlib

    return f"{word}:{base64.b64encode(hashlib.sha256(f'{word} {use}'.encode()).digest()).decode()}"
