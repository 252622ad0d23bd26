"""Households of demo people: singles, couples, families, twins, people who only share an address."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from . import kvnr
from .demo_cards import CardMaker
from .demo_naming import Family, Namer, mailbox_name
from .demo_person import DemoPerson
from .demo_places import STREETS, SUPPLEMENTS, TOWNS

_KINDS = ("single", "couple", "family", "one parent", "twins", "shared")
_SHARES = (42, 26, 18, 6, 3, 5)
_OF_AGE = 18
_OLDEST_CHILD = 22
_KVNR_STEMS = 26 * 10**8


@dataclass(frozen=True, slots=True)
class _Home:
    street: str
    house_number: str
    supplement: str
    postcode: str
    city: str
    ik: str
    since: date


class Spread:
    """Numbers below `size` without repetition, in an order that does not look like one."""

    def __init__(self, rng: Random, size: int) -> None:
        self._size, self._at, self._step = size, rng.randrange(size), rng.randrange(size // 3, size)
        while math.gcd(self._step, size) != 1:
            self._step += 1

    def next(self) -> int:
        self._at = (self._at + self._step) % self._size
        return self._at


class Households:
    def __init__(self, rng: Random, iks: Sequence[str] | Mapping[str, Sequence[str]], today: date) -> None:
        self.rng, self.today, self.namer = rng, today, Namer(rng)
        self.kvnrs, self.cards = Spread(rng, _KVNR_STEMS), CardMaker(rng, Spread(rng, 10**10).next, today)
        areas = iks if isinstance(iks, Mapping) else {}
        self._anybody = tuple(iks)
        self._responsible = {
            code: [ik for ik, starts in areas.items() if code.startswith(tuple(starts))] or self._anybody
            for code, _ in TOWNS
        }

    def next(self) -> list[DemoPerson]:
        """Return a household, parents first."""
        home, family = self._home(), self.namer.family()
        match self.rng.choices(_KINDS, _SHARES)[0]:
            case "couple":
                return self._couple(home, family)
            case "family":
                parents = self._couple(home, family, oldest=60)
                return parents + self._children(parents[0], family)
            case "one parent":
                parent = self._adult(home, family, oldest=58)
                return [parent, *self._children(parent, family)]
            case "twins":
                return self._twins(home, family)
            case "shared":
                return [self._adult(home, self.namer.family()) for _ in range(self.rng.randint(2, 4))]
        return [self._adult(home, family)]

    def _couple(self, home: _Home, family: Family, *, oldest: int = 97) -> list[DemoPerson]:
        first = self._adult(home, family, woman=False, oldest=oldest)
        born = date.fromisoformat(first.birth_date[:4] + "-07-01") + timedelta(self.rng.randint(-3000, 2000))
        born = min(born, self._years_ago(_OF_AGE))
        return [first, self._person(home, self.namer.married(family), born, woman=True)]

    def _twins(self, home: _Home, family: Family) -> list[DemoPerson]:
        one = self._adult(home, family, whole_birth_date=True)
        born = date.fromisoformat(one.birth_date)
        woman = self.rng.random() < 0.5
        return [one, self._person(home, family, born, woman=woman, unlike=(one.given_names,), whole_birth_date=True)]

    def _children(self, parent: DemoPerson, family: Family) -> list[DemoPerson]:
        children: list[DemoPerson] = []
        age = self._age(parent)
        for _ in range(self.rng.choices((1, 2, 3, 4), (42, 40, 14, 4))[0]):
            twin = bool(children) and self.rng.random() < 0.05
            oldest = max(0, min(_OLDEST_CHILD, age - _OF_AGE))
            born = date.fromisoformat(children[-1].birth_date) if twin else self._day_ago(0, 365 * oldest + 300)
            unlike = tuple(child.given_names for child in children)
            children.append(self._child(parent, family, born, unlike))
        return children

    def _child(self, parent: DemoPerson, family: Family, born: date, unlike: tuple[str, ...]) -> DemoPerson:
        home = _Home(
            parent.street, parent.house_number, parent.address_supplement, parent.postcode, parent.city, parent.ik,
            max(born, parent.address_valid_from),
        )  # fmt: skip
        woman = self.rng.random() < 0.5
        represented_by = parent.kvnr if born > self._years_ago(_OF_AGE) else ""
        return self._person(
            home, family.of_child(), born, woman=woman, unlike=unlike, parent=represented_by, whole_birth_date=True
        )

    def _adult(
        self,
        home: _Home,
        family: Family,
        *,
        woman: bool | None = None,
        oldest: int = 97,
        whole_birth_date: bool = False,
    ) -> DemoPerson:
        age = int(self.rng.triangular(_OF_AGE, oldest, min(46, oldest)))
        born = min(self._day_ago(age * 365, age * 365 + 364), self._years_ago(_OF_AGE))
        woman = self.rng.random() < 0.5 if woman is None else woman
        return self._person(home, family, born, woman=woman, whole_birth_date=whole_birth_date)

    def _person(
        self, home: _Home, family: Family, born: date, *, woman: bool, unlike: tuple[str, ...] = (), parent: str = "",
        whole_birth_date: bool = False,
    ) -> DemoPerson:  # fmt: skip
        adult = born <= self._years_ago(_OF_AGE)
        named = self.namer.person(family, woman=woman, adult=adult, unlike=unlike)
        member_from = self._member_from(born, adult=adult)
        died_on, member_to = self._end(born, member_from)
        letter, digits = divmod(self.kvnrs.next(), 10**8)
        stem = f"{chr(ord('A') + letter)}{digits:08d}"
        return DemoPerson(
            kvnr=f"{stem}{kvnr.check_digit(stem)}",
            ik=home.ik,
            given_names=named.given_names,
            family_name=named.family_name,
            name_prefix=named.prefix,
            title=named.title,
            birth_name=named.birth_name,
            birth_date=born.isoformat() if whole_birth_date else self._birth_date(born, foreign=family.is_foreign),
            street=home.street,
            house_number=home.house_number,
            address_supplement=home.supplement,
            postcode=home.postcode,
            city=home.city,
            country="DEU",
            address_valid_from=max(born, home.since),
            register_matched_on=self._matched_on(max(born, home.since)),
            email=self._email(named.given_names, named.family_name) if adult and self.rng.random() < 0.8 else "",
            member_from=member_from,
            member_to=member_to,
            died_on=died_on,
            representative_kvnr=parent,
            cards=self.cards.cards_of(member_from, member_to),
        )

    def _home(self) -> _Home:
        rng = self.rng
        postcode, city = rng.choice(TOWNS)
        number = str(rng.randint(1, 140))
        if rng.random() < 0.14:
            number += rng.choice(("a", "b", "c", "/1", f"-{int(number) + 2}"))
        supplement = rng.choice(SUPPLEMENTS) if rng.random() < 0.08 else ""
        since = self._day_ago(0, 40) if rng.random() < 0.03 else self._day_ago(41, 9000)
        ik = rng.choice(self._responsible[postcode])
        return _Home(rng.choice(STREETS), number, supplement, postcode, city, ik, since)

    def _birth_date(self, born: date, *, foreign: bool) -> str:
        chance = self.rng.random()
        if chance < (0.01 if foreign else 0.001):
            return f"{born.year}-00-00"
        return f"{born:%Y-%m}-00" if chance < (0.02 if foreign else 0.002) else born.isoformat()

    def _member_from(self, born: date, *, adult: bool) -> date:
        return self._day_ago(30, min(12000, (self.today - born).days)) if adult else born

    def _end(self, born: date, member_from: date) -> tuple[date | None, date | None]:
        """Return the day of death and the last day of membership."""
        old = (self.today - born).days > 365 * 70
        chance, days = self.rng.random(), (self.today - member_from).days
        if chance < (0.06 if old else 0.001) and days:
            died_on = self._day_ago(1, min(900, days))
            return died_on, died_on
        ended = chance > 0.97 and days > 1
        return None, self._day_ago(1, min(1500, days)) if ended else None

    def _matched_on(self, since: date) -> date | None:
        """Return when the address was matched with the population register; within 12 months for most."""
        chance = self.rng.random()
        if chance < 0.1:
            return None
        day = self._day_ago(0, 340) if chance < 0.82 else self._day_ago(366, 2500)
        return max(day, since)

    def _email(self, given: str, family: str) -> str:
        ending = self.rng.choice(("org", "org", "com", "net"))
        return f"{mailbox_name(given.split()[0])}.{mailbox_name(family)}{self.rng.randint(1, 99999)}@example.{ending}"

    def _age(self, person: DemoPerson) -> int:
        return self.today.year - int(person.birth_date[:4])

    def _day_ago(self, least: int, most: int) -> date:
        return self.today - timedelta(self.rng.randint(least, max(least, most)))

    def _years_ago(self, years: int) -> date:
        """Return the last day of birth of who is `years` old by now."""
        try:
            return self.today.replace(year=self.today.year - years)
        except ValueError:
            return self.today.replace(year=self.today.year - years, day=28)
