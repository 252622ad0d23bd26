"""Reading production's settings inside a test."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.conf import settings

from tests.config.sample import sample_environment

PRODUCTION = Path(settings.BASE_DIR) / "config" / "settings" / "production.py"


@pytest.fixture
def read_production(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """Read the settings of production under an environment that has these names of it and no others.

    They set structlog up as well, in such a way that loggers keep it: that is put back at once.
    """
    logs = structlog.get_config()

    def read(values: Mapping[str, str]) -> dict[str, Any]:
        for name in sample_environment():
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(f"{name}_FILE", raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        try:
            return runpy.run_path(str(PRODUCTION))
        finally:
            structlog.configure(**logs)

    return read
