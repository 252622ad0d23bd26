import pickle

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.test.utils import isolate_apps

from core.encryption import Tampered, lookup_candidates, lookup_hash
from core.encryption.fields import EncryptedTextField, Sealed, sealed_for
from core.ids import uuid7

pytestmark = pytest.mark.django_db


def raw(paper, column):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM papers_paper WHERE id = %s', [paper.pk])  # noqa: S608
        (value,) = cursor.fetchone()
    return None if value is None else bytes(value)


def test_the_column_holds_nothing_readable_and_the_instance_does(papers):
    paper = papers.objects.create(text="Müller", notes={"name": "Özdemir"})

    assert b"ller" not in raw(paper, "text")
    assert b"zdemir" not in raw(paper, "notes")
    again = papers.objects.get()
    assert (again.text, again.notes) == ("Müller", {"name": "Özdemir"})


def test_a_value_is_opened_when_first_read_and_not_before(papers):
    papers.objects.create(text="Müller")
    paper = papers.objects.get()

    assert isinstance(paper.__dict__["text"], Sealed)
    assert repr(paper.__dict__["text"]) == "<sealed>"
    assert paper.text == "Müller"
    assert "Müller" in paper.__dict__.values()


def test_null_stays_null_and_the_empty_text_is_sealed(papers):
    nothing, empty = papers.objects.create(text=None), papers.objects.create(text="")

    assert raw(nothing, "text") is None
    assert raw(empty, "text")
    assert papers.objects.get(pk=empty.pk).text == ""
    assert list(papers.objects.filter(text__isnull=True)) == [nothing]


def test_saving_an_unread_value_keeps_it(papers):
    papers.objects.create(text="Müller")
    paper = papers.objects.get()
    paper.title = "new"
    paper.save()

    assert papers.objects.get().text == "Müller"


def test_a_change_inside_a_json_value_is_saved(papers):
    papers.objects.create(notes={"pages": 1})
    paper = papers.objects.get()
    paper.notes["pages"] = 2
    paper.save()

    assert papers.objects.get().notes == {"pages": 2}


def test_deferred_values_are_fetched_and_opened(papers):
    papers.objects.create(text="Müller")

    assert papers.objects.defer("text").get().text == "Müller"
    assert papers.objects.only("title").get().text == "Müller"


def test_refreshing_shows_what_another_one_saved(papers):
    mine = papers.objects.create(text="old")
    other = papers.objects.get()
    other.text = "new"
    other.save()
    mine.refresh_from_db()

    assert mine.text == "new"


def test_bulk_create_seals_each_row_for_itself(papers):
    papers.objects.bulk_create([papers(text=f"text {number}", number=str(number)) for number in range(3)])

    assert sorted(paper.text for paper in papers.objects.all()) == ["text 0", "text 1", "text 2"]


def test_bulk_update_seals_and_takes_the_hash_along(papers):
    rows = papers.objects.bulk_create([papers(text="old", number=str(number)) for number in range(3)])
    for row in rows:
        row.text, row.number, row.notes = "new " + row.number, "1" + row.number, {"n": row.number}
    papers.objects.bulk_update(rows, ["text", "number", "notes"])

    assert [row.text for row in rows] == ["new 0", "new 1", "new 2"]
    assert sorted(row.text for row in papers.objects.all()) == ["new 0", "new 1", "new 2"]
    assert papers.objects.get(number_hash=lookup_hash("number", "11")).notes == {"n": "1"}


def test_a_plain_value_cannot_be_written_by_update_and_the_error_says_what_to_do(papers):
    with pytest.raises(FieldError, match=r"papers\.Paper\.text.*sealed_for"):
        papers.objects.update(text="plain")


def test_a_value_sealed_for_its_row_can_be_written_by_update(papers):
    paper = papers.objects.create(text="old")
    paper.text = "new"
    papers.objects.filter(pk=paper.pk).update(text=sealed_for(paper, "text"))

    assert papers.objects.get().text == "new"


@pytest.mark.parametrize("search", [{"text": "x"}, {"text__contains": "x"}, {"text__in": ["x"]}, {"notes__key": 1}])
def test_a_sealed_column_cannot_be_searched_and_the_error_says_what_to_do(papers, search):
    with pytest.raises(FieldError, match=r"papers\.Paper\.(text|notes) cannot be searched.*lookup_candidates"):
        papers.objects.filter(**search)


def test_values_are_sealed_and_the_field_opens_them(papers):
    papers.objects.create(text="Müller")
    key, sealed = papers.objects.values_list("pk", "text").get()

    assert str(sealed) == "<sealed>"
    assert papers._meta.get_field("text").open(sealed, key) == "Müller"


def test_swapped_rows_are_noticed(papers):
    one, two = papers.objects.create(text="one"), papers.objects.create(text="two")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET text = %s WHERE id = %s", [raw(two, "text"), one.pk])

    with pytest.raises(Tampered, match=rf"papers_paper, column text, row {one.pk}"):
        _ = papers.objects.get(pk=one.pk).text
    assert papers.objects.get(pk=two.pk).text == "two"


def test_swapped_columns_are_noticed(papers):
    papers.objects.create(text="one", number="two")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET text = number")

    with pytest.raises(Tampered, match="column text"):
        _ = papers.objects.get().text


def test_an_unread_value_is_not_carried_into_a_new_row(papers):
    papers.objects.create(text="one")
    copy = papers.objects.get()
    copy.pk = uuid7()

    with pytest.raises(Tampered):
        copy.save(force_insert=True)


def test_the_hash_follows_its_source(papers):
    paper = papers.objects.create(number="A1")
    assert paper.number_hash == lookup_hash("number", "A1")
    assert papers.objects.get(number_hash__in=lookup_candidates("number", "A1")) == paper

    paper.number = "A2"
    paper.save()
    assert not papers.objects.filter(number_hash__in=lookup_candidates("number", "A1"))
    assert papers.objects.get(number_hash__in=lookup_candidates("number", "A2")) == paper


def test_an_empty_source_has_no_hash(papers):
    papers.objects.bulk_create([papers(number=""), papers(number="")])

    assert papers.objects.filter(number_hash=None).count() == 2


def test_saving_the_source_without_its_hash_is_refused(papers):
    paper = papers.objects.create(number="A1")
    paper.number = "A2"

    with pytest.raises(FieldError, match="save number_hash together with number"):
        paper.save(update_fields=["number"])


def test_a_hash_is_not_compared_with_a_plain_value(papers):
    with pytest.raises(FieldError, match="lookup_candidates"):
        papers.objects.filter(number_hash="A1")


def test_an_instance_survives_pickling_with_its_value_sealed(papers):
    papers.objects.create(text="Müller")
    packed = pickle.dumps(papers.objects.get().__dict__["text"])

    assert "Müller".encode() not in packed


def test_a_text_field_takes_text_only_and_checks_its_length(papers):
    with pytest.raises(FieldError, match="takes text, not int"):
        papers.objects.create(text=5)
    with pytest.raises(ValidationError):
        EncryptedTextField(max_length=3).clean("four", None)


@isolate_apps()
def test_a_model_whose_key_comes_from_the_database_is_refused_by_a_check():
    class Wrong(models.Model):
        text = EncryptedTextField(unique=True)

        class Meta:
            app_label = "papers"

    assert {error.id for error in Wrong._meta.get_field("text").check()} == {"core.E011", "core.E012"}


def test_the_papers_of_these_tests_pass_the_checks(papers):
    assert [error for field in papers._meta.local_fields for error in field.check()] == []
