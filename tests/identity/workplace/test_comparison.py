"""Register and document side by side: what differs, what does not count, what proves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent
from identity.cases.models import Result, Review
from identity.cases.states import AttemptState, CaseState
from identity.matching.verdict import Difference
from identity.portal import reasons as told
from identity.workplace import words
from identity.workplace.comparison import Row, address_line, birth_date, rows_of
from identity.workplace.differences import DIFFERENCES, KNOWN_FOR_ANOTHER, sentences
from identity.workplace.words import problem, reason
from tests.factories import a_case, a_review, an_attempt, an_insurant
from tests.identity.workplace.conftest import Login, text_of

pytestmark = pytest.mark.django_db
HASH = b"h" * 32


def rows(person: dict[str, Any], codes: list[str], **register: Any) -> dict[str, Row]:
    usual = {"given_names": "Erika", "family_name": "Mustermann", "birth_date": "1964-08-12"}
    return {row.label: row for row in rows_of(an_insurant(**register), usual | person, codes)}


def test_every_difference_has_a_sentence():
    assert set(DIFFERENCES) == {*Difference, KNOWN_FOR_ANOTHER}
    assert len({str(each.sentence) for each in DIFFERENCES.values()}) == len(DIFFERENCES)
    assert sentences(["something_new"]) == ["something_new"]


def test_what_differs_is_marked_and_said_in_words():
    found = rows({"family_name": "Musterfrau"}, ["family_name_differs"])

    assert (found["Family name"].differs, found["Family name"].note) == (True, "The family names are different.")
    assert (found["Given names"].differs, found["Given names"].verdict) == (False, "same")


def test_another_way_of_writing_counts_as_the_same():
    found = rows({"family_name": "MUELLER"}, [], family_name="Müller")

    assert not found["Family name"].differs
    assert found["Family name"].verdict == "same"
    assert "Written differently" in found["Family name"].note


def test_a_prefix_stands_with_the_family_name():
    assert rows({}, [], family_name="Berg", name_prefix="von")["Family name"].left == "von Berg"


def test_what_the_provider_did_not_check_is_never_called_the_same():
    found = rows({"unchecked": ["given_names"]}, ["unchecked_given_names"])

    assert (found["Given names"].differs, found["Given names"].verdict) == (True, "not checked")


def test_an_unchecked_birth_name_is_not_called_the_same():
    found = rows({"birth_name": "Gabler", "unchecked": ["birth_name"]}, [], birth_name="Gabler")

    assert (found["Birth name"].differs, found["Birth name"].verdict) == (False, "not checked")


@pytest.mark.parametrize(
    ("register", "document", "verdict"),
    [
        ("", "", "neither side has one"),
        ("Gabler", "", "missing on the document"),
        ("", "Gabler", "not in the register"),
        ("Gabler", "GABLER", "same"),
        ("Gabler", "Weber", "different"),
    ],
)
def test_a_birth_name_is_told_as_it_is(register: str, document: str, verdict: str):
    found = rows({"birth_name": document}, ["family_name_differs"], birth_name=register)["Birth name"]

    assert (found.verdict, found.differs) == (verdict, False)


def test_swapped_names_mark_both_rows():
    found = rows({"given_names": "Mustermann", "family_name": "Erika"}, ["names_swapped"])

    assert found["Given names"].differs
    assert found["Family name"].differs


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1964-08-12", "12.08.1964"), ("1964-08-00", "–.08.1964"), ("1964-00-00", "–.–.1964"), ("soon", "soon"), ("", "")],
)
def test_a_birth_date_is_shown_in_figures(text: str, shown: str):
    assert birth_date(text) == shown


def test_an_address_of_the_document_is_one_line():
    assert address_line({"street": "Heidestraße", "house_number": "17", "postcode": "51147", "city": "Köln"}) == (
        "Heidestraße 17, 51147 Köln"
    )
    assert address_line(None) == ""


def test_codes_have_words_for_staff_and_unknown_ones_stay():
    assert problem("http_502") == "The provider answered with an error (HTTP 502)."
    assert problem("new_code") == "new_code"
    assert reason("suspected_fraud") == "Suspected fraud (the person is not told)"
    assert reason("pin_blocked") == "PIN of the ID card blocked"
    assert reason("timeout") == "The provider did not answer in time."


def test_every_reason_that_people_are_told_has_words_for_staff_too():
    assert {*told.REASONS, *told.SAME_AS} - {*words.REASONS} == set()


@pytest.fixture
def first(browser: Login, clerk: Account) -> Client:
    return browser(clerk)


def test_the_page_shows_both_sides_and_the_document(first: Client):
    review = a_review()
    result = Result.objects.get(attempt=review.attempt)
    result.person |= {"birth_place": "Berlin", "address": {"street": "Am Markt", "city": "Bonn", "postcode": "53111"}}
    result.document_expires_on = timezone.localdate() - timedelta(days=2)
    result.save()
    shown = text_of(first.get(reverse("workplace:review", args=[review.pk])))

    for part in ("Mustermann", "Musterfrau", "The family names are different.", "ID card", "DEU", "Berlin",
                  "Am Markt, 53111 Bonn", "Heidestraße 17, 51147 Köln", "In a post office",
                  "expired before the identification"):  # fmt: skip
        assert part in shown, part


def test_a_register_corrected_meanwhile_is_compared_as_it_stands_today(first: Client):
    review = a_review()
    insurant = review.case.insurant
    assert "The register has changed" not in text_of(first.get(reverse("workplace:review", args=[review.pk])))

    insurant.family_name = "Musterfrau"
    insurant.save()
    response = first.get(reverse("workplace:review", args=[review.pk]))
    assert [row.differs for row in response.context["rows"]] == [False] * 4
    assert "The register has changed since the result came" in text_of(response)
    assert "The family names are different." in text_of(response)


def test_who_has_died_since_the_result_came_is_told_as_such(first: Client):
    review = a_review()
    type(review.case.insurant).objects.filter(pk=review.case.insurant_id).update(died_on=timezone.localdate())

    shown = text_of(first.get(reverse("workplace:review", args=[review.pk])))
    assert "According to the register the insured person has died." in shown


def test_names_are_no_part_of_titles_and_addresses(first: Client):
    review = a_review()
    response = first.get(reverse("workplace:review", args=[review.pk]))
    page = response.content.decode()

    assert "Muster" not in page[page.index("<title>") : page.index("</title>")]
    assert not any("Muster" in part for part in page.split('href="')[1:] if "Muster" in part.split('"')[0])


def test_a_result_without_a_document_can_be_looked_at(first: Client):
    review = a_review(differences=["missing_given_names", "missing_family_name", "missing_birth_date"])
    result = Result.objects.get(attempt=review.attempt)
    result.person, result.document_type, result.identified_at = {}, "", None
    result.save()
    response = first.get(reverse("workplace:review", args=[review.pk]))

    assert response.status_code == 200
    assert "No date of birth was read from the document." in text_of(response)


def identified_by_the_same_document(**given: Any) -> Any:
    other = a_case(CaseState.IDENTIFIED, insurant=an_insurant(given_names="Johanna", family_name="Zweitmann", **given))
    attempt = an_attempt(AttemptState.SUCCEEDED, case=other)
    Result.objects.create(
        attempt=attempt, case=other, method_used="postident_branch", received_at=timezone.now(), person={},
        person_hash=HASH, verdict="match", level_reached=3, granted_at=timezone.now(),
    )  # fmt: skip
    return other


def second_person() -> Review:
    review = a_review(kind=Review.Kind.SECOND_PERSON, differences=[KNOWN_FOR_ANOTHER])
    Result.objects.filter(attempt=review.attempt).update(person_hash=HASH)
    return review


def test_two_people_with_one_document_stand_side_by_side_and_both_looks_are_recorded(first: Client):
    other, review = identified_by_the_same_document(), second_person()
    response = first.get(reverse("workplace:review", args=[review.pk]))

    assert "The person on this document has already identified another insured person with us." in text_of(response)
    assert "Zweitmann" in text_of(response)
    assert reverse("workplace:case", args=[other.public_id]) in response.content.decode()
    looks = AuditEvent.objects.filter(name="identity.case.viewed").values_list("subject_id", "facts__page")
    assert set(looks) == {(str(review.case.public_id), "review"), (str(other.public_id), "compared")}


def test_who_is_the_other_person_does_not_decide_either(first: Client, clerk: Account):
    identified_by_the_same_document(account=clerk)
    review = second_person()

    assert first.get(reverse("workplace:review", args=[review.pk])).status_code == 403
