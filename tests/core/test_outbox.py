import smtplib
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import outbox
from core.models import OutgoingMessage
from core.outbox import services
from core.outbox.mail import Mailbox
from core.outbox.states import MessageNotDead, MessageState


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """The tasks that were woken, instead of a broker."""
    names: list[str] = []
    monkeypatch.setattr(services, "wake", names.append)
    return names


class Post:
    """A mail system that answers with the next of `answers`: an exception is raised, everything else is a success."""

    def __init__(self, *answers):
        self.answers, self.sent, self.in_transaction, self.opened = list(answers), [], [], 0

    def open(self):
        self.opened += 1

    def close(self):
        pass

    def send_messages(self, messages):
        self.in_transaction.append(connection.in_atomic_block)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.extend(messages)


@pytest.fixture
def post(monkeypatch):
    def answering(*answers):
        system = Post(*answers)
        monkeypatch.setattr("core.outbox.mail.get_connection", lambda: system)
        return system

    return answering


def a_message(key="core.test.1", **changes):
    outbox.enqueue(key, "core/test", to="anna@example.org", context={"note": "Grüße & Küsse"})
    OutgoingMessage.objects.filter(key=key).update(**changes)
    return OutgoingMessage.objects.get(key=key)


@pytest.mark.django_db
def test_a_message_is_sent_in_its_language_as_text_and_html():
    a_message()

    assert outbox.deliver_due() == 1
    (sent,) = mail.outbox
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert sent.to == ["anna@example.org"]
    assert "Grüße & Küsse" in sent.body
    html = str(sent.alternatives[0][0])
    assert "Grüße &amp; Küsse" in html
    assert "<html" in html
    message = OutgoingMessage.objects.get()
    assert (message.state, message.tries, message.claimed_until) == (MessageState.SENT, 1, None)
    assert message.sent_at


@pytest.mark.django_db
def test_the_message_id_is_the_same_for_each_try_and_another_for_each_key(post):
    first, second = a_message("a"), a_message("b")
    system = post()
    mailbox = Mailbox()
    for message in (first, first, second):
        mailbox.send(message)

    ids = [sent.extra_headers["Message-ID"] for sent in system.sent]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@vorweis.example>")


@pytest.mark.django_db
def test_the_same_key_is_sent_once():
    for _ in range(3):
        a_message("core.test.1")

    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_many_messages_with_a_double_among_them_are_kept_once_each():
    outbox.enqueue_many([outbox.Message(f"k{n % 9}", "core/test", "a@b.example", {"note": str(n)}) for n in range(10)])

    assert OutgoingMessage.objects.count() == 9
    assert OutgoingMessage.objects.get(key="k0").context == {"note": "0"}


@pytest.mark.django_db
def test_nothing_is_sent_for_a_change_that_was_rolled_back():
    with suppress(ZeroDivisionError), transaction.atomic():
        a_message()
        _ = 1 / 0

    assert outbox.deliver_due() == 0


@pytest.mark.django_db
def test_recipient_and_context_lie_sealed_in_the_database():
    a_message()
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_outgoingmessage::text FROM core_outgoingmessage")
        row = cursor.fetchone()[0]

    assert b"anna@example.org".hex() not in row
    assert "anna" not in row


@pytest.mark.django_db
def test_the_worker_is_woken_once_for_each_transaction(woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        a_message("a")
        a_message("b")
        assert woken == []

    assert woken == ["core.deliver_messages"]


@pytest.mark.django_db(transaction=True)
def test_the_mail_system_is_called_with_no_transaction_open(post):
    a_message()
    system = post()

    assert outbox.deliver_due() == 1
    assert system.in_transaction == [False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ConnectionRefusedError(), "mail_system_unreachable"),
        (TimeoutError(), "mail_system_unreachable"),
        (smtplib.SMTPServerDisconnected("x"), "mail_system_unreachable"),
        (smtplib.SMTPAuthenticationError(535, b"x"), "smtp_535"),
        (smtplib.SMTPDataError(451, b"x"), "smtp_451"),
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (450, b"x")}), "smtp_450"),
    ],
)
def test_what_may_heal_is_tried_again_later(post, failure, code):
    a_message()
    post(failure)
    assert outbox.deliver_due() == 0

    message = OutgoingMessage.objects.get()
    assert (message.state, message.last_error, message.claimed_until) == (MessageState.WAITING, code, None)
    assert timedelta(seconds=20) < message.next_try_at - timezone.now() < timedelta(seconds=40)
    assert outbox.deliver_due() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (550, b"x")}), "smtp_550"),
        (smtplib.SMTPDataError(554, b"x"), "smtp_554"),
        (ValueError("header"), "malformed"),
    ],
)
def test_what_never_heals_is_given_up_at_once(post, failure, code):
    a_message()
    post(failure)
    outbox.deliver_due()

    message = OutgoingMessage.objects.get()
    assert (message.state, message.last_error, message.tries) == (MessageState.DEAD, code, 1)


@pytest.mark.django_db
def test_one_failure_does_not_hold_up_the_others_and_the_connection_is_opened_anew(post):
    a_message("a")
    a_message("b")
    system = post(ConnectionResetError())

    assert outbox.deliver_due() == 1
    assert system.opened == 2


@pytest.mark.django_db
def test_a_broken_template_waits_for_the_next_release_and_holds_nobody_up():
    outbox.enqueue("a", "core/not_there", to="a@b.example", context={})
    a_message("b")

    assert outbox.deliver_due() == 1
    assert OutgoingMessage.objects.get(key="a").last_error == "message_broken"


@pytest.mark.django_db
def test_a_message_whose_content_was_exchanged_in_the_database_is_not_sent():
    a_message("a")
    other = a_message("b")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_outgoingmessage SET recipient = (SELECT recipient FROM core_outgoingmessage WHERE key = 'a') "
            "WHERE id = %s",
            [other.pk],
        )
    outbox.deliver_due()

    assert OutgoingMessage.objects.get(key="b").last_error == "tampered"
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_after_ten_tries_a_message_is_dead_and_may_be_tried_again_by_hand(
    post, woken, django_capture_on_commit_callbacks
):
    message = a_message(tries=9)
    post(ConnectionRefusedError())
    outbox.deliver_due()
    assert OutgoingMessage.objects.get().state == MessageState.DEAD

    with django_capture_on_commit_callbacks(execute=True):
        outbox.retry_message(message.pk)
    assert woken[-1] == "core.deliver_messages"
    assert outbox.deliver_due() == 1
    with pytest.raises(MessageNotDead):
        outbox.retry_message(message.pk)


@pytest.mark.django_db
def test_a_message_that_kills_its_worker_each_time_ends_as_dead():
    a_message(tries=10, claimed_until=timezone.now() - timedelta(seconds=1))

    assert outbox.deliver_due() == 0
    message = OutgoingMessage.objects.get()
    assert (message.state, message.last_error, message.claimed_until) == (MessageState.DEAD, "worker_died", None)


@pytest.mark.django_db
def test_a_claimed_message_is_left_alone_until_its_lease_is_over():
    message = a_message(claimed_until=timezone.now() + timedelta(minutes=1))
    assert outbox.deliver_due() == 0

    OutgoingMessage.objects.filter(pk=message.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert outbox.deliver_due() == 1


@pytest.mark.django_db
def test_who_comes_back_after_the_lease_cannot_undo_what_another_wrote():
    a_message()
    (mine,) = services._claim(1)
    OutgoingMessage.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert outbox.deliver_due() == 1
    services._write_down(mine, state=MessageState.DEAD, last_error="late")

    assert OutgoingMessage.objects.get().state == MessageState.SENT


@pytest.mark.django_db
def test_the_database_refuses_moves_that_are_not_in_the_table():
    a_message()
    outbox.deliver_due()

    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        OutgoingMessage.objects.update(state=MessageState.WAITING, sent_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        OutgoingMessage.objects.update(key="other")


@pytest.mark.django_db
def test_no_more_than_the_limit_is_sent_at_once():
    for number in range(5):
        a_message(f"k{number}")

    assert outbox.deliver_due(limit=3) == 3
    assert outbox.deliver_due(limit=3) == 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_message_once(at_once, post):
    for number in range(60):
        a_message(f"k{number}")
    system = post()

    assert sum(at_once(*[outbox.deliver_due] * 4)) == 60
    assert len(system.sent) == 60
    assert len({sent.extra_headers["Message-ID"] for sent in system.sent}) == 60


def test_the_pause_doubles_and_varies():
    assert all(22.5 <= services.pause_after(1).total_seconds() <= 37.5 for _ in range(50))
    assert 22.5 * 2**8 <= services.pause_after(9).total_seconds() <= 37.5 * 2**8
    assert len({services.pause_after(3) for _ in range(20)}) > 1
