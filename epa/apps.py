"""Registration for access to the electronic patient record."""

from django.apps import AppConfig


class EpaConfig(AppConfig):
    name = "epa"
