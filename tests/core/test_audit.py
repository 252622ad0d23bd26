import uuid
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise

import pytest
import structlog
from django.db import DatabaseError, connection, transaction

from core import audit
from core.actors import SYSTEM, Actor, ActorKind
from core.encryption import KeyMissing
from core.models import Account, AuditEvent, AuditHead

CLERK = Actor(ActorKind.CLERK, "7f0c")
SUBJECT = ("core.thing", "1")


@pytest.mark.django_db
def test_an_event_says_what_happened_to_what_and_who_did_it():
    account = Account.objects.create_user("a@b.example")
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        audit.record("core.account.closed", account, actor=CLERK, reason="asked", tries=3)

    event = AuditEvent.objects.get()
    assert (event.seq, event.name) == (1, "core.account.closed")
    assert (event.subject_type, event.subject_id) == ("core.account", str(account.public_id))
    assert (event.actor_kind, event.actor_reference, event.request_id) == ("clerk", "7f0c", "r-1")
    assert event.facts == {"reason": "asked", "tries": 3}


@pytest.mark.django_db
def test_many_events_stand_in_the_order_given():
    audit.record_many([audit.Event(f"core.thing.{number}", SUBJECT, SYSTEM) for number in range(50)])

    assert [event.name for event in AuditEvent.objects.all()] == [f"core.thing.{number}" for number in range(50)]
    assert bytes(AuditHead.objects.get().hash) == bytes(AuditEvent.objects.get(seq=50).hash)


@pytest.mark.django_db
def test_fifty_events_take_two_statements(django_assert_num_queries):
    audit.record("core.thing.first", SUBJECT, actor=SYSTEM)

    with django_assert_num_queries(2):
        audit.record_many([audit.Event("core.thing.next", SUBJECT, SYSTEM, {"n": n}) for n in range(50)])


@pytest.mark.django_db
def test_recording_nothing_is_nothing():
    audit.record_many([])

    assert not AuditHead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction of the change"):
        audit.record("core.thing.done", SUBJECT, actor=SYSTEM)


@pytest.mark.django_db
def test_an_event_goes_away_with_the_change_that_is_rolled_back():
    audit.record("core.thing.first", SUBJECT, actor=SYSTEM)
    with suppress(ZeroDivisionError), transaction.atomic():
        audit.record("core.thing.undone", SUBJECT, actor=SYSTEM)
        _ = 1 / 0
    audit.record("core.thing.second", SUBJECT, actor=SYSTEM)

    assert [(event.seq, event.name) for event in AuditEvent.objects.all()] == [
        (1, "core.thing.first"),
        (2, "core.thing.second"),
    ]


@pytest.mark.django_db
def test_facts_are_kept_as_plain_values():
    day, moment, key = date(2026, 2, 3), datetime(2026, 2, 3, 4, 5, tzinfo=UTC), uuid.uuid4()
    audit.record(
        "core.thing.done", SUBJECT, actor=SYSTEM,
        day=day, moment=moment, key=key, kind=ActorKind.CLERK, nothing=None, yes=True, codes=["a", 1],
    )  # fmt: skip

    assert AuditEvent.objects.get().facts == {
        "day": "2026-02-03",
        "moment": "2026-02-03T04:05:00+00:00",
        "key": str(key),
        "kind": "clerk",
        "nothing": None,
        "yes": True,
        "codes": ["a", 1],
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"Reason": "x"}, "snake_case"),
        ({"reason": "x" * 201}, "reason: longer than 200"),
        ({"reason": "a\nb"}, "cannot be printed"),
        ({"reason": "a\x00b"}, "cannot be printed"),
        ({"reason": 1.5}, "float is not allowed"),
        ({"reason": {"a": 1}}, "dict is not allowed"),
        ({"reason": [["a"]]}, "list in a list"),
        ({"reason": "is A123456780"}, "reason: looks like personal data"),
        ({"reason": "anna@example.org"}, "reason: looks like personal data"),
    ],
)
def test_facts_that_are_no_codes_are_refused_without_repeating_them(facts, said):
    with pytest.raises(ValueError, match=said) as caught:
        audit.record_many([audit.Event("core.thing.done", SUBJECT, SYSTEM, facts)])

    assert "A123456780" not in str(caught.value)
    assert "anna" not in str(caught.value)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_an_unsaved_subject_is_refused():
    with pytest.raises(ValueError, match="saved first"):
        audit.record("core.account.made", Account(), actor=SYSTEM)


@pytest.mark.django_db
def test_without_its_key_nothing_is_recorded(settings):
    settings.AUDIT_KEY = ""

    with pytest.raises(KeyMissing, match="AUDIT_KEY is empty"):
        audit.record("core.thing.done", SUBJECT, actor=SYSTEM)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET name = 'other'",
        "DELETE FROM core_auditevent",
        "TRUNCATE core_auditevent",
        "DELETE FROM core_audithead",
        "TRUNCATE core_audithead",
        "UPDATE core_audithead SET seq = seq",
        "UPDATE core_audithead SET seq = seq - 1",
        "INSERT INTO core_audithead (id, seq, hash) VALUES (2, 0, '')",
    ],
)
def test_the_database_refuses_to_change_the_past(statement):
    audit.record("core.thing.done", SUBJECT, actor=SYSTEM)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().name == "core.thing.done"


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_make_one_chain(at_once):
    def write(number):
        for step in range(25):
            with transaction.atomic():
                audit.record("core.thing.done", ("core.thing", str(number)), actor=SYSTEM, step=step)

    assert at_once(*[partial(write, number) for number in range(8)]) == [None] * 8

    events = list(AuditEvent.objects.all())
    assert [event.seq for event in events] == list(range(1, 201))
    assert all(bytes(later.previous_hash) == bytes(earlier.hash) for earlier, later in pairwise(events))
    assert AuditHead.objects.get().seq == 200


@pytest.mark.django_db(transaction=True)
def test_the_first_two_writers_of_all_make_one_head(at_once):
    def write(_number):
        with transaction.atomic():
            audit.record("core.thing.done", SUBJECT, actor=SYSTEM)

    assert at_once(*[partial(write, number) for number in range(2)]) == [None] * 2
    assert [event.seq for event in AuditEvent.objects.all()] == [1, 2]
