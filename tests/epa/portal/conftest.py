"""What the tests of the pages share; people and browsers are those of identity's pages."""

from __future__ import annotations

import pytest

from tests.identity.portal.conftest import (
    _english,
    account,
    at_most_queries,
    browser,
    insurant,
    member,
    newcomer,
    nobody,
    stranger,
)

__all__ = ["_english", "account", "at_most_queries", "browser", "insurant", "member", "newcomer", "nobody", "stranger"]


@pytest.fixture(autouse=True)
def quiet(woken: list[tuple[str, ...]]) -> None:
    """No broker here."""
