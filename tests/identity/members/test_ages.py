"""The coarse class of age: kept at every way in, and brought up to date by the calendar."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from core.bulk import copy_new
from identity.members.ages import AgeClass, age_class_of, refresh_age_classes
from identity.members.models import Insurant
from tests.factories import a_kvnr, an_insurant, an_insurer

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2010-11-24", AgeClass.SIXTEEN_OR_OLDER),
        ("2010-11-25", AgeClass.FIFTEEN),
        ("2011-11-24", AgeClass.FIFTEEN),
        ("2011-11-25", AgeClass.BELOW_FIFTEEN),
        ("2010-00-00", AgeClass.FIFTEEN),  # the youngest that it may be, as the gate is asked
        ("2010-12-00", AgeClass.FIFTEEN),
        ("2010-11-00", AgeClass.FIFTEEN),
        ("1964-08-00", AgeClass.SIXTEEN_OR_OLDER),
        ("", AgeClass.UNKNOWN),
        ("unreadable", AgeClass.UNKNOWN),
    ],
)
def test_a_birth_date_has_a_class(born: str, expected: AgeClass):
    assert age_class_of(born, DAY) == expected


@pytest.mark.django_db
def test_it_is_kept_at_every_save():
    insurant = an_insurant(birth_date="2015-01-01")
    assert Insurant.objects.get(pk=insurant.pk).age_class == AgeClass.BELOW_FIFTEEN

    insurant.birth_date = "1964-08-12"
    insurant.save()
    assert Insurant.objects.get(pk=insurant.pk).age_class == AgeClass.SIXTEEN_OR_OLDER


@pytest.mark.django_db
def test_it_is_kept_when_many_are_laid_at_once():
    person = Insurant(insurer=an_insurer(), kvnr=a_kvnr(), given_names="A", family_name="B", birth_date="1950-01-01")
    copy_new([person])

    assert Insurant.objects.get().age_class == AgeClass.SIXTEEN_OR_OLDER


@pytest.mark.django_db
def test_the_calendar_moves_the_young_on():
    with time_machine.travel("2026-11-24 12:00+01:00", tick=False):
        young = an_insurant(birth_date="2011-11-25")
        old = an_insurant(birth_date="1950-01-01")
    with time_machine.travel("2026-11-25 03:00+01:00", tick=False):
        assert refresh_age_classes() == 1
        assert refresh_age_classes() == 0

    young.refresh_from_db()
    old.refresh_from_db()
    assert (young.age_class, old.age_class) == (AgeClass.FIFTEEN, AgeClass.SIXTEEN_OR_OLDER)


@pytest.mark.django_db
def test_rows_from_before_are_filled_in():
    insurant = an_insurant()
    Insurant.objects.update(age_class=AgeClass.UNKNOWN)
    seen: list[int] = []

    assert refresh_age_classes(tell=seen.append) == 1
    assert seen == [1]
    insurant.refresh_from_db()
    assert insurant.age_class == AgeClass.SIXTEEN_OR_OLDER
