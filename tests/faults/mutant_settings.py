"""The settings of tests, and the mutant that VORWEIS_MUTANT names: DJANGO_SETTINGS_MODULE of a stack."""

import os

from config.settings.test import *  # noqa: F403
from config.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, f"tests.faults.mutants.{os.environ['VORWEIS_MUTANT']}"]
