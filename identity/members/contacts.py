"""Whom to call: the responsible insurer by postcode, or a person's own."""

from __future__ import annotations

from django.conf import settings

from identity.members.models import Insurant, Insurer

POSTCODE_DIGITS = 5


def responsible_insurer(postcode: str) -> Insurer | None:
    """Return the insurer responsible for a German postcode of five digits; None when nobody is."""
    if len(postcode) != POSTCODE_DIGITS:
        return None
    areas = Insurer.objects.filter(areas__postcode_from__lte=postcode, areas__postcode_to__gte=postcode)
    return areas.order_by("ik").first()


def contact_for(insurant: Insurant | None) -> Insurer | None:
    """Return a person's own insurer, or the one that runs this installation as long as nobody is known."""
    if insurant is not None:
        return insurant.insurer
    return Insurer.objects.filter(ik=settings.INSURER_IK).first()
