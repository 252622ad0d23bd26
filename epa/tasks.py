"""Wake-ups: each calls services and may come twice, late, or never."""

from uuid import UUID

from celery import shared_task

from epa import services


@shared_task(name="epa.open_accesses")  # type: ignore[untyped-decorator]
def open_accesses(*case_ids: str) -> None:
    """Follow the news of these cases, or of all whose news was missed; then open what is due."""
    for case_id in case_ids:
        services.follow_case(UUID(case_id))
    if not case_ids:
        services.follow_cases()
    services.open_due()


@shared_task(name="epa.follow_restrictions")  # type: ignore[untyped-decorator]
def follow_restrictions() -> None:
    """Mark accesses whose person has not identified themselves again in time, and free those who have."""
    services.follow_restrictions()
