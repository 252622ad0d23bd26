"""Whom a journey can be done with: people of the demo register that no account is linked with yet."""

from __future__ import annotations

from core.encryption import lookup_hash
from identity.members.demo import JourneyPerson, import_journey_people, journey_people
from identity.members.models import Insurant


def free_people(count: int) -> list[JourneyPerson]:
    """Return `count` people nobody has linked; import more into the register when there are too few."""
    linked = Insurant.objects.filter(account__isnull=False).count()
    candidates = journey_people(linked + count)
    import_journey_people(len(candidates))
    hashes = {bytes(lookup_hash("kvnr", person.kvnr)): person for person in candidates}
    free = Insurant.objects.filter(kvnr_hash__in=hashes, account__isnull=True).values_list("kvnr_hash", flat=True)
    return [hashes[bytes(found)] for found in free][:count]
