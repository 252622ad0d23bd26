"""What the tests of core share."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections

from tests.core.flush import let_flush_through
from tests.core.papers import Paper

let_flush_through()


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
def at_once() -> Callable[..., list[BaseException]]:
    """Run a function in several threads, each with its own connection; return what they raised."""

    def run(work: Callable[[int], Any], threads: int) -> list[BaseException]:
        errors: list[BaseException] = []

        def one(number: int) -> None:
            try:
                work(number)
            except BaseException as error:
                errors.append(error)
            finally:
                connections.close_all()

        running = [Thread(target=one, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(60)
        return errors

    return run


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
