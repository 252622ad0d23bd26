from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core.encryption import KeyMissing, Tampered, lookup_hash
from core.encryption.rotation import outdated, rotate, usage
from core.limits import hit
from core.models import OutgoingMessage
from core.outbox.services import enqueue


def some_papers(papers, count):
    return papers.objects.bulk_create([papers(text=f"text {number}", number=f"A{number}") for number in range(count)])


@pytest.fixture
def mid_rotation(papers, key_ring):
    """Five rows under an old key, and a ring whose first key is new."""
    key_ring("old")
    some_papers(papers, 5)
    papers.objects.create(text=None)
    key_ring("new", "old")
    return papers


@pytest.mark.django_db
def test_rotation_brings_every_row_under_the_new_key_so_that_the_old_one_can_go(mid_rotation, key_ring):
    assert rotate(mid_rotation, batch_size=2) == 6
    key_ring("new")

    assert sorted(paper.text or "" for paper in mid_rotation.objects.all()) == ["", *(f"text {n}" for n in range(5))]
    assert mid_rotation.objects.get(number_hash=lookup_hash("number", "A3")).text == "text 3"
    assert rotate(mid_rotation) == 0


@pytest.mark.django_db
def test_a_rotation_that_was_stopped_goes_on_where_it_was(mid_rotation):
    class Stopped(Exception):
        pass

    def stop(_count):
        raise Stopped

    with pytest.raises(Stopped):
        rotate(mid_rotation, batch_size=2, tell=stop)

    assert outdated(mid_rotation).count() == 4
    assert rotate(mid_rotation, batch_size=2) == 4


@pytest.mark.django_db
def test_usage_counts_rows_by_key(mid_rotation):
    rotate(mid_rotation, batch_size=2, tell=lambda _count: None)
    mid_rotation.objects.create(text="x", number="A9")

    counts = {(line.column, line.key_id): line.rows for line in usage(mid_rotation)}
    assert counts == {("text", "new"): 6, ("number", "new"): 7, ("notes", "new"): 7, ("number_hash", "new"): 6}


@pytest.mark.django_db
def test_usage_names_a_key_that_is_gone(mid_rotation, key_ring):
    key_ring("new")

    assert all(line.key_id.startswith("unknown ") and not line.current for line in usage(mid_rotation))
    with pytest.raises(KeyMissing):
        rotate(mid_rotation)


@pytest.mark.django_db
def test_a_row_that_does_not_open_stops_the_rotation_and_is_named(mid_rotation):
    victim = mid_rotation.objects.order_by("pk").last()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET number = notes WHERE id = %s", [victim.pk])

    with pytest.raises(Tampered, match=f"column number, row {victim.pk}"):
        rotate(mid_rotation, batch_size=2)


@pytest.mark.django_db
def test_the_command_rotates_the_outbox_although_a_trigger_guards_it(key_ring):
    key_ring("old")
    enqueue("a", "core/test", to="a@b.example", context={})
    key_ring("new", "old")
    out = StringIO()
    call_command("rotate_keys", dry_run=True, stdout=out)
    assert "core_outgoingmessage.recipient  old (old)  1" in out.getvalue()

    call_command("rotate_keys", stdout=out)
    assert "core_outgoingmessage  1 rows renewed" in out.getvalue()
    key_ring("new")
    assert OutgoingMessage.objects.get().recipient == "a@b.example"


@pytest.mark.django_db
def test_a_hash_that_the_row_alone_cannot_make_again_is_counted_and_left(key_ring):
    key_ring("old")
    hit("link", "me", limit=1, per_seconds=60)
    key_ring("new", "old")
    out = StringIO()
    call_command("rotate_keys", stdout=out)

    assert "core_ratelimit.key_hash  still under old: 1" in out.getvalue()


@pytest.mark.django_db
def test_the_command_says_which_key_is_missing(key_ring):
    key_ring("old")
    enqueue("a", "core/test", to="a@b.example", context={})
    key_ring("new")

    with pytest.raises(CommandError, match="ENCRYPTION_KEYS holds no key"):
        call_command("rotate_keys", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_others_read_while_the_rotation_runs(papers, key_ring):
    key_ring("old")
    some_papers(papers, 40)
    key_ring("new", "old")
    over = Event()
    seen: list[list[str]] = []
    wrong: list[object] = []

    def read():
        try:
            while not over.is_set() or not seen:
                texts = sorted(paper.text for paper in papers.objects.all())
                seen.append(texts)
                if texts != sorted(f"text {number}" for number in range(40)):
                    wrong.append(texts)
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    reader = Thread(target=read)
    reader.start()
    assert rotate(papers, batch_size=4) == 40
    over.set()
    reader.join(10)

    assert seen
    assert wrong == []
