"""The only door to the mail system."""

import hashlib
import smtplib
from email.utils import parseaddr
from types import TracebackType
from typing import Any, Self

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from core.encryption import Tampered
from core.errors import Never, TryAgain
from core.outbox.models import OutgoingMessage
from core.outbox.render import render

log = structlog.get_logger(__name__)


def message_id(key: str) -> str:
    """Return the Message-ID of a key: the same for each try, so that a second copy can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


class Mailbox:
    """One connection to the mail system for a run of messages; opened with the first, opened anew after a failure."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: OutgoingMessage) -> None:
        """Render and send one message. Raises TryAgain or Never; their codes hold no address."""
        mail = _composed(message)
        try:
            if self._connection is None:
                self._connection = get_connection()
                self._connection.open()
            self._connection.send_messages([mail])
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise _classified(error) from None  # the original holds the recipient's address
        except ValueError:  # an address or header that cannot be written
            raise Never("malformed") from None

    def _close(self) -> None:
        held, self._connection = self._connection, None
        if held is not None:
            try:
                held.close()
            except (smtplib.SMTPException, OSError):
                log.info("mail_connection_lost_at_close")


def _composed(message: OutgoingMessage) -> EmailMultiAlternatives:
    try:
        return _compose(message)
    except Tampered:
        log.error("message_tampered", message=str(message.pk))
        raise Never("tampered") from None
    except Exception as error:  # one broken template must not hold up the others
        log.error("message_broken", template=message.template, message=str(message.pk), reason=type(error).__name__)
        raise TryAgain("message_broken") from None  # the next release may heal it


def _compose(message: OutgoingMessage) -> EmailMultiAlternatives:
    subject, text, html = render(message.template, message.context, message.language)
    headers = {
        "Message-ID": message_id(message.key),
        "Auto-Submitted": "auto-generated",
        "Content-Language": message.language,
    }
    mail = EmailMultiAlternatives(subject, text, to=[message.recipient], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def _classified(error: smtplib.SMTPException | OSError) -> TryAgain | Never:
    """A 5xx about this message or recipient is for ever; everything else may heal."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _text in error.recipients.values()]
            code = max(codes, default=0)
            return Never(f"smtp_{code}", status=code) if min(codes, default=0) >= 500 else TryAgain(f"smtp_{code}")
        case smtplib.SMTPDataError() if error.smtp_code >= 500:
            return Never(f"smtp_{error.smtp_code}", status=error.smtp_code)
        case smtplib.SMTPResponseException():
            return TryAgain(f"smtp_{error.smtp_code}", status=error.smtp_code)
    return TryAgain("mail_system_unreachable")
