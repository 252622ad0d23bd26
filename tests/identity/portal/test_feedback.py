"""Telling us about a barrier: for everybody, without a log-in, and without a trace in the logs."""

import pytest
import structlog
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import OutgoingMessage
from core.outbox.render import render
from identity.portal import feedback

pytestmark = pytest.mark.django_db
WORDS = {
    "message": "The button <Continue> cannot be read aloud.\nOn the choice page.",
    "contact": "0151 2345678",
}


def send(client: Client, **changes: str):
    return client.post(reverse("identity:feedback"), WORDS | changes)


def test_the_accessibility_statement_leads_to_the_form(nobody: Client):
    statement = nobody.get(reverse("pages:accessibility"))

    assert f'href="{reverse("identity:feedback")}"' in statement.text
    assert nobody.get(reverse("identity:feedback")).status_code == 200


@pytest.mark.parametrize("who", ["nobody", "member"])
def test_a_message_goes_to_whoever_mends_barriers(request: pytest.FixtureRequest, who: str, settings):
    client: Client = request.getfixturevalue(who)

    page = client.post(reverse("identity:feedback"), WORDS, follow=True)

    assert page.redirect_chain == [(reverse("identity:feedback_sent"), 302)]
    assert "Thank you for your message" in page.text
    mail = OutgoingMessage.objects.get()
    assert (mail.template, mail.recipient) == ("identity/feedback", settings.FEEDBACK_EMAIL)
    assert "read aloud" not in mail.key
    subject, text, html = render(mail.template, mail.context, mail.language)
    assert "read aloud" not in subject
    assert WORDS["contact"] in text
    assert "<Continue>" in text
    assert "&lt;Continue&gt;" in html


def test_how_to_answer_may_be_left_out(nobody: Client):
    assert send(nobody, contact="").status_code == 302

    assert OutgoingMessage.objects.get().context["contact"] == ""


@pytest.mark.parametrize("message", ["", "  \n", "x" * 4001])
def test_nothing_and_too_much_is_said_and_not_sent(nobody: Client, message: str):
    page = send(nobody, message=message)

    assert page.status_code == 422
    assert "Error:" in page.text
    assert WORDS["contact"] in page.text
    assert not OutgoingMessage.objects.exists()


def test_clicking_twice_sends_one_mail_and_the_same_words_on_another_day_a_second(nobody: Client):
    with time_machine.travel("2026-12-01T12:00:00Z", tick=False):
        send(nobody)
        send(nobody)
        send(nobody, contact="")
    with time_machine.travel("2026-12-02T12:00:00Z", tick=False):
        send(nobody)

    assert OutgoingMessage.objects.count() == 3


def test_who_writes_too_often_waits_and_loses_no_word(nobody: Client):
    for number in range(feedback.PER_ADDRESS[0]):
        assert send(nobody, message=f"{number}").status_code == 302

    page = send(nobody, message="one too many")

    assert page.status_code == 429
    assert "one too many" in page.text
    assert "Too many attempts" in page.text
    assert OutgoingMessage.objects.count() == feedback.PER_ADDRESS[0]
    elsewhere = nobody.post(reverse("identity:feedback"), WORDS, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302


def test_all_together_cannot_flood_the_mailbox(nobody: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feedback, "FROM_ALL", (1, 60))
    nobody.post(reverse("identity:feedback"), WORDS, REMOTE_ADDR="192.0.2.1")

    assert nobody.post(reverse("identity:feedback"), WORDS, REMOTE_ADDR="192.0.2.2").status_code == 429


def test_what_is_written_stands_in_no_log(nobody: Client, caplog: pytest.LogCaptureFixture):
    with structlog.testing.capture_logs() as logged:
        send(nobody)
        send(nobody, message="")

    assert "read aloud" not in f"{logged}{caplog.text}"
    assert WORDS["contact"] not in f"{logged}{caplog.text}"


def test_a_form_from_another_site_is_refused():
    strict = Client(enforce_csrf_checks=True)

    assert send(strict).status_code == 403
    assert not OutgoingMessage.objects.exists()


def test_the_pages_take_few_queries(nobody: Client, at_most_queries):
    with at_most_queries(10):
        nobody.get(reverse("identity:feedback"))
    with at_most_queries(10):
        send(nobody)
