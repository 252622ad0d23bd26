"""Names of demo people, put together so that each difficulty of a comparison comes up in a few thousand of them."""

import unicodedata
from dataclasses import dataclass, replace
from random import Random

from .demo_names import (
    DOUBLE_GIVEN,
    FOREIGN,
    GERMAN,
    LONG_FAMILIES,
    LONG_GIVEN,
    PREFIXED_FAMILIES,
    PREFIXES,
    TITLES,
    Origin,
)

_ORIGINS = (GERMAN, *FOREIGN)
_SHARES = tuple(origin.share for origin in _ORIGINS)
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "ł": "l", "ı": "i", "đ": "d", "æ": "ae"}
)


@dataclass(frozen=True, slots=True)
class Family:
    """What a household has in common; `birth_name` is that of the one member who took the name on marrying."""

    origin: Origin
    name: str
    prefix: str = ""
    birth_name: str = ""

    @property
    def is_foreign(self) -> bool:
        return self.origin is not GERMAN

    def of_child(self) -> "Family":
        return replace(self, birth_name="")


@dataclass(frozen=True, slots=True)
class Named:
    given_names: str
    family_name: str
    prefix: str
    title: str
    birth_name: str


class Namer:
    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def family(self) -> Family:
        rng = self._rng
        origin = rng.choices(_ORIGINS, _SHARES)[0]
        chance = rng.random()
        if origin is not GERMAN or chance > 0.035:
            return Family(origin, rng.choice(origin.families))
        if chance < 0.005:
            return Family(origin, rng.choice(LONG_FAMILIES))
        return Family(origin, rng.choice(PREFIXED_FAMILIES), rng.choice(PREFIXES))

    def married(self, family: Family) -> Family:
        """Return the family for who married into it: with a birth name, sometimes with a double name."""
        rng = self._rng
        before = self.family()
        born = f"{before.prefix} {before.name}".strip()
        chance = rng.random()
        if chance < 0.15:
            return replace(before, birth_name="")
        if chance < 0.27 and not before.prefix:
            return replace(family, name=f"{family.name}-{before.name}", birth_name=born)
        return replace(family, birth_name=born)

    def person(self, family: Family, *, woman: bool, adult: bool, unlike: tuple[str, ...] = ()) -> Named:
        """Name a person; the first given name is none of those in `unlike`, which are full given names."""
        name, (ending, feminine) = family.name, family.origin.feminine
        if woman and ending and name.endswith(ending):
            name = name.removesuffix(ending) + feminine
        title = self._rng.choice(TITLES) if adult and self._rng.random() < 0.025 else ""
        taken = {given.split()[0] for given in unlike}
        given = self._given_names(family.origin, woman=woman)
        while given.split()[0] in taken:
            given = self._given_names(GERMAN, woman=woman)
        return Named(given, name, family.prefix, title, family.birth_name)

    def _given_names(self, origin: Origin, *, woman: bool) -> str:
        rng = self._rng
        names, kind = (origin.women, "women") if woman else (origin.men, "men")
        chance = rng.random()
        if origin is GERMAN and chance < 0.06:
            return rng.choice(LONG_GIVEN[kind] if chance < 0.006 else DOUBLE_GIVEN[kind])
        count = rng.choices((1, 2, 3), (52, 36, 12))[0]
        return " ".join(rng.sample(names, min(count, len(names))))


def mailbox_name(name: str) -> str:
    """Return a name with nothing but a to z and hyphens, as it stands in an e-mail address."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS))
    return "".join(char for char in plain if char == "-" or ("a" <= char <= "z"))
