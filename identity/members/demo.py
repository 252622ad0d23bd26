"""Demo data of the register: insurers, people as a generator makes them, and people whose numbers are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from core.actors import SYSTEM
from core.encryption import lookup_candidates
from identity.members import kvnr
from identity.members.demo_names import GERMAN
from identity.members.demo_people import DemoCard, DemoPerson, as_record, demo_people
from identity.members.insurers import DEMO_INSURERS, demo_areas, seed_insurers
from identity.members.models import Insurant
from identity.members.register.importing import Import, Tally

SEED = 2022_08_09
SOME_JOURNEYS = 10  # ready from the start
MOST_JOURNEYS = 1_000_000  # six digits of a card number tell them apart
_CARDS_FROM = date(2023, 5, 1)
_TOWNS = (("22303", "Hamburg"), ("10437", "Berlin"), ("34117", "Kassel"), ("50667", "Köln"), ("70173", "Stuttgart"),
          ("80331", "München"))  # fmt: skip


@dataclass(slots=True)
class JourneyPerson:
    """Whom a person at a keyboard or a load driver can be: what stands on the card, and what the register adds.

    number          tells the cards apart
    member_to       empty while insured
    represented_by  KVNR of a legal representative
    """

    kvnr: str
    given_names: str
    family_name: str
    birth_date: str  # ISO, noughts for what is not known
    card_last6: str
    number: int = 0
    name_prefix: str = ""
    title: str = ""
    birth_name: str = ""
    member_to: date | None = None
    card_state: str = "active"
    home: int = 0
    represented_by: str = ""

    @property
    def iccsn(self) -> str:
        return f"80276002{self.number:06d}{self.card_last6}"


KNOWN_PERSON = JourneyPerson("A123456780", "Erika", "Mustermann", "1964-08-12", "123456", birth_name="Gabler", home=3)


def known_people(today: date) -> list[JourneyPerson]:
    """Return the people of the log-in sheet, each for something worth trying. Ages are those of the year of `today`."""
    year = today.year
    return [
        KNOWN_PERSON,
        JourneyPerson("P179293933", "Jürgen Karl-Heinz", "Müller-Lüdenscheidt", "1958-02-28", "200001", title="Dr."),
        JourneyPerson("X110411675", "Ayşe", "Yılmaz", "1979-00-00", "200002", home=1),  # birth date incomplete
        JourneyPerson(_kvnr("K", 1), "Maximilian", "Berg", f"{year - 15}-01-01", "200003", name_prefix="von und zu",
                      represented_by="P179293933"),
        JourneyPerson(_kvnr("K", 2), "Theodor", "Weiß", f"{year - 14}-01-01", "200004", home=2,  # below 15: C7
                      represented_by=KNOWN_PERSON.kvnr),
        JourneyPerson(_kvnr("K", 3), "Renate", "Ehemalig", "1951-04-30", "200005", member_to=date(2024, 12, 31)),
        JourneyPerson(_kvnr("K", 4), "Sören", "Kartenlos", "1990-10-03", "200006", card_state="blocked", home=4),
    ]  # fmt: skip


def journey_person(number: int) -> JourneyPerson:
    """Return the person of a number from 0 to MOST_JOURNEYS - 1: always the same, of age, with a whole birth date."""
    if not 0 <= number < MOST_JOURNEYS:
        raise ValueError(f"a number from 0 to {MOST_JOURNEYS - 1} is needed")
    names = GERMAN.women if number % 2 else GERMAN.men
    turn = number // 2
    return JourneyPerson(
        kvnr=_kvnr("J", number),
        given_names=names[turn % len(names)],
        family_name=GERMAN.families[turn // len(names) % len(GERMAN.families)],
        birth_date=(date(1940, 1, 1) + timedelta(number * 7919 % 24_000)).isoformat(),
        card_last6=f"{(number * 611_953 + 271_828) % MOST_JOURNEYS:06d}",
        number=number,
        home=number % len(_TOWNS),
    )


def journey_people(count: int) -> list[JourneyPerson]:
    """Return the first `count` people for journeys."""
    return [journey_person(number) for number in range(count)]


def load_demo(count: int = 200) -> None:
    """Create insurers, known people, some for journeys, and `count` made-up ones. Twice changes nothing."""
    seed_insurers()
    day = first_day()
    named = [*known_people(timezone.localdate()), *journey_people(SOME_JOURNEYS)]
    generated = demo_people(count, SEED, iks=demo_areas(), today=day)
    _import([*(_as_demo_person(person, day) for person in named), *generated])


def import_journey_people(count: int) -> None:
    """Bring `journey_people(count)` into the register. Twice changes nothing."""
    load_demo(0)
    day = first_day()
    _import(_as_demo_person(person, day) for person in journey_people(count))


def first_day() -> date:
    """Return the day that the demo data were first loaded on: made for the same day, people stay who they are."""
    known = Insurant.objects.filter(kvnr_hash__in=lookup_candidates("kvnr", KNOWN_PERSON.kvnr)).first()
    return timezone.localdate(known.imported_at) if known else timezone.localdate()


def _kvnr(letter: str, number: int) -> str:
    stem = f"{letter}{number:08d}"
    return f"{stem}{kvnr.check_digit(stem)}"


def _import(people: Iterable[DemoPerson]) -> Tally:
    lines = ((number, as_record(person)) for number, person in enumerate(people, 1))
    tally = Import(SYSTEM, patient=True).run(lines, facts=lambda: {"format": "demo"})
    if tally.rejected:
        raise RuntimeError(f"the register refused demo people: {dict(tally.reasons)}")
    return tally


def _as_demo_person(person: JourneyPerson, day: date) -> DemoPerson:
    postcode, city = _TOWNS[person.home]
    areas: Sequence[tuple[str, Sequence[str]]] = list(demo_areas().items())
    return DemoPerson(
        kvnr=person.kvnr,
        ik=next((ik for ik, starts in areas if postcode[:2] in starts), DEMO_INSURERS[0].ik),
        given_names=person.given_names,
        family_name=person.family_name,
        name_prefix=person.name_prefix,
        title=person.title,
        birth_name=person.birth_name,
        birth_date=person.birth_date,
        street="Heidestraße" if person is KNOWN_PERSON else "Musterweg",
        house_number=str(person.number % 300 + 1),
        address_supplement="",
        postcode=postcode,
        city=city,
        country="DEU",
        address_valid_from=date(2015, 1, 1),
        register_matched_on=day - timedelta(30),
        email="",
        member_from=date(2015, 1, 1),
        member_to=person.member_to,
        died_on=None,
        representative_kvnr=person.represented_by,
        cards=(DemoCard(person.iccsn, True, _CARDS_FROM, person.card_state),),
    )
