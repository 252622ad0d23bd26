import base64
import json
from collections.abc import Iterable
from io import StringIO
from time import perf_counter

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import audit
from core.actors import SYSTEM
from core.audit.anchors import Anchor, AnchorUnreadable, anchor, read_anchors
from core.audit.chain import GENESIS, Row, audit_key, hash_of
from core.audit.verification import Fault, verify
from core.models import AuditEvent, AuditHead

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail():
    """Ten events."""
    audit.record_many([audit.Event("core.thing.done", ("core.thing", str(n)), SYSTEM, {"n": n}) for n in range(1, 11)])


@pytest.fixture
def anchor_file(settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = tmp_path / "far away" / "anchors.jsonl"
    return settings.AUDIT_ANCHOR_FILE


def found(anchors: Iterable[Anchor] = ()) -> Fault:
    """The fault that a check finds."""
    fault = verify(anchors).fault
    assert fault is not None
    return fault


def tamper(statement, *values):
    """What an administrator of the database could do."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def rewrite_from(seq):
    """Make the chain fit again from a row on, as only somebody who holds the key can."""
    last = bytes(AuditEvent.objects.get(seq=seq - 1).hash) if seq > 1 else GENESIS
    for event in AuditEvent.objects.filter(seq__gte=seq):
        values = [getattr(event, name) for name in Row._fields[:-1]]
        made = hash_of(Row._make([*values, last]), audit_key())
        tamper("UPDATE core_auditevent SET previous_hash = %s, hash = %s WHERE seq = %s", last, made, event.seq)
        last = made
    tamper("UPDATE core_audithead SET hash = %s", last)


def test_a_whole_trail_is_in_order(trail):
    verdict = verify()

    assert (verdict.rows, verdict.fault) == (10, None)


def test_an_empty_trail_is_in_order():
    assert verify().fault is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "core.thing.undone"),
        ("at", "2020-01-01T00:00:00Z"),
        ("subject_id", "other"),
        ("actor_reference", "somebody"),
        ("facts", '{"n": 5, "more": 1}'),
        ("request_id", "r"),
    ],
)
def test_a_changed_column_is_found(trail, column, value):
    tamper(f"UPDATE core_auditevent SET {column} = %s WHERE seq = 5", value)  # noqa: S608

    fault = found()
    assert (fault.seq, fault.kind) == (5, "changed")
    assert "row 5" in fault.explanation


def test_a_missing_row_is_found(trail):
    tamper("DELETE FROM core_auditevent WHERE seq = 5")

    assert (found().seq, found().kind) == (5, "missing")


def test_a_row_written_without_the_key_is_found(trail, settings):
    right, settings.AUDIT_KEY = settings.AUDIT_KEY, base64.b64encode(b"guessed" * 4 + b"1234").decode()
    audit.record("core.thing.forged", ("core.thing", "1"), actor=SYSTEM)
    settings.AUDIT_KEY = right

    assert (found().seq, found().kind) == (11, "changed")


def test_rows_in_another_order_are_found(trail):
    """Row 5 made anew with the key, so that it is right in itself but row 6 no longer follows on it."""
    event = AuditEvent.objects.get(seq=5)
    event.name = "core.thing.other"
    row = Row._make([getattr(event, name) for name in Row._fields])
    tamper(
        "UPDATE core_auditevent SET name = %s, hash = %s WHERE seq = 5",
        event.name,
        hash_of(row._replace(previous_hash=bytes(row.previous_hash)), audit_key()),
    )

    fault = found()
    assert (fault.seq, fault.kind) == (6, "out_of_order")
    assert "does not follow on row 5" in fault.explanation


def test_a_cut_tail_is_found_by_the_head(trail):
    tamper("DELETE FROM core_auditevent WHERE seq > 7")

    assert (found().seq, found().kind) == (8, "cut")


def test_a_cut_tail_with_its_head_set_back_is_found_by_an_anchor(trail, anchor_file):
    anchor()
    tamper("DELETE FROM core_auditevent WHERE seq > 7")
    last = AuditEvent.objects.get(seq=7)
    tamper("UPDATE core_audithead SET seq = 7, hash = %s", bytes(last.hash))

    assert verify().fault is None
    fault = found(read_anchors(anchor_file))
    assert (fault.seq, fault.kind) == (8, "cut")
    assert "row 10 was anchored" in fault.explanation


def test_an_emptied_trail_is_found_by_an_anchor(trail, anchor_file):
    anchor()
    tamper("DELETE FROM core_auditevent")
    tamper("DELETE FROM core_audithead")

    assert (found(read_anchors(anchor_file)).seq, verify().fault) == (1, None)


def test_a_chain_rewritten_with_the_key_is_found_by_an_anchor(trail, anchor_file):
    anchor()
    tamper("UPDATE core_auditevent SET name = 'core.thing.other' WHERE seq = 4")
    rewrite_from(4)

    assert verify().fault is None
    fault = found(read_anchors(anchor_file))
    assert (fault.seq, fault.kind) == (10, "rewritten")


def test_an_event_behind_the_head_is_found(trail):
    tamper("UPDATE core_audithead SET seq = 9")

    assert found().kind == "rewritten"


def test_an_anchor_is_written_once_for_each_new_head(trail, anchor_file):
    first, second = anchor(), anchor()
    audit.record("core.thing.more", ("core.thing", "1"), actor=SYSTEM)
    third = anchor()

    assert first is not None
    assert third is not None
    assert (first.seq, second, third.seq) == (10, None, 11)
    lines = anchor_file.read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [10, 11]
    assert json.loads(lines[0])["hash"] == bytes(AuditEvent.objects.get(seq=10).hash).hex()


def test_an_empty_trail_has_no_anchor(anchor_file):
    assert anchor() is None
    assert not anchor_file.exists()


def test_a_head_behind_its_anchor_is_not_anchored(trail, anchor_file):
    anchor()
    tamper("UPDATE core_audithead SET seq = 3")

    assert anchor() is None
    assert len(anchor_file.read_text().splitlines()) == 1


def test_a_line_that_a_crash_cut_off_spoils_only_itself(trail, anchor_file):
    anchor()
    with anchor_file.open("a") as file:
        file.write('{"seq": 1')
    audit.record("core.thing.more", ("core.thing", "1"), actor=SYSTEM)
    anchor()

    with pytest.raises(AnchorUnreadable, match="line 2 is no anchor"):
        list(read_anchors(anchor_file))
    assert json.loads(anchor_file.read_text().splitlines()[2])["seq"] == 11


def test_the_command_says_that_all_is_well(trail, anchor_file):
    call_command("anchor_audit", stdout=StringIO())
    out = StringIO()
    call_command("verify_audit", stdout=out)

    assert out.getvalue() == "10 rows and 1 anchors are in order\n"


def test_the_command_ends_with_an_error_that_names_the_row(trail, anchor_file):
    tamper("UPDATE core_auditevent SET name = 'x' WHERE seq = 5")

    with pytest.raises(CommandError, match="changed: row 5") as caught:
        call_command("verify_audit", stdout=StringIO())
    assert caught.value.returncode == 1


def test_the_command_does_not_take_a_missing_file_of_anchors_for_an_empty_one(trail, tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("verify_audit", anchors=tmp_path / "none", stdout=StringIO())


def test_an_anchor_between_batches_is_compared(trail):
    wrong = Anchor(3, "00" * 32, "2026-01-01T00:00:00+00:00")

    assert (found([wrong]).seq, found([wrong]).kind) == (3, "rewritten")


@pytest.mark.slow
def test_ten_thousand_rows_are_checked_in_less_than_three_seconds():
    for _ in range(10):
        audit.record_many([audit.Event("core.thing.done", ("core.thing", "1"), SYSTEM, {"n": 1})] * 1000)
    begin = perf_counter()
    verdict = verify()

    assert (verdict.rows, verdict.fault) == (10_000, None)
    assert AuditHead.objects.get().seq == 10_000
    assert perf_counter() - begin < 3
