"""Wake-ups and sweeps. Safe to run any number of times, also at once."""

from celery import shared_task

from core.audit.anchors import anchor
from core.limits.services import purge_limits as purge
from core.outbox.services import deliver_due


@shared_task(name="core.deliver_messages")  # type: ignore[untyped-decorator]
def deliver_messages() -> None:
    """Send the mails that are due."""
    deliver_due()


@shared_task(name="core.anchor_audit")  # type: ignore[untyped-decorator]
def anchor_audit() -> None:
    """Write the head of the audit trail down outside the database."""
    anchor()


@shared_task(name="core.purge_limits")  # type: ignore[untyped-decorator]
def purge_limits() -> None:
    """Delete the counters of windows that are over."""
    purge()
