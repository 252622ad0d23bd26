"""Places, appointments and the counter: step 3. Holds nothing yet."""

from django.apps import AppConfig


class BranchesConfig(AppConfig):
    name = "branches"
