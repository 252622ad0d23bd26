"""PIN orders and letters for the health card: step 4. Holds nothing yet."""

from django.apps import AppConfig


class PinConfig(AppConfig):
    name = "pin"
