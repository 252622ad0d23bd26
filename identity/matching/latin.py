"""Latin letters beyond A to Z, and how a machine-readable zone writes them.

Source: ICAO Doc 9303 part 3, section 6 A, in lower case. Where ICAO leaves a choice, German practice counts: Ä is AE
and Ü is UE, never a plain A or U. The Romanian Ș and Ț (comma below) stand with Ş and Ţ, as which ICAO lists them.
"""

import unicodedata

_ICAO = {
    "a": "áàâãăāą", "aa": "å", "ae": "äæ", "c": "ćĉčċç", "d": "đďð", "e": "éèêëěėēęĕ", "g": "ĝğġģ", "h": "ĥħ",
    "i": "ıíìîïīįĩĭ", "ij": "ĳ", "j": "ĵ", "k": "ķ", "l": "łĺľļŀ", "n": "ńňņñŋ", "o": "óòôõőōŏ", "oe": "öøœ",
    "q": "ĸ", "r": "ŕřŗ", "s": "śŝšşș", "t": "ţťŧț", "th": "þ", "u": "úùûũŭűůūų", "ue": "ü", "w": "ŵ", "y": "ýŷÿ",
    "z": "źžż",
}  # fmt: skip

WRITTEN_OUT: dict[str, str] = {letter: out for out, letters in _ICAO.items() for letter in letters}
_WAYS = {letter: (out,) for letter, out in WRITTEN_OUT.items()} | {"ü": ("ue", "uxx"), "ñ": ("n", "nxx")}

_TO_PLAIN = str.maketrans(WRITTEN_OUT)
_KNOWN = str.maketrans("", "", "abcdefghijklmnopqrstuvwxyz" + "".join(WRITTEN_OUT))


def fold_case(text: str) -> str:
    """Return `text` in NFC and case folded: ß and ẞ become ss, İ becomes i; ı stays, as it is a letter of its own."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded.replace("i\u0307", "i"))


def plain(folded: str) -> str:
    """Return folded text with every letter of the table written out: ``müller`` gives ``mueller``."""
    return folded if folded.isascii() else folded.translate(_TO_PLAIN)


def unknown(folded: str) -> str:
    """Return what is left of folded text without a to z and the letters of the table."""
    return "" if folded.isascii() and folded.isalpha() else folded.translate(_KNOWN)


def is_latin(character: str) -> bool:
    """Return whether it is a Latin letter, or a mark that stands on one."""
    return "\u0300" <= character <= "\u036f" or unicodedata.name(character, "").startswith("LATIN ")


def same(one: str, other: str) -> bool:
    """Return whether two folded words are the same but for letters that one of them writes out.

    ``müller`` is ``mueller`` (or ``muxxller``), never ``muller``. Two *different* special letters are never the same,
    although both are written out alike: ``jörgensen`` is not ``jørgensen``, ``andré`` is not ``andrè``.
    """
    if one == other:
        return True
    one_plain, other_plain = plain(one), plain(other)
    if one_plain == other_plain:
        return one == one_plain or other == other_plain or _aligned(one, other)
    return ("xx" in one or "xx" in other) and _aligned(one, other)


def _aligned(one: str, other: str) -> bool:
    """Walk along both, trying every way to write out a letter where they part."""
    todo = [(0, 0)]
    while todo:
        at, there = todo.pop()
        while at < len(one) and there < len(other) and one[at] == other[there]:
            at, there = at + 1, there + 1
        if at == len(one) and there == len(other):
            return True
        todo += [(at + 1, there + width) for width in _widths(one, at, other, there)]
        todo += [(at + width, there + 1) for width in _widths(other, there, one, at)]
    return False


def _widths(text: str, at: int, other: str, there: int) -> list[int]:
    """Return the lengths of what writes out the letter of `text` at `at`, as far as `other` has it at `there`."""
    return [len(out) for out in _WAYS.get(text[at : at + 1], ()) if other.startswith(out, there)]
