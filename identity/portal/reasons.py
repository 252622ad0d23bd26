"""Why a step did not succeed, in words: the kind of reason, what helps, and which way would hit the same wall (C8).

The codes come from the provider's adapter and from our own services; an unknown one gets the general words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

EID, POST_OFFICE = "postident_eid", "postident_branch"


@dataclass(frozen=True, slots=True)
class Why:
    """Words about one kind of reason. `avoid`: ways that would fail for the same reason."""

    title: Any
    text: Any
    helps: Sequence[Any] = ()
    avoid: frozenset[str] = frozenset()


GENERAL = Why(
    _("The identification did not succeed"),
    _("The identification service could not confirm who you are. It does not tell us more about the reason."),
    (
        _("Have a valid ID card or passport at hand. A driving licence is not enough."),
        _("Check that the name on your document is the name that your insurer knows."),
    ),
)
_ID_CARD = _("ID card or passport that is still valid")
_CITIZENS_OFFICE = _("Your citizens' office can set a new PIN and switch on the online function.")
_KEPT = (
    _("What you have entered stays. You need not enter it again."),
    _("The date of your application stays the same."),
)

REASONS: dict[str, Why] = {
    "pin_blocked": Why(
        _("The PIN of your ID card is blocked"),
        _("After three wrong entries the card is blocked. This protects you if you lose it."),
        (_("With the PUK from the letter about your ID card you can unblock it in the app."), _CITIZENS_OFFICE),
        frozenset({EID}),
    ),
    "eid_disabled": Why(
        _("The online function of your ID card is switched off"),
        _("Your ID card is fine, but it cannot be used online at the moment."),
        (_CITIZENS_OFFICE,),
        frozenset({EID}),
    ),
    "card_expired": Why(
        _("Your ID card has expired"),
        _("The online function only works with a card that is still valid."),
        (_("A passport that is still valid is enough in a post office."),),
        frozenset({EID}),
    ),
    "document_expired": Why(
        _("Your document has expired"),
        _("Only a document that is still valid counts."),
        (_ID_CARD, _("Your citizens' office issues a temporary ID card at once.")),
    ),
    "not_supported": Why(
        _("Your phone or your card does not support this way"),
        _("The phone could not read the card."),
        (_("Another phone with NFC may work. In a post office you need no phone at all."),),
        frozenset({EID}),
    ),
    "cancelled": Why(
        _("The identification was cancelled"),
        _("You, or the app, ended it before it was finished. You can simply start again."),
    ),
    "connection_lost": Why(
        _("The connection was lost"),
        _("Card, phone and Internet have to stay connected for a short time. You can simply start again."),
        (_("Hold the card still at the back of the phone until the app says that it is done."),),
    ),
    "process_incomplete": Why(
        _("The identification was not finished"),
        _("A step was missing at the end. You can start again."),
    ),
    "document_mismatch": Why(
        _("Document and application did not match"),
        _("In the post office something on the document was different from what stands on your coupon."),
        (
            _("If your name has changed, please tell us first: call us."),
            _("In our branch we can look at the document together with you."),
        ),
        frozenset({POST_OFFICE}),
    ),
    "not_the_insured_person": Why(
        _("The document did not match our records"),
        _("What stands on the document is different from what we know about you. So we could not use the result."),
        (
            _("Use your own, current document."),
            _("If your name or date of birth is wrong with us, please call us. We will put it right."),
        ),
        frozenset({EID, POST_OFFICE}),
    ),
    "not_accepted_by_clerk": Why(
        _("We could not use the result"),
        _("Our staff have looked at the result. What stands on the document did not match our records closely enough."),
        (
            _("If your name has changed, please bring a proof, for example the marriage certificate."),
            _("In our branch we can settle this in one visit."),
        ),
        frozenset({EID, POST_OFFICE}),
    ),
    "suspended": Why(
        _("This way has been suspended"),
        _("Your result came from a way that may not be used any more. It is no fault of yours."),
        _KEPT,
    ),
    "method_suspended": Why(
        _("The way that you had begun has been suspended"),
        _("What you had begun with it was ended, and a coupon for it counts no more. It is no fault of yours."),
        _KEPT,
    ),
    "frozen": Why(
        _("Your result is kept safe"),
        _("The way that it came from is suspended at the moment. Whether it counts is decided when the pause ends."),
        _KEPT,
    ),
    "expired_during_pause": Why(
        _("The pause is over, and your coupon has run out meanwhile"),
        _(
            "The way that you had begun was suspended for a while. You get a new coupon at once if you choose it "
            "again, and it does not count as an attempt."
        ),
        _KEPT,
    ),
    "identification_withdrawn": Why(
        _("Please identify yourself once more"),
        _(
            "You were identified, but the way that was used may not be trusted any more. So we may not build on it. "
            "It is no fault of yours."
        ),
        (_("An access to the ePA that is open already stays open."), *_KEPT),
    ),
    "order_undone": Why(
        _("The order was taken back"),
        _("Your result came while the way was suspended. Now it is judged as if it came today."),
    ),
    "not_admitted": Why(
        _("The result came from a way that is not admitted"),
        _("For this purpose the law allows only certain ways. Please choose one of those that are offered here."),
    ),
    "coupon_expired": Why(
        _("Your coupon has expired"),
        _("Its last day is over. You get a new one at once if you choose the post office again."),
    ),
    "expired": Why(
        _("The time for your application is over"),
        _("You have not been identified within the time that applies. You can start again at any time."),
    ),
    "refused_by_clerk": Why(
        _("We had to refuse your application"),
        _("Our staff have looked at the result and could not accept it."),
        (_("Please call us. We will explain the reason and tell you what you can do."),),
    ),
    "earlier_result_taken_up": Why(
        _("This application has been replaced"),
        _("You have taken up the result of an earlier application. So this one was no longer needed."),
    ),
}
SAME_AS = {"review": "document_mismatch"}  # the provider's own review ended without success


def why(code: str) -> Why:
    """Return the words for a code; the general ones for a code nobody knows."""
    return REASONS.get(SAME_AS.get(code, code), GENERAL)
