"""Was this page helpful? Taken from everybody, kept sealed, forgotten after a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.status.feedback import feedback_by_week, forget_feedback
from identity.status.models import LONGEST, StatusFeedback
from tests.identity.workplace.conftest import text_of

pytestmark = pytest.mark.django_db
SEND = reverse("identity:status_helpful")


def send(client: Client, **given: str):
    return client.post(SEND, {"page": "status", "helpful": "yes"} | given)


def test_an_answer_is_kept_and_thanked_for(nobody):
    answer = send(nobody, helpful="no", text="  I did not find the telephone number.  ")
    assert answer["Location"] == reverse("identity:status_thanks")
    assert "Thank you" in text_of(nobody.get(answer["Location"]))
    kept = StatusFeedback.objects.get()
    assert (kept.page, kept.helpful, kept.has_text) == ("status", False, True)
    assert kept.text == "I did not find the telephone number."
    assert kept.language == "en"


def test_a_text_is_not_needed(nobody):
    send(nobody, page="plain")
    kept = StatusFeedback.objects.get()
    assert (kept.page, kept.helpful, kept.text, kept.has_text) == ("plain", True, "", False)


def test_the_text_lies_sealed_and_without_numbers(nobody):
    send(nobody, text="My number is A123456780, write to erika@example.org please")
    assert StatusFeedback.objects.get().text == "My number is [removed], write to [removed] please"
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM identity_statusfeedback")
        assert b"number" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"helpful": ""}, "Choose yes or no."),
        ({"helpful": "perhaps"}, "perhaps"),
        ({"text": "x" * (LONGEST + 1)}, str(LONGEST)),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(nobody, given, words):
    answer = send(nobody, **{"text": "Typed with care"} | given)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert given.get("text", "Typed with care") in answer.text
    assert not StatusFeedback.objects.exists()


def test_the_plain_page_says_it_in_plain_german(nobody):
    answer = nobody.post(SEND, {"page": "plain"})
    assert answer.status_code == 422
    assert "War diese Seite gut für Sie?" in text_of(answer)


def test_an_unknown_page_is_refused(nobody):
    assert send(nobody, page="other").status_code == 422
    assert not StatusFeedback.objects.exists()


def test_one_address_can_write_a_few_times_an_hour(nobody, settings):
    settings.STATUS_FEEDBACK_LIMITS = {"address": (2, 3600), "global": (9, 3600)}
    assert [send(nobody).status_code for _ in range(3)] == [302, 302, 429]
    assert StatusFeedback.objects.count() == 2


def test_all_together_can_write_only_so_much(settings):
    settings.STATUS_FEEDBACK_LIMITS = {"address": (5, 3600), "global": (2, 3600)}
    answers = [Client(REMOTE_ADDR=f"192.0.2.{place}").post(SEND, {"page": "status", "helpful": "yes"})
               for place in range(3)]  # fmt: skip
    assert [each.status_code for each in answers] == [302, 302, 429]


def test_it_cannot_be_sent_from_elsewhere():
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    assert not StatusFeedback.objects.exists()


def test_a_look_at_the_address_sends_nothing(nobody):
    assert nobody.get(SEND).status_code == 405


def test_answers_are_forgotten_after_their_time(nobody, settings):
    settings.STATUS_FEEDBACK_DAYS = 30
    send(nobody)
    send(nobody, helpful="no")
    StatusFeedback.objects.filter(helpful=True).update(given_at=timezone.now() - timedelta(days=31))
    assert forget_feedback() == 1
    assert not StatusFeedback.objects.get().helpful


def test_answers_are_counted_by_week(nobody, time_machine):
    send(nobody)
    send(nobody, helpful="no", text="Too long")
    time_machine.move_to(timezone.now() + timedelta(weeks=1))
    send(nobody)
    latest, before = feedback_by_week()
    assert (latest.helpful, latest.not_helpful, latest.texts) == (1, 0, 0)
    assert (before.helpful, before.not_helpful, before.texts) == (1, 1, 1)
    assert latest.monday - before.monday == timedelta(weeks=1)
    assert latest.monday.weekday() == 0
