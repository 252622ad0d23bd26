"""Every mail that the SMTP server took, or that another simulator wrote."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape
from threading import Lock

from simulators.store import Store

KEPT = 5_000
_LINK = re.compile(r"https?://[^\s<>\"']+")
_HREF = re.compile(r"href\s*=\s*[\"'](https?://[^\"']+)[\"']", re.IGNORECASE)


@dataclass
class Mail:
    """One mail. `time` is an ISO text, `to` the envelope's recipients, `links` every web address in it, once each."""

    id: int
    time: str
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str
    links: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class MailStore:
    """The mails, oldest first; the oldest of more than 5,000 go."""

    def __init__(self, store: Store) -> None:
        """Read the mails of an earlier run."""
        self._store, self._lock = store, Lock()
        self._mails = {int(key): Mail(**document) for key, document in store.all("mail")}
        self._ids = itertools.count(max(self._mails, default=0) + 1)

    def receive(self, raw: bytes, sender: str, recipients: list[str], time: str) -> Mail:
        """Keep a mail as it came over SMTP."""
        message = message_from_bytes(raw, policy=policy.default)
        text, html = _part(message, "plain"), _part(message, "html")
        return self._keep(
            Mail(
                id=0,
                time=time,
                sender=sender,
                to=recipients,
                subject=str(message.get("Subject", "")),
                text=text,
                html=html,
                links=_links(text, html),
                headers={name: str(value) for name, value in message.items()},
            )
        )

    def write(self, sender: str, recipient: str, subject: str, text: str, time: str) -> Mail:
        """Keep a mail of another simulator, without going over SMTP."""
        return self._keep(
            Mail(
                id=0,
                time=time,
                sender=sender,
                to=[recipient],
                subject=subject,
                text=text,
                html="",
                links=_links(text, ""),
            )
        )

    def _keep(self, mail: Mail) -> Mail:
        with self._lock:
            mail.id = next(self._ids)
            self._mails[mail.id] = mail
            self._store.put("mail", str(mail.id), asdict(mail))
            while len(self._mails) > KEPT:
                self._drop(next(iter(self._mails)))
        return mail

    def _drop(self, number: int) -> None:
        del self._mails[number]
        self._store.delete("mail", str(number))

    def get(self, number: int) -> Mail | None:
        """Return one mail."""
        return self._mails.get(number)

    def find(self, *, to: str = "", subject: str = "", since_id: int = 0) -> Iterator[Mail]:
        """Give the mails to an address, with a word in the subject, after an id; oldest first. Case does not matter."""
        with self._lock:
            mails = list(self._mails.values())
        for mail in mails:
            meant = not to or _address(to) in {_address(each) for each in mail.to}
            if meant and mail.id > since_id and subject.casefold() in mail.subject.casefold():
                yield mail

    def delete(self, *, to: str = "") -> int:
        """Delete the mails to an address, or all; return how many."""
        doomed = [mail.id for mail in self.find(to=to)]
        with self._lock:
            for number in doomed:
                if number in self._mails:
                    self._drop(number)
        return len(doomed)


def _address(text: str) -> str:
    return parseaddr(text)[1].casefold() or text.casefold()


def _part(message: EmailMessage, kind: str) -> str:
    """Return the text or HTML part, or nothing; parts that cannot be decoded are shown as far as they can."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _links(text: str, html: str) -> list[str]:
    """Return the web addresses of both parts in the order they come, each once."""
    found = [link.rstrip(".,;:)") for link in _LINK.findall(text)] + [unescape(link) for link in _HREF.findall(html)]
    return list(dict.fromkeys(found))
