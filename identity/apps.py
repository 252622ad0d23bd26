"""Insured people, methods and their suspension, cases, matching, providers, the callback inbox."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        from identity.providers.postident import checks

        checks.register()
