"""What the tests of the status page and its feeds share; like those of the portal they read English."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from tests.factories import an_administrator
from tests.identity.portal.conftest import _english, at_most_queries, browser, insurant, member, nobody

__all__ = ["_english", "at_most_queries", "browser", "insurant", "member", "nobody"]


def an_order(method: str = "postident_branch", **given: Any) -> Suspension:
    """An order that an administrator has imposed, with its line in the history."""
    draft = Suspension(method_id=method, **{**SUSPENSION_TEXTS, "last_door_reason": "Tests", **given})
    return impose_suspension(draft, actor=an_administrator())


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The orders cannot be read, wherever the gate asks."""

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(Suspension.objects, "mattering", broken)


@pytest.fixture
def dead_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing about methods can be read at all."""
    from identity.methods.models import Method
    from identity.status import changes

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(Suspension.objects, "mattering", broken)
    monkeypatch.setattr(Method.objects, "annotate", broken)
    monkeypatch.setattr(changes, "_public", broken)
