"""The settings of a rehearsal, and the mutant that VORWEIS_MUTANT names: VORWEIS_REHEARSAL_SETTINGS of the command."""

import os

from config.rehearsal.settings import *  # noqa: F403
from config.rehearsal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, f"tests.faults.mutants.{os.environ['VORWEIS_MUTANT']}"]
