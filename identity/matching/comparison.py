"""Compare the insured person with the person on a document. Nothing outside the named tolerances matches by itself.

Source: domain rules C6 and C7; identifiers, "Names". Decisions where the source leaves room, always to the safe side:

- A document in the birth name, or a register still in it, goes to a clerk: one of the two is out of date. A birth name
  beside an equal family name only confirms, and differs only where both sides know one.
- A name prefix may stand in a field of its own; one that is missing goes to a clerk.
- Several given names against fewer: in order, and the first one shared (see `names.some_of`).
- An incomplete birth date is equal to itself; beside a more complete one it goes to a clerk.
- Death, missing membership and age end the attempt; a date that leaves the age open goes to a clerk.
"""

from datetime import date
from enum import Enum, auto

from . import latin, names
from .births import PartialDate, age_on
from .names import Name
from .people import DocumentPerson, RegisterPerson
from .verdict import Difference, Tolerance, Verdict


def compare(register: RegisterPerson, document: DocumentPerson, *, completed_on: date, min_age: int) -> Verdict:
    """Return the verdict on a document that was shown on `completed_on` (a date in Germany), by a method for people of
    `min_age` years or more. Raises nothing, whatever the document says.
    """
    comparison = _Comparison(register, document)
    comparison.look_at_membership(completed_on)
    comparison.look_at_age(completed_on, min_age)
    comparison.look_at_person()
    return Verdict.of(comparison.differences, comparison.tolerances)


class _Relation(Enum):
    """How one field of the two sides stands: equal within the tolerances, doubtful, or nothing in common."""

    SAME = auto()
    DOUBTFUL = auto()
    OTHER = auto()


class _Comparison:
    def __init__(self, register: RegisterPerson, document: DocumentPerson) -> None:
        self.register, self.document = register, document
        self.differences: set[Difference] = set()
        self.tolerances: set[Tolerance] = set()
        self.family_text = _with_prefix(register)
        self.family, self.shown_family = names.read_family(self.family_text), names.read_family(document.family_name)
        self.given, self.shown_given = names.read_given(register.given_names), names.read_given(document.given_names)
        self.born = register.birth_name or self.family.born
        self.shown_born = document.birth_name or self.shown_family.born

    def look_at_membership(self, day: date) -> None:
        person = self.register
        if person.died_on is not None:
            self.differences.add(Difference.DECEASED)
        if day < (person.membership_from or day) or day > (person.membership_to or day):
            self.differences.add(Difference.NOT_A_MEMBER)
        elif person.membership_from is None:
            self.differences.add(Difference.MEMBERSHIP_UNKNOWN)

    def look_at_age(self, day: date, min_age: int) -> None:
        born = self.register.birth_date
        if age_on(born.earliest(), day) < min_age:
            self.differences.add(Difference.BELOW_MINIMUM_AGE)
        elif age_on(born.latest(), day) < min_age:
            self.differences.add(Difference.MINIMUM_AGE_UNCERTAIN)

    def look_at_person(self) -> None:
        birth, family, given = self._birth_date(), self._family_name(), self._given_names()
        for field in ("birth_date", "family_name", "given_names"):
            if field in self.document.unchecked:
                self.differences.add(Difference(f"unchecked_{field}"))
        match birth, family, given:
            case _Relation.SAME, _Relation.SAME, _Relation.OTHER:
                self.differences.add(Difference.POSSIBLE_TWIN)
            case _, _Relation.OTHER, _Relation.OTHER if self._swapped():
                self.differences -= {Difference.FAMILY_NAME_DIFFERS, Difference.GIVEN_NAMES_DIFFER}
                self.differences.add(Difference.NAMES_SWAPPED)
            case _Relation.OTHER, _Relation.OTHER, _Relation.OTHER if self._all_checked():
                self.differences.add(Difference.DIFFERENT_PERSON)

    def _birth_date(self) -> _Relation:
        mine, shown = self.register.birth_date, self.document.birth_date
        try:
            theirs = PartialDate.parse(shown) if isinstance(shown, str) and shown.strip() else shown
        except ValueError:
            return self._doubt(Difference.UNREADABLE_BIRTH_DATE)
        if not isinstance(theirs, PartialDate):
            return self._doubt(Difference.MISSING_BIRTH_DATE)
        if mine == theirs:
            if not mine.is_whole:
                self.tolerances.add(Tolerance.INCOMPLETE_BIRTH_DATE)
            return _Relation.SAME
        if mine.agrees_with(theirs):
            return self._doubt(Difference.BIRTH_DATE_INCOMPLETE)
        self.differences.add(Difference.BIRTH_DATE_DIFFERS)
        return _Relation.OTHER

    def _family_name(self) -> _Relation:
        mine, theirs = self.family, self.shown_family
        if not theirs.spelled:
            return self._doubt(Difference.MISSING_FAMILY_NAME)
        flawed = self._note_flaws(mine, theirs)
        if names.same(mine, theirs):
            self._note_tolerances(mine, theirs)
            if self.register.name_prefix.strip():
                self.tolerances.add(Tolerance.NAME_PREFIX)
        elif names.is_cut(self.document.family_name or "", self.family_text):
            self.tolerances.add(Tolerance.NAME_CUT)
        else:
            relation = self._other_family_name(mine, theirs)
            return _Relation.DOUBTFUL if flawed else relation
        if self.born and self.shown_born and not self._same_birth_name():
            self.differences.add(Difference.BIRTH_NAME_DIFFERS)
        return _Relation.SAME

    def _other_family_name(self, mine: Name, theirs: Name) -> _Relation:
        if _names(self.born, theirs) or _names(self.shown_born, mine):
            return self._doubt(Difference.BIRTH_NAME_USED)
        if latin.same(names.without_prefix(mine), names.without_prefix(theirs)):
            return self._doubt(Difference.NAME_PREFIX_DIFFERS)
        if self._same_birth_name() or names.share_a_part(mine, theirs):
            return self._doubt(Difference.FAMILY_NAME_DIFFERS)
        self.differences.add(Difference.FAMILY_NAME_DIFFERS)
        return _Relation.OTHER

    def _same_birth_name(self) -> bool:
        return _names(self.born, names.read_family(self.shown_born)) or names.is_cut(self.shown_born, self.born)

    def _given_names(self) -> _Relation:
        mine, theirs = self.given, self.shown_given
        if not theirs.spelled:
            return self._doubt(Difference.MISSING_GIVEN_NAMES)
        flawed = self._note_flaws(mine, theirs)
        if names.same(mine, theirs):
            self._note_tolerances(mine, theirs)
            return self._doubt(Difference.NAME_ABBREVIATED) if mine.has_initial() else _Relation.SAME
        if names.some_of(mine, theirs) or names.some_of(theirs, mine):
            self._note_tolerances(mine, theirs, letters=False)
            self.tolerances.add(Tolerance.SOME_GIVEN_NAMES)
            return _Relation.SAME
        if self._given_names_are_cut():
            self.tolerances.add(Tolerance.NAME_CUT)
            return _Relation.SAME
        relation = self._other_given_names(mine, theirs)
        return _Relation.DOUBTFUL if flawed else relation

    def _given_names_are_cut(self) -> bool:
        shown, known = self.document.given_names or "", self.register.given_names
        return names.is_cut(shown, known) or (
            names.same(self.family, self.shown_family)
            and (self.document.family_name or "").isascii()
            and names.is_cut_in_zone(shown, known, self.family_text)
        )

    def _other_given_names(self, mine: Name, theirs: Name) -> _Relation:
        if mine.has_initial() or theirs.has_initial():
            self.differences.add(Difference.GIVEN_NAMES_DIFFER)
            return self._doubt(Difference.NAME_ABBREVIATED)
        if names.some_but_not_first(mine, theirs) or names.some_but_not_first(theirs, mine):
            return self._doubt(Difference.GIVEN_NAME_NOT_FIRST)
        self.differences.add(Difference.GIVEN_NAMES_DIFFER)
        return _Relation.DOUBTFUL if names.share_a_part(mine, theirs) else _Relation.OTHER

    def _swapped(self) -> bool:
        return names.same(self.given, self.shown_family) and names.same(self.family, self.shown_given)

    def _all_checked(self) -> bool:
        """Return whether the provider looked at all three, and no name came up in the field of the other."""
        crosswise = names.share_a_part(self.given, self.shown_family) or names.share_a_part(
            self.family, self.shown_given
        )
        return not crosswise and not self.document.unchecked & {"given_names", "family_name", "birth_date"}

    def _doubt(self, code: Difference) -> _Relation:
        self.differences.add(code)
        return _Relation.DOUBTFUL

    def _note_flaws(self, *both: Name) -> bool:
        flaws = {flaw for name in both if (flaw := name.flaw()) is not None}
        self.differences |= flaws
        return bool(flaws)

    def _note_tolerances(self, mine: Name, theirs: Name, *, letters: bool = True) -> None:
        if mine.title or theirs.title:
            self.tolerances.add(Tolerance.TITLE)
        if mine.born or theirs.born:
            self.tolerances.add(Tolerance.BIRTH_NAME_APART)
        if mine.spelled == theirs.spelled or not letters:
            return
        if mine.letters != theirs.letters:
            self.tolerances.add(Tolerance.TRANSLITERATED)
        if not latin.same(mine.spelled, theirs.spelled):
            self.tolerances.add(Tolerance.SEPARATORS)


def _with_prefix(person: RegisterPerson) -> str:
    prefix, family = person.name_prefix.strip(), person.family_name
    return f"{prefix} {family}" if prefix and not family.casefold().startswith(f"{prefix.casefold()} ") else family


def _names(text: str, name: Name) -> bool:
    """Return whether `text` is given, and is that family name."""
    return bool(text.strip()) and names.same(names.read_family(text), name)
