"""Building on an identification that was taken: opening an access, sending a PIN."""

from __future__ import annotations

from identity.cases.models import IdentificationCase, Result
from identity.cases.services.moving import question_about
from identity.methods.choices import Action
from identity.methods.gate import decide_all


def result_in_use(case: IdentificationCase) -> Result | None:
    """Return the result that identifies the person of a case, unless an order has withdrawn it from use."""
    granted = case.results.filter(granted_at__isnull=False, voided_by=None)
    return granted.select_related("attempt").first()


def identification_holds(case: IdentificationCase, *, acting: bool = True) -> bool:
    """May something be built on this identification now? Asks the gate, so an order counts before it is carried out.

    `acting=True` belongs inside the transaction that builds on it, under the case's lock: it takes the gate's lock, so
    an order is either seen here or begins afterwards. `acting=False` is for showing and for sparing work.
    """
    result = result_in_use(case)
    if result is None:
        return False
    question = question_about(
        case, Action.USE, result.method_used, identified_at=result.identified_at, begun_at=result.attempt.intended_at
    )
    return decide_all([question], acting=acting)[0].allowed
