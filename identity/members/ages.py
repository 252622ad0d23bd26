"""A coarse class of age, in the clear, so that people can be counted without opening their birth dates.

For counts only: whoever decides about a person looks at the birth date. Kept at the import and at each save; `refresh`
follows the calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import models
from django.utils import timezone

from identity.matching import PartialDate
from identity.matching.births import age_on

if TYPE_CHECKING:
    from identity.members.models import Insurant

    _Number = models.PositiveSmallIntegerField[int, int]
else:
    _Number = models.PositiveSmallIntegerField

BATCH: Final = 2_000


class AgeClass(models.IntegerChoices):
    """As the methods' ages divide people (C7): who is represented, who goes to the branch, who may do all."""

    UNKNOWN = 0
    BELOW_FIFTEEN = 1
    FIFTEEN = 2
    SIXTEEN_OR_OLDER = 3


YOUNGEST: Final[dict[AgeClass, int | None]] = {
    AgeClass.UNKNOWN: None,
    AgeClass.BELOW_FIFTEEN: 0,
    AgeClass.FIFTEEN: 15,
    AgeClass.SIXTEEN_OR_OLDER: 16,
}
"""The age that is asked about for a class, so that nobody is promised a way that they are too young for."""


def age_class_of(birth_date: str, day: date) -> AgeClass:
    """Return the class on a day; of an incomplete date the youngest possible one, as `Insurant.age_on` does."""
    try:
        age = age_on(PartialDate.parse(birth_date).latest(), day)
    except ValueError:
        return AgeClass.UNKNOWN
    if age >= 16:
        return AgeClass.SIXTEEN_OR_OLDER
    return AgeClass.FIFTEEN if age == 15 else AgeClass.BELOW_FIFTEEN


class AgeClassField(_Number):
    """Filled in from `birth_date` whenever the row is written whole."""

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        insurant: Any = model_instance
        insurant.age_class = age_class_of(insurant.birth_date, timezone.localdate())
        return int(insurant.age_class)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.PositiveSmallIntegerField", args, kwargs


def refresh_age_classes(tell: Callable[[int], object] = lambda looked_at: None) -> int:
    """Bring the classes of all who are not known to be sixteen up to today; return how many have changed.

    Safe to run at any time and twice. Each batch stands by itself; `tell` is told how many have been looked at.
    """
    from identity.members.models import Insurant

    young = Insurant.objects.filter(age_class__lt=AgeClass.SIXTEEN_OR_OLDER).order_by("pk")
    changed, looked_at, last = 0, 0, UUID(int=0)
    while people := list(young.filter(pk__gt=last).only("pk", "birth_date", "age_class")[:BATCH]):
        changed += _bring_up(people)
        last, looked_at = people[-1].pk, looked_at + len(people)
        tell(looked_at)
    return changed


def _bring_up(people: list[Insurant]) -> int:
    today, moved = timezone.localdate(), defaultdict[tuple[int, AgeClass], list[UUID]](list)
    for person in people:
        now = age_class_of(person.birth_date, today)
        if now != person.age_class:
            moved[person.age_class, now].append(person.pk)
    rows = type(people[0]).objects
    return sum(rows.filter(pk__in=keys, age_class=old).update(age_class=new) for (old, new), keys in moved.items())
