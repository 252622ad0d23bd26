"""The verbs of a case. Each locks the case's row first; that lock covers its attempts, results and reviews too."""

from identity.cases.services.ending import accept_late_result, cancel_case, expire_overdue
from identity.cases.services.opening import declare, open_case
from identity.cases.services.reviewing import confirm_decision, contradict_decision, propose_decision
from identity.cases.services.starting import give_up_orphans, resume_attempt, start_attempt

__all__ = [
    "accept_late_result",
    "cancel_case",
    "confirm_decision",
    "contradict_decision",
    "declare",
    "expire_overdue",
    "give_up_orphans",
    "open_case",
    "propose_decision",
    "resume_attempt",
    "start_attempt",
]
