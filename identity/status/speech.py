"""The text for the telephone announcement: short, and written for the ear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.methods.choices import Purpose
from identity.methods.models import Method, Suspension
from identity.status.method_states import MethodState, State, method_states
from identity.status.notices import Notice, notices_of
from identity.status.purposes import Openness, PurposeOpening, openings_of

DAY: Final = {"de": "j. F Y", "en": "j F Y"}
CLOCK: Final = {"de": r"G \U\h\r", "en": "g A"}
CLOCK_WITH_MINUTES: Final = {"de": r"G \U\h\r i", "en": "g:i A"}
IN_BRACKETS = re.compile(r"\s*\([^)]*\)")


def announcement(language: str = "de") -> str:
    """Return what the telephone says: which ways are suspended, what is open instead. Never "open" when not known."""
    with translation.override(language):
        try:
            states = method_states()
        except DatabaseError:
            states = []
        return "\n".join(_sentences(states, language)) + "\n"


def _sentences(states: list[MethodState], language: str) -> list[str]:
    hello = _("Hello. This is about the ways to identify yourself.")
    openings = openings_of(states)
    if any(each.openness is Openness.UNKNOWN for each in openings.values()):
        return [hello, _("At the moment we cannot tell which ways are open. Please stay on the line.")]
    news = notices_of(states)
    said = [hello, *(_about(each, language) for each in news)]
    if not news:
        said.append(_("Nothing has changed."))
    said += _about_purposes([openings[purpose] for purpose in Purpose])
    said += _long_suspended(states, {each.method.pk for each in news}, language)
    said.append(_("If you have access to your electronic patient record already, you keep it."))
    said.append(_("Last updated on %(day)s at %(time)s.") % _day_and_time(timezone.now(), language))
    return said


def _about(notice: Notice, language: str) -> str:
    order = notice.order
    given = {"method": _spoken(order.method), **_day_and_time(order.effective_from, language)}
    if notice.is_planned:
        sentence = _("From %(day)s at %(time)s this way can no longer be used: %(method)s.") % given
    else:
        sentence = _("Since %(day)s this way can no longer be used: %(method)s.") % given
    return " ".join([sentence, *_only(order), *_end(order, language)])


def _only(order: Suspension) -> list[str]:
    said = []
    if order.purpose:
        said.append(_("This holds only for: %(purpose)s.") % {"purpose": _purpose(Purpose(order.purpose))})
    if order.insurer:
        said.append(_("This holds only for people insured with: %(insurer)s.") % {"insurer": order.insurer.name})
    if order.region:
        said.append(_("This holds only in one region: %(region)s.") % {"region": order.region})
    return said


def _end(order: Suspension, language: str) -> list[str]:
    if order.end is None:
        return []
    return [_("It is expected to be possible again on %(day)s at %(time)s.") % _day_and_time(order.end, language)]


def _about_purposes(openings: list[PurposeOpening]) -> list[str]:
    """One sentence for both purposes when the same is open for them: it is shorter to listen to."""
    first, second = openings
    names = [_purpose(each.purpose) for each in openings]
    if first.ways == second.ways:
        return [_about_purpose(first, _("%(first)s and the %(second)s") % {"first": names[0], "second": names[1]})]
    return [_about_purpose(opening, name) for opening, name in zip(openings, names, strict=True)]


def _about_purpose(opening: PurposeOpening, purpose: str) -> str:
    match opening.openness:
        case Openness.ONLINE:
            ways = {"purpose": purpose, "online": _list(opening.online), "in_person": _list(opening.in_person)}
            if opening.in_person:
                return _("For the %(purpose)s you can use, online: %(online)s. In person: %(in_person)s.") % ways
            return _("For the %(purpose)s you can use, online: %(online)s.") % ways
        case Openness.IN_PERSON:
            return _("For the %(purpose)s no way is open online. In person you can use: %(in_person)s.") % {
                "purpose": purpose, "in_person": _list(opening.in_person),
            }  # fmt: skip
    return _("For the %(purpose)s no way is open at the moment. Please stay on the line.") % {"purpose": purpose}


def _long_suspended(states: list[MethodState], told: set[str], language: str) -> list[str]:
    """Ways that have been suspended for so long that they are no news: one sentence for each day."""
    old = [
        (_day(state.since, language), state.method)
        for state in states
        if state.state is State.SUSPENDED and state.method.pk not in told and state.since
    ]
    return [
        _("Still suspended, since %(day)s: %(methods)s.") % {"day": day, "methods": _list(each[1] for each in group)}
        for day, group in groupby(old, key=itemgetter(0))
    ]


def _purpose(purpose: Purpose) -> str:
    return _("app of the electronic patient record") if purpose is Purpose.EPA else _("PIN of the health card")


def _spoken(method: Method) -> str:
    """A name without what stands in brackets: it is for the eye."""
    return IN_BRACKETS.sub("", method.name)


def _list(methods: Iterable[Method]) -> str:
    names: Sequence[str] = [_spoken(method) for method in methods]
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s or %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _day(moment: date, language: str) -> str:
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(local, DAY[language])


def _day_and_time(moment: datetime, language: str) -> dict[str, str]:
    local = timezone.localtime(moment)
    clock = CLOCK_WITH_MINUTES if local.minute else CLOCK
    return {"day": _day(moment, language), "time": date_format(local, clock[language])}
