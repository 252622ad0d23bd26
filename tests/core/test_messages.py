"""The mails about accounts, and how they arrive."""

import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command

from core import outbox
from core.models import OutgoingMessage
from core.outbox.render import render

CONTEXT = {
    "code": "ABC-DEF",
    "signup_url": "https://vorweis.example/signup/",
    "password_reset_url": "https://vorweis.example/password/reset/",
}


@pytest.mark.parametrize(
    "name", ["email_confirmation_signup", "email_confirmation", "password_reset_code", "login_code"]
)
def test_a_code_stands_in_the_mail_and_not_in_its_subject(name):
    subject, text, html = render(f"account/{name}", CONTEXT, "en")

    assert "ABC-DEF" in text
    assert "ABC-DEF" in html
    assert "ABC-DEF" not in subject


@pytest.mark.parametrize(
    ("name", "link"), [("account_already_exists", "password_reset_url"), ("unknown_account", "signup_url")]
)
def test_a_link_stands_in_text_and_html(name, link):
    _subject, text, html = render(f"account/{name}", CONTEXT, "en")

    assert CONTEXT[link] in text
    assert f'href="{CONTEXT[link]}"' in html


def test_a_text_is_not_escaped_and_html_is():
    subject, text, html = render("core/test", {"note": "<b> & Söhne", "site_name": "A & B"}, "en")

    assert subject == "Test message from A & B"
    assert "<b> & Söhne" in text
    assert "&lt;b&gt; &amp; Söhne" in html


def test_every_mail_says_whom_to_call_and_where_it_comes_from(settings):
    _subject, text, html = render("core/test", {}, "en")

    for body in (text, html):
        assert settings.CONTACT_PHONE in body
        assert settings.BASE_URL in body
    assert '<html lang="en">' in html


class Letterbox:
    """Takes every mail; may refuse recipients for good."""

    def __init__(self):
        self.mails, self.refuse = [], False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def letterbox(settings):
    box = Letterbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield box
    controller.stop()


@pytest.mark.django_db
def test_a_mail_arrives_over_smtp_with_everything_that_marks_it(letterbox):
    outbox.enqueue("k", "core/test", to="anna@example.org", context={"note": "Grüße"}, language="en")
    assert outbox.deliver_due() == 1

    (received,) = letterbox.mails
    assert received["to"] == "anna@example.org"
    assert received["auto-submitted"] == "auto-generated"
    assert received["content-language"] == "en"
    assert received["message-id"].endswith("@vorweis.example>")
    assert "Grüße" in received.get_body(("plain",)).get_content()
    assert "Grüße" in received.get_body(("html",)).get_content()


@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_not_tried_again(letterbox):
    letterbox.refuse = True
    outbox.enqueue("k", "core/test", to="anna@example.org", context={})
    outbox.deliver_due()

    message = OutgoingMessage.objects.get()
    assert (message.state, message.last_error) == ("dead", "smtp_550")


@pytest.mark.django_db
def test_the_command_sends_a_test_message(letterbox, capsys):
    call_command("send_test_message", "anna@example.org")

    assert capsys.readouterr().out == "1 sent\n"
    assert len(letterbox.mails) == 1
