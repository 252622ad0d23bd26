"""Many rows with one statement: what `save` would have done happens as well."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.bulk import copy_new, write_changed
from core.encryption import lookup_hash

pytestmark = pytest.mark.django_db


def test_new_rows_are_sealed_and_hashed_on_the_way(papers):
    rows = [papers(text=f"Müller {number}\t\\N", number=str(number), notes={"n": number}) for number in range(3)]
    copy_new(rows)

    again = papers.objects.get(number_hash=lookup_hash("number", "1"))
    assert (again.pk, again.text, again.notes) == (rows[1].pk, "Müller 1\t\\N", {"n": 1})
    assert papers.objects.count() == 3


def test_null_stays_null_in_new_and_in_changed_rows(papers):
    copy_new([papers(text=None)])
    paper = papers.objects.get()
    assert paper.text is None
    paper.text, paper.title = "", "title"
    write_changed([paper], ["text", "title"])
    assert papers.objects.get().text == ""
    paper.text = None
    write_changed([paper], ["text"])
    assert papers.objects.get().text is None


def test_a_row_that_breaks_a_constraint_takes_all_back(papers):
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_new([papers(number="1"), papers(number="1")])
    assert papers.objects.count() == 0


def test_changed_rows_are_written_with_one_statement_and_no_others_are(papers):
    rows = papers.objects.bulk_create([papers(text="old", title="old", number=str(number)) for number in range(4)])
    for row in rows:
        row.text, row.title, row.number = f"new {row.number}", "new", f"1{row.number}"
    with CaptureQueriesContext(connection) as seen:
        write_changed(rows[:3], ["text", "number"])

    assert len(seen) == 1
    assert sorted(row.text for row in papers.objects.all()) == ["new 0", "new 1", "new 2", "old"]
    assert {row.title for row in papers.objects.all()} == {"old"}
    assert papers.objects.get(number_hash=lookup_hash("number", "11")).pk == rows[1].pk


def test_nothing_to_write_asks_nobody(papers):
    with CaptureQueriesContext(connection) as seen:
        copy_new([])
        write_changed([], ["text"])
    assert len(seen) == 0
