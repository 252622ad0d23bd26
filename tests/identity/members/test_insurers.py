"""Who is responsible where, and whom to call."""

import re

import pytest
from django.conf import settings

from identity.members import ik
from identity.members.contacts import contact_for, responsible_insurer
from identity.members.demo_places import TOWNS
from identity.members.insurers import DEMO_INSURERS, demo_areas, seed_insurers
from identity.members.models import Insurer, InsurerArea
from tests.factories import an_insurant, an_insurer

FREE_FOR_FICTION = ("030 23125 ", "040 66969 ", "069 90009 ", "0221 4710 ", "089 99998 ")


def ranges() -> list[tuple[int, int]]:
    """Return the areas of all insurers in the order of their postcodes."""
    return sorted((int(first), int(last)) for insurer in DEMO_INSURERS for first, last in insurer.areas)


def test_the_areas_leave_no_gap_and_do_not_overlap():
    first, last = zip(*ranges(), strict=True)

    assert (first[0], last[-1]) == (1000, 99999)
    assert list(first[1:]) == [end + 1 for end in last[:-1]]


@pytest.mark.parametrize("insurer", DEMO_INSURERS, ids=lambda insurer: insurer.region)
def test_a_demo_insurer_has_a_valid_number_and_a_telephone_number_of_nobody(insurer):
    assert ik.parse(insurer.ik) == insurer.ik
    assert insurer.phone.startswith(FREE_FOR_FICTION)
    assert re.fullmatch(r"https://[a-z.-]+\.example", insurer.portal_url)


def test_the_insurer_that_runs_this_installation_is_among_them():
    assert settings.INSURER_IK in {insurer.ik for insurer in DEMO_INSURERS}


def test_the_beginnings_of_postcodes_belong_to_one_insurer_each():
    starts = [start for starts in demo_areas().values() for start in starts]

    assert sorted(starts) == [f"{number:02d}" for number in range(1, 100)]


@pytest.mark.django_db
class TestSeeding:
    def test_twice_changes_nothing(self):
        seed_insurers()
        before = [*Insurer.objects.order_by("pk").values_list(), *InsurerArea.objects.order_by("pk").values_list()]
        seed_insurers()

        assert [
            *Insurer.objects.order_by("pk").values_list(),
            *InsurerArea.objects.order_by("pk").values_list(),
        ] == before
        assert Insurer.objects.count() == len(DEMO_INSURERS)

    def test_what_somebody_has_changed_stays(self):
        seed_insurers()
        Insurer.objects.filter(ik=settings.INSURER_IK).update(phone="040 66969 999")
        seed_insurers()

        assert Insurer.objects.get(ik=settings.INSURER_IK).phone == "040 66969 999"


@pytest.mark.django_db
class TestContacts:
    @pytest.fixture(autouse=True)
    def _seeded(self) -> None:
        seed_insurers()

    @pytest.mark.parametrize(
        ("postcode", "region"),
        [
            ("01000", "east"), ("16999", "east"), ("17000", "north"), ("29999", "north"), ("30000", "central"),
            ("50667", "west"), ("60311", "southwest"), ("97999", "south"), ("98000", "east"), ("99999", "east"),
        ],
    )  # fmt: skip
    def test_the_responsible_insurer_is_found_by_postcode(self, postcode: str, region: str):
        insurer = responsible_insurer(postcode)

        assert insurer is not None
        assert insurer.region == region

    @pytest.mark.parametrize("postcode", ["00000", "00999", "", "ABCDE", "999999"])
    def test_nobody_is_responsible_for_what_is_no_postcode(self, postcode: str):
        assert responsible_insurer(postcode) is None

    def test_every_town_of_the_demo_people_has_somebody(self):
        assert all(responsible_insurer(postcode) for postcode, _ in TOWNS)

    def test_a_persons_own_insurer_goes_before_the_one_that_runs_this_installation(self):
        own = an_insurer("108500558")

        assert contact_for(an_insurant(insurer=own)) == own

    def test_whoever_is_not_known_is_sent_to_the_insurer_that_runs_this_installation(self):
        contact = contact_for(None)

        assert contact is not None
        assert contact.ik == settings.INSURER_IK

    def test_without_any_insurer_there_is_no_contact(self):
        Insurer.objects.all().delete()

        assert contact_for(None) is None
