"""Names as they stand in registers and on documents, and how far two of them may lie apart and still be one name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from . import latin
from .verdict import Difference

_HYPHENS, _APOSTROPHES = "\u2010\u2011\u2012\u2013\u2014\u2212", "\u2018\u2019\u02b9\u02bb\u02bc\u2032`\u00b4"
_ONE_SIGN = str.maketrans(dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_APOSTROPHES, "'"))
_NO_SIGN = str.maketrans("", "", "-'")

_TITLE = re.compile(
    r"(?:(?:(?:univ\.?-? ?)?prof(?:\.|essorin\b|essor\b|\b)|(?:dr\b\.?|dres\.)(?: ?- ?ing\b\.?)?|doktor(?:in)?\b"
    r"|priv\.-? ?doz\.|pd\b\.?|dipl(?:\.-? ?|-)(?:ing|kfm|kffr|psych|päd|inf|phys|chem|math|biol|soz)\b\.?|mag\.|ing\.)"
    r"(?: ?(?:med|phil|jur|iur|rer|nat|pol|oec|h|c|hc|habil|dent|vet|mult|theol|agr|techn|ing|sc|em|apl)\.)*"
    r"(?: |$|(?<=\.)))+"
)
_BORN = re.compile(r" (?:geb\.?|geborene|née) (?=.)")
_PREFIXES = {
    "von", "vom", "van", "der", "den", "dem", "de", "del", "della", "delle", "dei", "di", "da", "das", "do", "dos",
    "du", "des", "la", "le", "les", "zu", "zum", "zur", "auf", "aus", "im", "ter", "ten", "te", "op", "af", "av", "und",
    "y", "e", "al", "el", "ibn", "ben", "bin", "bint", "mc", "mac", "freiherr", "freifrau", "graf", "gräfin", "baron",
}  # fmt: skip

CUTS = (26, 35, 39)
"""Characters that a chip, POSTIDENT and a machine-readable zone leave of a name."""

_SHORTEST_NAME = 2
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """A name that has been read.

    words    folded, without hyphens and apostrophes; what a blank separates: ``("karlheinz", "otto")``
    letters  the words without anything between them
    spelled  folded, with hyphens and apostrophes, one blank at most; without title and birth name
    title    whether there was one
    born     the birth name that stood behind "geb.", or ""
    """

    words: tuple[str, ...]
    letters: str
    spelled: str
    title: bool = False
    born: str = ""

    def flaw(self) -> Difference | None:
        """Return why this name proves nothing, whatever it is compared with; None if there is no such reason."""
        left = [char for char in latin.unknown(self.letters) if not latin.is_latin(char)]
        if any(unicodedata.category(char)[0] == "L" for char in left):
            return Difference.FOREIGN_SCRIPT
        if any(char != "." for char in left):
            return Difference.UNSUPPORTED_CHARACTERS
        if left or len(self.letters) < _SHORTEST_NAME:
            return Difference.NAME_ABBREVIATED
        return None

    def has_initial(self) -> bool:
        """Return whether one of its words is a single letter, as in ``John F``."""
        return any(len(word) < _SHORTEST_NAME for word in self.words)

    def parts(self) -> list[str]:
        """Return the words with the two halves of a double name apart."""
        return [part.translate(_NO_SIGN) for part in re.split("[ -]", self.spelled) if part]


def read_given(text: str | None) -> Name:
    return _read(*_without_title(_fold(text)))


def read_family(text: str | None) -> Name:
    """Read a family name, and the birth name that may stand behind it: ``Yılmaz geb. Roth``."""
    spelled, title = _without_title(_fold(text))
    if " g" not in spelled and " née" not in spelled:
        return _read(spelled, title)
    family, *born = _BORN.split(spelled, maxsplit=1)
    return _read(family, title, *born)


def same(one: Name, other: Name) -> bool:
    """Return whether both have the same letters, written out or not; hyphens, blanks and apostrophes do not count."""
    return latin.same(one.letters, other.letters)


def some_of(fewer: Name, more: Name) -> bool:
    """Return whether `fewer` are some of the given names of `more`, in their order and with the first one.

    The first one has to be shared: a register with the second name alone could mean a twin who bears it too.
    A hyphen may be a blank on one side (``Karl-Heinz`` and ``KARL HEINZ``), but half a double name is no name.
    """
    return _comparable(fewer, more) and not fewer.has_initial() and _found(fewer.words, more.words, first=True)


def some_but_not_first(fewer: Name, more: Name) -> bool:
    return _comparable(fewer, more) and _found(fewer.words, more.words, first=False)


def share_a_part(one: Name, other: Name) -> bool:
    return any(latin.same(mine, theirs) for mine in one.parts() for theirs in other.parts())


def without_prefix(name: Name) -> str:
    """Return the letters without the name prefixes (von, van der, de …) in front."""
    words = list(name.words)
    while len(words) > 1 and words[0] in _PREFIXES:
        del words[0]
    return "".join(words)


def is_cut(document: str, register: str) -> bool:
    """Return whether `document` is what one of CUTS leaves of the longer `register`, as it stands or written out."""
    return any(_is_left(document, register, length) for length in CUTS)


def is_cut_in_zone(document_given: str, register_given: str, register_family: str) -> bool:
    """Return whether a machine-readable zone leaves this of the given names: its 39 characters hold both names.

    The first given name has to be whole.
    """
    length = CUTS[-1] - len("<<") - len(_zone(register_family))
    first = _zone(register_given).partition(" ")[0]
    return len(first) <= length and document_given.isascii() and _is_left(document_given, register_given, length)


def _fold(text: str | None) -> str:
    return " ".join(latin.fold_case(text or "").translate(_ONE_SIGN).split())


def _without_title(folded: str) -> tuple[str, bool]:
    """Return the name behind the titles in front, and whether there were any. Who is called Doktor stays Doktor."""
    titles = _TITLE.match(folded)
    rest = folded[titles.end() :].lstrip() if titles else ""
    return (rest, True) if rest else (folded, False)


def _read(spelled: str, title: bool = False, born: str = "") -> Name:
    words = tuple(filter(None, spelled.translate(_NO_SIGN).split(" ")))
    return Name(words, "".join(words), spelled, title, born)


def _is_left(document: str, register: str, length: int) -> bool:
    shown = " ".join(unicodedata.normalize("NFC", document).split())
    if not length - 1 <= len(shown) <= length:
        return False
    whole = " ".join(unicodedata.normalize("NFC", register).split())
    letters, shown_length = read_given(shown).letters, len(shown.rstrip(" -'"))
    for written in (whole, whole.upper(), _zone(register, keep="'"), _zone(register)):
        left = written[:length].rstrip(" -'")
        if len(written) > length and len(left) == shown_length and read_given(left).letters == letters:
            return True
    return False


def _zone(text: str, keep: str = "") -> str:
    """Return a name as a machine-readable zone writes it, in small letters and with blanks as fillers."""
    plain = latin.plain(_fold(text))
    return " ".join((plain if keep else plain.replace("'", "")).replace("-", " ").split())


def _comparable(fewer: Name, more: Name) -> bool:
    return bool(fewer.words) and len(more.words) <= _MOST_WORDS


def _found(fewer: Sequence[str], more: Sequence[str], *, first: bool) -> bool:
    """Return whether all of `fewer` come in `more`, in order; with `first`, from the first on."""
    if not fewer:
        return True
    return any(
        _found(fewer[taken:], more[start + used :], first=False)
        for start in range(1 if first else len(more))
        for taken, used in _blocks(fewer, more[start:])
    )


def _blocks(fewer: Sequence[str], more: Sequence[str]) -> list[tuple[int, int]]:
    """Return how many words in front of each side make the same name: one and one, one and several, several and one."""
    if not more:
        return []
    joined = [(1, used) for used in range(1, len(more) + 1) if latin.same(fewer[0], "".join(more[:used]))]
    return joined + [(taken, 1) for taken in range(2, len(fewer) + 1) if latin.same("".join(fewer[:taken]), more[0])]
