"""From what a provider read to a verdict and to what is kept of it. Reads no rows."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from datetime import datetime

from django.utils import timezone

from core.encryption import lookup_candidates
from identity.cases.models import Attempt, Result
from identity.matching import DocumentPerson, Verdict, compare
from identity.matching.people import DOCUMENT_FIELDS
from identity.members.models import Insurant
from identity.providers.ports import DocumentFacts, ProviderIdentification


def judge_document(insurant: Insurant, success: ProviderIdentification, *, minimum_age: int) -> Verdict:
    """Compare the register with the document at the day of identification. Without a document nothing is proved."""
    document = success.document
    shown = DocumentPerson(
        given_names=document.given_names if document else None,
        family_name=document.family_name if document else None,
        birth_date=document.birth_date if document else None,
        birth_name=document.birth_name if document else None,
        unchecked=document.unchecked & DOCUMENT_FIELDS if document else frozenset(),
    )
    day = timezone.localdate(success.identified_at) if success.identified_at else timezone.localdate()
    return compare(insurant.register_person(), shown, completed_on=day, min_age=minimum_age)


def keep_document(
    attempt: Attempt, success: ProviderIdentification, verdict: Verdict, *, received_at: datetime
) -> Result:
    """Return what is kept of a success, not yet saved: no document number, no picture (B3), names only encrypted."""
    document = success.document
    return Result(
        attempt=attempt,
        case=attempt.case,
        method_used=success.method or "unknown",
        document_type=document.document_type if document else "",
        document_country=document.country if document else "",
        document_expires_on=document.expires_on if document else None,
        identified_at=success.identified_at,
        received_at=received_at,
        person=_person(document),
        person_hash=next(iter(person_hashes(document)), None),
        verdict=verdict.kind.value,
        differences=[code.value for code in verdict.differences],
    )


def _person(document: DocumentFacts | None) -> dict[str, object]:
    if document is None:
        return {}
    kept = ("given_names", "family_name", "birth_name", "birth_date", "birth_place", "nationality")
    return {
        **{name: getattr(document, name) for name in kept},
        "address": asdict(document.address) if document.address else None,
        "unchecked": sorted(document.unchecked),
    }


def person_hashes(document: DocumentFacts | None) -> list[bytes]:
    """Keyed hashes of who the document is about, the current key's first, to notice when it is shown for somebody else.

    Not of the document's number: that is forbidden as a key (PAuswG § 20 (3)). Empty when too little was read.
    """
    if document is None or not (document.family_name and document.given_names and document.birth_date):
        return []
    born_as = document.birth_name or document.family_name
    parts = (born_as, document.given_names, document.birth_date, document.birth_place)
    plain = "|".join(unicodedata.normalize("NFKC", part).casefold() for part in parts)
    return lookup_candidates("identified_person", plain)
