"""The verbs of an access. Each locks the case's row first, then the access's; the audit's head comes last."""

from epa.services.following import follow_case, follow_cases
from epa.services.opening import open_due
from epa.services.requesting import request_access
from epa.services.restricting import follow_restrictions
from epa.services.retrying import try_again, try_all_again

__all__ = [
    "follow_case",
    "follow_cases",
    "follow_restrictions",
    "open_due",
    "request_access",
    "try_again",
    "try_all_again",
]
