"""Pairs of people with the verdict they must get, in both directions.

A row: what it shows · the register's side · the document's side · the verdict · the verdict with the two sides changed
round (for a single field only where it is another). A verdict is written as its kind and its codes, in any order:
differences or, for a match, tolerances, as in ``"match transliterated separators"``.
"""

from dataclasses import dataclass, field
from typing import Any

from .name_pairs import FAMILY_NAMES, GIVEN_NAMES


@dataclass(frozen=True)
class Pair:
    group: str
    name: str
    left: dict[str, Any] = field(repr=False)
    right: dict[str, Any] = field(repr=False)
    there: str
    back: str

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


BIRTH_DATES: dict[str, list[tuple[str, ...]]] = {
    "birth dates": [
        ("equal", "1964-08-12", "1964-08-12", "match"),
        ("as a chip writes it", "1964-08-12", "19640812", "match"),
        ("another day", "1964-08-12", "1964-08-13", "review birth_date_differs"),
        ("day and month changed round", "1964-08-12", "1964-12-08", "review birth_date_differs"),
        ("another month", "1964-08-12", "1964-09-12", "review birth_date_differs"),
        ("another year", "1964-08-12", "1965-08-12", "review birth_date_differs"),
        ("a hundred years later", "1904-08-12", "2004-08-12", "review birth_date_differs"),
        ("equal without the day", "1964-08-00", "1964-08-00", "match incomplete_birth_date"),
        ("equal without the day, as a chip writes it", "1964-08-00", "196408  ", "match incomplete_birth_date"),
        ("equal without the day, short", "1964-08-00", "1964-08", "match incomplete_birth_date"),
        ("equal year alone", "1964-00-00", "1964", "match incomplete_birth_date"),
        ("equal year alone, as a chip writes it", "1964-00-00", "1964    ", "match incomplete_birth_date"),
        ("day missing on one side", "1964-08-12", "1964-08-00", "review birth_date_incomplete"),
        ("month missing on one side", "1964-08-12", "1964-00-00", "review birth_date_incomplete"),
        ("month missing beside a month", "1964-08-00", "1964-00-00", "review birth_date_incomplete"),
        ("incomplete, another month", "1964-08-12", "1964-09-00", "review birth_date_differs"),
        ("incomplete, another year", "1964-08-12", "1965-00-00", "review birth_date_differs"),
        ("incomplete on both, another month", "1964-08-00", "1964-09-00", "review birth_date_differs"),
    ],
}

UNREADABLE_BIRTH_DATES = [
    "1964-13-01", "1964-02-30", "1964-00-12", "0000-00-00", "12.08.1964", "640812", "19640812Z", "1964-8-12",
    "1964/08/12", "١٩٦٤-٠٨-١٢", "1700-01-01", "unknown",
]  # fmt: skip

WHOLE: dict[str, list[tuple[str, dict[str, Any], dict[str, Any], str, str]]] = {
    "fields of people": [
        ("prefix in a field of its own", {"name_prefix": "von der", "family_name": "Heide"},
         {"family_name": "von der Heide"}, "match name_prefix", "match"),
        ("prefix in both fields", {"name_prefix": "von", "family_name": "von Stein"},
         {"family_name": "VON STEIN"}, "match name_prefix", "match"),
        ("prefix in its field, missing on the document", {"name_prefix": "van", "family_name": "Dyck"},
         {"family_name": "Dyck"}, "review name_prefix_differs", "review name_prefix_differs"),
        ("title in its field", {"title": "Prof. Dr. med."}, {}, "match", "match"),
        ("another title", {"title": "Dr."}, {"title": "Prof."}, "match", "match"),
        ("title, prefix and umlaut", {"title": "Dr.", "name_prefix": "von", "family_name": "Büren"},
         {"family_name": "DR. VON BUEREN"}, "match transliterated title name_prefix", "match transliterated title"),
        ("prefix and cut after 35", {"name_prefix": "von", "family_name": "Hohenzollern-Sigmaringen-Burgwald"},
         {"family_name": "von Hohenzollern-Sigmaringen-Burgwa"}, "match name_cut", "review family_name_differs"),
        ("cut family and cut given names",
         {"given_names": "Maximiliane Alexandra Friederike", "family_name": "Schwarzenberg-Wittgensteinhausen"},
         {"given_names": "Maximiliane Alexandra Frie", "family_name": "Schwarzenberg-Wittgenstein"},
         "match name_cut", "review given_names_differ family_name_differs"),
        ("zone full after the family name",
         {"given_names": "Jo Anna", "family_name": "Wiesenbachertal-Oberhausen-Wildau"},
         {"given_names": "JO A", "family_name": "WIESENBACHERTAL OBERHAUSEN WILDAU"}, "match separators name_cut",
         "review given_names_differ name_abbreviated"),
        ("given names cut as in a zone, the family name not from a zone",
         {"given_names": "Jo Anna", "family_name": "Wiesenbächertal-Oberhausen-Wilda"},
         {"given_names": "JO A", "family_name": "WIESENBÄCHERTAL OBERHAUSEN WILDA"},
         "review given_names_differ name_abbreviated", "review given_names_differ name_abbreviated"),
        ("zone full within the first given name",
         {"given_names": "Johanna", "family_name": "Wiesenbachertal-Oberhausen-Wildau"},
         {"given_names": "JOHA", "family_name": "WIESENBACHERTAL OBERHAUSEN WILDAU"},
         "review given_names_differ possible_twin", "review given_names_differ possible_twin"),
    ],
    "birth names": [
        ("known to both", {"birth_name": "Roth"}, {"birth_name": "ROTH"}, "match", "match"),
        ("known to the register alone", {"birth_name": "Roth"}, {}, "match", "match"),
        ("written out", {"birth_name": "Müller"}, {"birth_name": "MUELLER"}, "match", "match"),
        ("different", {"birth_name": "Roth"}, {"birth_name": "Braun"}, "review birth_name_differs",
         "review birth_name_differs"),
        ("document still in the birth name", {"birth_name": "Roth"}, {"family_name": "Roth"}, "review birth_name_used",
         "review birth_name_used"),
        ("document names it as birth name", {"family_name": "Roth"}, {"birth_name": "Roth"}, "review birth_name_used",
         "review birth_name_used"),
        ("married twice, one birth name", {"family_name": "Braun", "birth_name": "Roth"}, {"birth_name": "Roth"},
         "review family_name_differs", "review family_name_differs"),
        ("birth name equal to the family name", {}, {"birth_name": "Keller"}, "match", "match"),
        ("double name of birth name and family name", {"family_name": "Keller-Roth"}, {"birth_name": "Roth"},
         "review family_name_differs", "review family_name_differs"),
        ("geb. on the document and the register's field", {"birth_name": "Roth"}, {"family_name": "Keller geb. Roth"},
         "match birth_name_apart", "match birth_name_apart"),
        ("cut after 35", {"birth_name": "Hohenzollern-Sigmaringen-Burgwald-Roth"},
         {"birth_name": "Hohenzollern-Sigmaringen-Burgwald-R"}, "match", "review birth_name_differs"),
        ("not looked at, but different", {"birth_name": "Roth"}, {"birth_name": "Braun", "unchecked": {"birth_name"}},
         "review birth_name_differs", "review birth_name_differs"),
    ],
    "somebody else": [
        ("twins", {"given_names": "Lena"}, {"given_names": "Lisa"}, "review given_names_differ possible_twin",
         "review given_names_differ possible_twin"),
        ("twins with an equal second name", {"given_names": "Lena Maria"}, {"given_names": "Lisa Maria"},
         "review given_names_differ", "review given_names_differ"),
        ("twin, second name alone", {"given_names": "Maria"}, {"given_names": "Lisa Maria"},
         "review given_name_not_first", "review given_name_not_first"),
        ("sister", {"given_names": "Lena"}, {"given_names": "Lisa", "birth_date": "1966-01-30"},
         "review birth_date_differs given_names_differ", "review birth_date_differs given_names_differ"),
        ("names swapped", {"given_names": "Martin", "family_name": "Paul"},
         {"given_names": "Paul", "family_name": "Martin"},
         "review names_swapped", "review names_swapped"),
        ("names swapped and written out", {"given_names": "Jürgen", "family_name": "Weiß"},
         {"given_names": "WEISS", "family_name": "JUERGEN"}, "review names_swapped", "review names_swapped"),
        ("names swapped, another birth date", {"given_names": "Martin", "family_name": "Paul"},
         {"given_names": "Paul", "family_name": "Martin", "birth_date": "1970-01-01"},
         "review birth_date_differs names_swapped", "review birth_date_differs names_swapped"),
        ("both names others, same birth date", {}, {"given_names": "Peter", "family_name": "Brandt"},
         "review given_names_differ family_name_differs", "review given_names_differ family_name_differs"),
        ("nothing in common", {}, {"given_names": "Peter", "family_name": "Brandt", "birth_date": "1971-02-03"},
         "mismatch different_person birth_date_differs given_names_differ family_name_differs",
         "mismatch different_person birth_date_differs given_names_differ family_name_differs"),
        ("nothing in common but the year", {},
         {"given_names": "Peter", "family_name": "Brandt", "birth_date": "1964-00-00"},
         "review birth_date_incomplete given_names_differ family_name_differs",
         "review birth_date_incomplete given_names_differ family_name_differs"),
        ("nothing in common but the second name", {"given_names": "Anna Maria"},
         {"given_names": "Eva Maria", "family_name": "Brandt", "birth_date": "1971-02-03"},
         "review birth_date_differs given_names_differ family_name_differs",
         "review birth_date_differs given_names_differ family_name_differs"),
        ("nothing in common but a name in the other field", {},
         {"given_names": "Peter", "family_name": "Anna", "birth_date": "1971-02-03"},
         "review birth_date_differs given_names_differ family_name_differs",
         "review birth_date_differs given_names_differ family_name_differs"),
        ("nothing in common but half a name", {"family_name": "Keller-Roth"},
         {"given_names": "Peter", "family_name": "Brandt-Roth", "birth_date": "1971-02-03"},
         "review birth_date_differs given_names_differ family_name_differs",
         "review birth_date_differs given_names_differ family_name_differs"),
        ("nothing in common, in another script", {},
         {"given_names": "Пётр", "family_name": "Иванов", "birth_date": "1971-02-03"},
         "review birth_date_differs given_names_differ family_name_differs foreign_script",
         "review birth_date_differs given_names_differ family_name_differs foreign_script"),
    ],
    "never proof": [
        ("family name not looked at", {}, {"unchecked": {"family_name"}}, "review unchecked_family_name", "match"),
        ("given names not looked at", {}, {"unchecked": {"given_names"}}, "review unchecked_given_names", "match"),
        ("birth date not looked at", {}, {"unchecked": {"birth_date"}}, "review unchecked_birth_date", "match"),
        ("birth name and title not looked at", {"birth_name": "Roth"},
         {"birth_name": "Roth", "unchecked": {"birth_name", "title"}}, "match", "match"),
        ("nothing looked at, nothing in common", {},
         {"given_names": "Peter", "family_name": "Brandt", "birth_date": "1971-02-03",
          "unchecked": {"given_names", "family_name", "birth_date"}},
         ("review birth_date_differs given_names_differ family_name_differs "
          "unchecked_birth_date unchecked_given_names unchecked_family_name"),
         "mismatch different_person birth_date_differs given_names_differ family_name_differs"),
        ("not looked at and different", {}, {"family_name": "Brandt", "unchecked": {"family_name"}},
         "review unchecked_family_name family_name_differs", "review family_name_differs"),
    ],
    "membership, death and age": [
        ("ended before", {"membership_to": "2026-03-01"}, {}, "mismatch not_a_member", "match"),
        ("ends on the day", {"membership_to": "2026-03-02"}, {}, "match", "match"),
        ("begins on the day", {"membership_from": "2026-03-02"}, {}, "match", "match"),
        ("begins a day later", {"membership_from": "2026-03-03"}, {}, "mismatch not_a_member", "match"),
        ("begin not known", {"membership_from": None}, {}, "review membership_unknown", "match"),
        ("begin not known and ended", {"membership_from": None, "membership_to": "2020-12-31"}, {},
         "mismatch not_a_member", "match"),
        ("died before", {"died_on": "2026-01-01"}, {}, "mismatch deceased", "match"),
        ("died on the day after", {"died_on": "2026-03-03"}, {}, "mismatch deceased", "match"),
        ("died, and not a member any more", {"died_on": "2026-01-01", "membership_to": "2026-01-01"}, {},
         "mismatch deceased not_a_member", "match"),
        ("16 on the day", {"birth_date": "2010-03-02"}, {"birth_date": "2010-03-02"}, "match", "match"),
        ("16 on the next day", {"birth_date": "2010-03-03"}, {"birth_date": "2010-03-03"}, "mismatch below_minimum_age",
         "mismatch below_minimum_age"),
        ("16 in the same month", {"birth_date": "2010-03-00"}, {"birth_date": "2010-03-00"},
         "review minimum_age_uncertain", "review minimum_age_uncertain"),
        ("16 in the same year", {"birth_date": "2010-00-00"}, {"birth_date": "2010-00-00"},
         "review minimum_age_uncertain", "review minimum_age_uncertain"),
        ("16 in the month before", {"birth_date": "2010-02-00"}, {"birth_date": "2010-02-00"},
         "match incomplete_birth_date", "match incomplete_birth_date"),
        ("young, and another name", {"birth_date": "2015-03-02"}, {"birth_date": "2015-03-02", "family_name": "Brandt"},
         "mismatch below_minimum_age family_name_differs", "mismatch below_minimum_age family_name_differs"),
    ],
}  # fmt: skip


def of_one_field(field_name: str, groups: dict[str, list[tuple[str, ...]]]) -> list[Pair]:
    return [
        Pair(group, name, {field_name: left}, {field_name: right}, there, back[0] if back else there)
        for group, rows in groups.items()
        for name, left, right, there, *back in rows
    ]


PAIRS = [
    *of_one_field("family_name", FAMILY_NAMES),
    *of_one_field("given_names", GIVEN_NAMES),
    *of_one_field("birth_date", BIRTH_DATES),
    *(Pair(group, *row) for group, rows in WHOLE.items() for row in rows),
]
