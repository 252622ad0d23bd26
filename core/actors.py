"""Who did it."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    INSURANT = "insurant", _("Insured person")
    REPRESENTATIVE = "representative", _("Representative")
    CLERK = "clerk", _("Clerk")
    ADMINISTRATOR = "administrator", _("Administrator")
    PROVIDER = "provider", _("Provider")
    SYSTEM = "system", _("System")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts. `reference` is an opaque id (a public id, a provider's code), never a name."""

    kind: ActorKind
    reference: str = ""


SYSTEM = Actor(ActorKind.SYSTEM)
