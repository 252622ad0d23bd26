"""What tests of identity share."""

import pytest

from identity.callbacks import work
from identity.cases.services import starting
from identity.methods import gate
from tests.identity.scripted import ScriptedProvider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    """The provider behind every method, as scripted by the test."""
    scripted = ScriptedProvider()
    for module in (starting, work, gate):
        monkeypatch.setattr(module, "provider_named", lambda name: scripted)
    monkeypatch.setattr(work, "AT_ONCE", 1)
    monkeypatch.setattr(work, "fetch", lambda entries: [work._fetch_one(entry) for entry in entries])
    return scripted
