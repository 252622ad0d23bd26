"""What a comparison of two people says: a kind, and codes. Never a value of either of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class VerdictKind(StrEnum):
    """What follows: `match` opens the way, `review` goes to a clerk (rule C6), `mismatch` ends the attempt."""

    MATCH = "match"
    REVIEW = "review"
    MISMATCH = "mismatch"


class Difference(StrEnum):
    """Why it is no match. Stored and translated elsewhere: never rename one."""

    DECEASED = "deceased"
    NOT_A_MEMBER = "not_a_member"
    BELOW_MINIMUM_AGE = "below_minimum_age"
    DIFFERENT_PERSON = "different_person"
    MEMBERSHIP_UNKNOWN = "membership_unknown"
    MINIMUM_AGE_UNCERTAIN = "minimum_age_uncertain"
    MISSING_BIRTH_DATE = "missing_birth_date"
    UNREADABLE_BIRTH_DATE = "unreadable_birth_date"
    UNCHECKED_BIRTH_DATE = "unchecked_birth_date"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    BIRTH_DATE_INCOMPLETE = "birth_date_incomplete"
    MISSING_GIVEN_NAMES = "missing_given_names"
    UNCHECKED_GIVEN_NAMES = "unchecked_given_names"
    GIVEN_NAMES_DIFFER = "given_names_differ"
    GIVEN_NAME_NOT_FIRST = "given_name_not_first"
    POSSIBLE_TWIN = "possible_twin"
    MISSING_FAMILY_NAME = "missing_family_name"
    UNCHECKED_FAMILY_NAME = "unchecked_family_name"
    FAMILY_NAME_DIFFERS = "family_name_differs"
    NAME_PREFIX_DIFFERS = "name_prefix_differs"
    BIRTH_NAME_USED = "birth_name_used"
    BIRTH_NAME_DIFFERS = "birth_name_differs"
    NAMES_SWAPPED = "names_swapped"
    NAME_ABBREVIATED = "name_abbreviated"
    FOREIGN_SCRIPT = "foreign_script"
    UNSUPPORTED_CHARACTERS = "unsupported_characters"


class Tolerance(StrEnum):
    """What was overlooked on the way to a match: the rules under "Names" in the list of identifiers, no others.

    NFC and upper or lower case are how names are read; they are not told.
    """

    TRANSLITERATED = "transliterated"
    SEPARATORS = "separators"
    SOME_GIVEN_NAMES = "some_given_names"
    TITLE = "title"
    NAME_PREFIX = "name_prefix"
    BIRTH_NAME_APART = "birth_name_apart"
    NAME_CUT = "name_cut"
    INCOMPLETE_BIRTH_DATE = "incomplete_birth_date"


_FINAL = (
    Difference.DECEASED,
    Difference.NOT_A_MEMBER,
    Difference.BELOW_MINIMUM_AGE,
    Difference.DIFFERENT_PERSON,
)

CODES: Final[Mapping[Difference, VerdictKind]] = {
    code: VerdictKind.MISMATCH if code in _FINAL else VerdictKind.REVIEW for code in Difference
}
"""How heavy each difference is. Those that end the attempt leave a clerk nothing to decide: nobody acts for a dead
person or for somebody who is not insured here, and the law sets the age (C7). Everything else goes to a person."""

_place = {code: place for place, code in enumerate((*Difference, *Tolerance))}.__getitem__


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind, the differences that led to it and the tolerances that were used, both in the order of their table.

    A match has no differences. Tolerances stand beside a review too: they say what a clerk need not look at.
    """

    kind: VerdictKind
    differences: tuple[Difference, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()

    @classmethod
    def of(cls, differences: set[Difference], tolerances: set[Tolerance]) -> "Verdict":
        """Return the verdict that follows from these: the heaviest difference decides."""
        kinds = {CODES[code] for code in differences}
        kind = next((k for k in (VerdictKind.MISMATCH, VerdictKind.REVIEW) if k in kinds), VerdictKind.MATCH)
        return cls(kind, tuple(sorted(differences, key=_place)), tuple(sorted(tolerances, key=_place)))
