"""Registration for access to the electronic patient record."""

from typing import Any
from uuid import UUID

from django.apps import AppConfig

from core.wake import wake


class EpaConfig(AppConfig):
    name = "epa"
    verbose_name = "ePA"

    def ready(self) -> None:
        from epa import checks
        from identity.signals import case_closed, case_identified

        checks.register()
        case_identified.connect(follow, dispatch_uid="epa.follow_identified")
        case_closed.connect(follow, dispatch_uid="epa.follow_closed")


def follow(case_id: UUID, **_: Any) -> None:
    """Have a worker look at the access behind a case. The news may be lost: the sweep finds what it was about."""
    wake("epa.open_accesses", str(case_id))
