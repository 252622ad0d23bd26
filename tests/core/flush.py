"""A pytest plug-in (-p tests.core.flush): the flush of transactional tests passes the triggers against TRUNCATE."""

from typing import Any

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    let_flush_through()


def let_flush_through() -> None:
    """Wrap the tear-down of Django's transactional tests, once."""
    import pgtrigger
    from django.test import TransactionTestCase

    original: Any = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    if getattr(original, "lets_flush_through", False):
        return

    def tear_down(self: Any) -> None:
        with pgtrigger.ignore():
            original(self)

    tear_down.lets_flush_through = True  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = tear_down  # type: ignore[attr-defined]
