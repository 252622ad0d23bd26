"""The verbs of suspension. Each takes the method's exclusive lock first: who is let in was let in before or after."""

from identity.methods.services.imposing import confirm_suspension, impose_suspension, undo_suspension
from identity.methods.services.lifting import approve_lifting, propose_lifting, withdraw_lifting

__all__ = [
    "approve_lifting",
    "confirm_suspension",
    "impose_suspension",
    "propose_lifting",
    "undo_suspension",
    "withdraw_lifting",
]
