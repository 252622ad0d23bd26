"""What happened, in order, for ever: `audit.record("identity.case.identified", case, actor=actor, method="…")`."""

from core.audit.services import Event, record, record_many

__all__ = ["Event", "record", "record_many"]
