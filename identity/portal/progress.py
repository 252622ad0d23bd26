"""How a case stands, as one word that changes when the page should."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from identity.cases.models import Attempt, IdentificationCase


def version_of(case: IdentificationCase, attempts: Sequence[Attempt]) -> str:
    """Return a short fingerprint of the states of a case and its attempts; it says nothing about them."""
    clocks = [str(moment or "") for moment in (case.frozen_since, case.expires_at, case.offered_until)]
    facts = [
        case.state,
        case.end_reason,
        *clocks,
        *sorted(f"{each.pk}{each.state}{each.progress}" for each in attempts),
    ]
    return hashlib.blake2s("|".join(facts).encode(), digest_size=8).hexdigest()
