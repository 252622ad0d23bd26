"""Wake-ups: each calls one service and may come twice, late, or never."""

from celery import shared_task

from identity.callbacks import work
from identity.campaigns import services as campaigns
from identity.cases import services
from identity.cases.effects import carrying
from identity.cases.failures import failures_of
from identity.members import ages
from identity.methods import reminders
from identity.methods.services import readmitting
from identity.status import feedback


@shared_task(name="identity.work_inbox")  # type: ignore[untyped-decorator]
def work_inbox() -> None:
    """Work off the inbox; a sweep and every callback call it."""
    work.work_inbox()


@shared_task(name="identity.poll_silent_attempts")  # type: ignore[untyped-decorator]
def poll_silent_attempts() -> None:
    """Ask about attempts that nothing was heard of."""
    if work.poll_silent_attempts():
        work.work_inbox()


@shared_task(name="identity.expire_overdue")  # type: ignore[untyped-decorator]
def expire_overdue() -> None:
    """End what is past its time, and attempts whose start never got an answer."""
    services.expire_overdue()
    services.give_up_orphans()


@shared_task(name="identity.carry_out_orders")  # type: ignore[untyped-decorator]
def carry_out_orders() -> None:
    """Do to people in the middle what orders say. The block itself does not wait for it: the gate reads the record."""
    carrying.carry_out_orders()


@shared_task(name="identity.forget_feedback")  # type: ignore[untyped-decorator]
def forget_feedback() -> None:
    """Delete what readers said about the status page long ago."""
    feedback.forget_feedback()


@shared_task(name="identity.remind_administrators")  # type: ignore[untyped-decorator]
def remind_administrators() -> None:
    """Nag about orders that nobody has confirmed, and about review dates that have come."""
    reminders.remind_administrators()


@shared_task(name="identity.watch_readmissions")  # type: ignore[untyped-decorator]
def watch_readmissions() -> None:
    """Stop methods again that fail too often since they were let in again."""
    readmitting.stop_failing_readmissions(failures_of)


@shared_task(name="identity.carry_campaigns")  # type: ignore[untyped-decorator]
def carry_campaigns() -> None:
    """Ask, remind and restrict the people of re-verification campaigns."""
    campaigns.carry_campaigns()


@shared_task(name="identity.refresh_age_classes")  # type: ignore[untyped-decorator]
def refresh_age_classes() -> None:
    """Bring the coarse classes of age of all who are below sixteen up to today."""
    ages.refresh_age_classes()
