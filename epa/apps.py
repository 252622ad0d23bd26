"""Registration for access to the electronic patient record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.apps import AppConfig

from core.wake import wake


class EpaConfig(AppConfig):
    name = "epa"
    verbose_name = "ePA"

    def ready(self) -> None:
        from epa import checks
        from identity.signals import case_closed, case_identified, identification_withdrawn, restrictions_changed

        checks.register()
        case_identified.connect(follow, dispatch_uid="epa.follow_identified")
        case_closed.connect(follow, dispatch_uid="epa.follow_closed")
        identification_withdrawn.connect(follow, dispatch_uid="epa.follow_withdrawn")
        restrictions_changed.connect(follow_restrictions, dispatch_uid="epa.follow_restrictions")


def follow(case_ids: Sequence[UUID], **_: Any) -> None:
    """Have a worker look at the accesses behind cases. The news may be lost: the sweep finds what it was about."""
    wake("epa.open_accesses", *map(str, case_ids))


def follow_restrictions(**_: Any) -> None:
    """Have a worker look at restrictions; the sweep finds what this misses."""
    wake("epa.follow_restrictions")
