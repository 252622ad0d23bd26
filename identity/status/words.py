"""What an order means, in sentences for everybody, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from identity.methods.choices import Effect, Purpose
from identity.methods.models import Suspension
from identity.status.purposes import Openness, PurposeOpening

OPENNESS_WORDS: dict[Openness, tuple[Any, str]] = {
    Openness.ONLINE: (gettext_lazy("Possible online"), "success"),
    Openness.IN_PERSON: (gettext_lazy("Possible in person only"), "warning"),
    Openness.NONE: (gettext_lazy("No way is open"), "danger"),
    Openness.UNKNOWN: (gettext_lazy("Not known at the moment"), "danger"),
}


def moment_in_words(moment: datetime) -> str:
    """Day and time. The English format of the frame ends with a full stop, which a sentence then would double."""
    english = (get_language() or "de").startswith("en")
    return date_format(timezone.localtime(moment), "N j, Y, g:i A" if english else "DATETIME_FORMAT")


def day_in_words(day: datetime | date) -> str:
    return date_format(timezone.localtime(day) if isinstance(day, datetime) else day, "DATE_FORMAT")


def title_of(order: Suspension, *, planned: bool) -> str:
    """A headline with method and moment."""
    name = order.method.name
    if planned:
        return _("%(method)s: suspended from %(moment)s") % {
            "method": name, "moment": moment_in_words(order.effective_from),
        }  # fmt: skip
    return _("%(method)s: suspended since %(day)s") % {"method": name, "day": day_in_words(order.effective_from)}


def scope_of(order: Suspension) -> str:
    """Say for whom an order holds when it does not hold for everybody; empty otherwise."""
    parts = [
        _("Suspended only for: %(what)s.") % {"what": Purpose(order.purpose).label} if order.purpose else "",
        _("Suspended only for: %(what)s.") % {"what": order.insurer.name} if order.insurer else "",
        _("Suspended only in: %(region)s.") % {"region": order.region} if order.region else "",
        _("Suspended only with: %(provider)s.") % {"provider": order.provider} if order.provider else "",
    ]
    return " ".join(part for part in parts if part)


def until_of(order: Suspension) -> str:
    """When it ends. A planned end that nobody has confirmed is none."""
    if order.end is None:
        return _("Until further notice.")
    return _("Until %(moment)s.") % {"moment": moment_in_words(order.end)}


def people_in_the_middle(order: Suspension) -> str:
    """What the order means for those who have begun with this way."""
    match order.effect:
        case Effect.FREEZE:
            return _("If you have begun: your place is kept and every deadline stops. You need not do anything now.")
        case Effect.FINISH if order.finish_until:
            return _("If you have begun: you can finish until %(moment)s.") % {
                "moment": moment_in_words(order.finish_until)
            }
        case Effect.VOID if order.void_since:
            return _(
                "If you have begun: please choose another way. Who was identified this way since %(day)s is asked to "
                "do it again; we write to everybody concerned."
            ) % {"day": day_in_words(order.void_since)}
    return _(
        "If you have begun: please choose another way. What you have entered and the date of your application stay."
    )


def consequence(order: Suspension, opening: PurposeOpening, *, admitted: bool) -> str:
    """What an order means for one purpose, and which ways are open for it instead."""
    if not admitted or order.purpose not in ("", opening.purpose):
        return _("Not affected.")
    return alternatives(opening)


def alternatives(opening: PurposeOpening) -> str:
    """Which ways are open for a purpose."""
    in_person = ", ".join(method.name for method in opening.in_person)
    match opening.openness:
        case Openness.ONLINE:
            online = _("Online: %(ways)s.") % {"ways": ", ".join(method.name for method in opening.online)}
            return f"{online} {_('In person: %(ways)s.') % {'ways': in_person}}" if in_person else online
        case Openness.IN_PERSON:
            return _("At the moment there is no way online. In person: %(ways)s.") % {"ways": in_person}
        case Openness.NONE:
            return _("At the moment no way is open. Please call us.")
    return _("We cannot tell at the moment which ways are open. Please try again in a few minutes, or call us.")
