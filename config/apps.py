"""The app that only holds what knows all others."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Vorweis"

    def ready(self) -> None:
        from config import checks

        checks.register()
