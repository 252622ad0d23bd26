"""The project's settings with one address: the plain view."""

from config.settings.development import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.rivals.plain"
