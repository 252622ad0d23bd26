"""What people tell us about barriers on these pages (D4, BGG § 12b): it goes by mail to whoever mends them."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from core.encryption import lookup_hash
from core.limits import Limit, hit_all
from core.outbox import enqueue

# Enough for a school class behind one address, too little to fill a mailbox: (hits, seconds).
PER_ADDRESS, FROM_ALL = (10, 3600), (200, 24 * 3600)


def send_feedback(message: str, contact: str, *, address: str) -> None:
    """Mail it to FEEDBACK_EMAIL. The same words twice on one day are one mail: somebody clicked twice.

    contact  how to answer, in the person's own words; may be empty
    address  the network address of who writes, for the limit alone

    Raises LimitReached. Called outside transactions: what was counted stays counted.
    """
    hit_all([Limit("feedback.address", address, *PER_ADDRESS), Limit("feedback.all", "", *FROM_ALL)])
    words = lookup_hash("feedback", f"{message}\n{contact}").hex()
    enqueue(
        f"identity.feedback.{timezone.localdate()}.{words}",
        "identity/feedback",
        to=settings.FEEDBACK_EMAIL,
        context={"message": message, "contact": contact},
    )
