"""What differs between register and document, in sentences for a clerk: one for each code of `identity.matching`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from identity.matching.verdict import Difference

GIVEN, FAMILY, BORN_AS, BIRTH = "given_names", "family_name", "birth_name", "birth_date"
KNOWN_FOR_ANOTHER: Final = "identity_known_for_another_person"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, the rows of the comparison that it is about (none: the person as a whole), and its short form."""

    sentence: Any
    fields: tuple[str, ...] = ()
    short: Any = ""


_MISSING, _UNCHECKED, _UNREADABLE = _("missing on the document"), _("not checked"), _("not readable")

DIFFERENCES: Final[Mapping[str, Words]] = {
    Difference.DECEASED: Words(_("According to the register the insured person has died.")),
    Difference.NOT_A_MEMBER: Words(_("The person was not insured with us on the day of the identification.")),
    Difference.BELOW_MINIMUM_AGE: Words(_("The person was younger than this method allows."), (BIRTH,)),
    Difference.DIFFERENT_PERSON: Words(
        _("Names and date of birth are all different: the document belongs to somebody else."), (GIVEN, FAMILY, BIRTH)
    ),
    Difference.MEMBERSHIP_UNKNOWN: Words(_("The register does not say since when the person has been insured.")),
    Difference.MINIMUM_AGE_UNCERTAIN: Words(
        _("The date of birth in the register is incomplete: the person may have been too young for this method."),
        (BIRTH,),
        _("not certain"),
    ),
    Difference.MISSING_BIRTH_DATE: Words(_("No date of birth was read from the document."), (BIRTH,), _MISSING),
    Difference.UNREADABLE_BIRTH_DATE: Words(
        _("The date of birth on the document could not be read."), (BIRTH,), _UNREADABLE
    ),
    Difference.UNCHECKED_BIRTH_DATE: Words(
        _("The provider did not check the date of birth, so it proves nothing."), (BIRTH,), _UNCHECKED
    ),
    Difference.BIRTH_DATE_DIFFERS: Words(_("The date of birth is different."), (BIRTH,)),
    Difference.BIRTH_DATE_INCOMPLETE: Words(
        _("One side knows only a part of the date of birth. What both know is the same."), (BIRTH,), _("incomplete")
    ),
    Difference.MISSING_GIVEN_NAMES: Words(_("No given names were read from the document."), (GIVEN,), _MISSING),
    Difference.UNCHECKED_GIVEN_NAMES: Words(
        _("The provider did not check the given names, so they prove nothing."), (GIVEN,), _UNCHECKED
    ),
    Difference.GIVEN_NAMES_DIFFER: Words(_("The given names are different."), (GIVEN,)),
    Difference.GIVEN_NAME_NOT_FIRST: Words(_("Only a further given name is the same, the first one is not."), (GIVEN,)),
    Difference.POSSIBLE_TWIN: Words(
        _("Family name and date of birth are the same, the given names are not: this may be a twin."), (GIVEN,)
    ),
    Difference.MISSING_FAMILY_NAME: Words(_("No family name was read from the document."), (FAMILY,), _MISSING),
    Difference.UNCHECKED_FAMILY_NAME: Words(
        _("The provider did not check the family name, so it proves nothing."), (FAMILY,), _UNCHECKED
    ),
    Difference.FAMILY_NAME_DIFFERS: Words(_("The family names are different."), (FAMILY,)),
    Difference.NAME_PREFIX_DIFFERS: Words(
        _("A name prefix (von, de, van der) stands on one side only, or the prefixes are different."), (FAMILY,)
    ),
    Difference.BIRTH_NAME_USED: Words(
        _("One side has the birth name as the family name. Probably one of the two is out of date."), (FAMILY, BORN_AS)
    ),
    Difference.BIRTH_NAME_DIFFERS: Words(_("The birth names are different."), (BORN_AS,)),
    Difference.NAMES_SWAPPED: Words(_("Given names and family name are swapped."), (GIVEN, FAMILY), _("swapped")),
    Difference.NAME_ABBREVIATED: Words(
        _("A name is abbreviated, or only one letter of it is there."), (GIVEN, FAMILY), _("not certain")
    ),
    Difference.FOREIGN_SCRIPT: Words(
        _("A name is written in letters that are not Latin."), (GIVEN, FAMILY), _("not certain")
    ),
    Difference.UNSUPPORTED_CHARACTERS: Words(
        _("A name holds characters that cannot be compared by a program."), (GIVEN, FAMILY), _("not certain")
    ),
    KNOWN_FOR_ANOTHER: Words(_("The person on this document has already identified another insured person with us.")),
}


def sentences(codes: Iterable[str]) -> list[str]:
    """Return a sentence for each code; the code itself where there is none (yet)."""
    return [str(DIFFERENCES[code].sentence) if code in DIFFERENCES else code for code in codes]


def about(field: str, codes: Iterable[str]) -> list[Words]:
    """Return the words of those codes that are about one row of the comparison."""
    return [DIFFERENCES[code] for code in codes if code in DIFFERENCES and field in DIFFERENCES[code].fields]


def about_the_person(codes: Iterable[str]) -> list[str]:
    """Return the sentences of those codes that no row of the comparison is about."""
    return sentences(code for code in codes if code not in DIFFERENCES or not DIFFERENCES[code].fields)
