"""The states as JSON values for programs (M8), and the tag by which they ask cheaply whether anything is new."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from identity.methods.models import Suspension
from identity.methods.rules import readmitted_percent
from identity.providers.registry import provider_named
from identity.status.method_states import MethodState, State
from identity.status.purposes import PurposeOpening, openings_of

SHAPE: Final = "2"
"""Changes with the shape of the answer, so that nobody keeps an old one."""

# Everything that changes the answer: the version of the rules, orders, methods and admissions themselves, and the last
# moment at which one of them began, ended or let in more people by the clock alone.
FACTS = """
SELECT
    (SELECT coalesce(max(id), 0) FROM identity_methodchange),
    (SELECT coalesce(max(id), 0) FROM identity_suspension),
    (SELECT md5(string_agg(m::text, '|' ORDER BY m.code)) FROM identity_method m),
    (SELECT md5(string_agg(a::text, '|' ORDER BY a.id)) FROM identity_methodadmission a),
    (SELECT max(moment) FROM (
        SELECT effective_from AS moment FROM identity_suspension
        UNION ALL SELECT ends_at FROM identity_suspension
        UNION ALL SELECT finish_until FROM identity_suspension
        UNION ALL SELECT ends_at + make_interval(hours => readmission_step_hours * step)
            FROM identity_suspension, generate_series(1, cardinality(readmission_percents)) AS step
        UNION ALL SELECT valid_from::timestamp AT TIME ZONE %(zone)s FROM identity_methodadmission
        UNION ALL SELECT (valid_to + 1)::timestamp AT TIME ZONE %(zone)s FROM identity_methodadmission
    ) AS clock WHERE moment <= %(now)s),
    (SELECT array_agg(code || ' ' || provider ORDER BY code) FROM identity_method WHERE provider <> '')
"""


def tag() -> str:
    """Return a weak entity tag that changes exactly when the feed says something new. One query."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"zone": settings.TIME_ZONE, "now": timezone.now()})
        version, *facts, methods = cursor.fetchone()
    offered = [each for each in methods or [] if _is_offered(*each.split(" "))]
    digest = hashlib.sha256(repr((SHAPE, version, facts, offered)).encode()).hexdigest()
    return f'W/"{version}-{digest[:16]}"'


def _is_offered(code: str, provider: str) -> bool:
    try:
        return provider_named(provider).offers(code)
    except KeyError:
        return False


def is_readable(states: list[MethodState]) -> bool:
    """An answer that says "not known" must be asked for again: it carries no tag."""
    return bool(states) and all(state.state is not State.UNREADABLE for state in states)


def feed(states: list[MethodState]) -> dict[str, Any]:
    """Return the states as JSON values: the public feed and the API."""
    return {
        "as_of": timezone.now().isoformat(),
        "purposes": {purpose.value: _feed_opening(each) for purpose, each in openings_of(states).items()},
        "methods": [_feed_entry(state) for state in states],
    }


def _feed_opening(opening: PurposeOpening) -> dict[str, Any]:
    return {
        "state": opening.openness.value,
        "online": [method.code for method in opening.online],
        "in_person": [method.code for method in opening.in_person],
    }


def _feed_entry(state: MethodState) -> dict[str, Any]:
    method = state.method
    return {
        "code": method.code,
        "name": {"de": method.name_de, "en": method.name_en},
        "setting": method.setting,
        "assurance_level": method.assurance_level.name.lower(),
        "minimum_age": method.minimum_age,
        "recorded_by_staff_only": method.staff_only,
        "state": state.state.value,
        "since": state.since.isoformat() if state.since else None,
        "purposes": {
            each.purpose.value: {
                "open": each.allowed,
                "suspended": each.suspended,
                "open_for_some": each.gradually,
                "known": each.known,
                "admitted_from": each.admitted_from.isoformat() if each.admitted_from else None,
            }
            for each in state.purposes
        },
        "suspensions": [_feed_order(order) for order in [*state.past_orders, *state.orders, *state.planned_orders]],
    }


def _feed_order(order: Suspension) -> dict[str, Any]:
    """What everybody may know of an order. Nobody's name is in it; a planned end that nobody confirmed is none."""
    return {
        "effective_from": order.effective_from.isoformat(),
        "ends_at": order.end.isoformat() if order.end else None,
        "taken_back_at": order.undone_at.isoformat() if order.undone_at else None,
        "readmitted_percent": None if order.undone_at else readmitted_percent(order, timezone.now()),
        "effect": order.effect,
        "finish_until": order.finish_until.isoformat() if order.finish_until else None,
        "void_since": order.void_since.isoformat() if order.void_since else None,
        "authority": order.authority,
        "order_reference": order.order_reference,
        "link": order.link or None,
        "legal_basis": order.legal_basis or None,
        "text": {"de": order.public_text_de, "en": order.public_text_en, "de_plain": order.public_text_plain},
        "purpose": order.purpose or None,
        "provider": order.provider or None,
        "insurer_ik": order.insurer.ik if order.insurer else None,
        "region": order.region or None,
    }
