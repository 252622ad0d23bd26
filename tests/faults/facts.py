"""What has become of it all, as the database, the mailbox and the chain of the audit trail say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from core.audit.anchors import read_anchors
from core.audit.models import AuditEvent
from core.audit.verification import verify
from core.outbox.models import OutgoingMessage
from identity.callbacks.models import InboxEntry
from identity.cases.models import Attempt, IdentificationCase, Result
from tests.stack import Stack, until


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts by the public id of the case, or by our reference; mails by Message-ID."""

    cases: dict[str, str]
    attempts: dict[str, str]
    results: Counter[str] = field(default_factory=Counter)
    granted: Counter[str] = field(default_factory=Counter)
    identified_events: Counter[str] = field(default_factory=Counter)
    inbox: Counter[str] = field(default_factory=Counter)
    unfinished_inbox: Counter[str] = field(default_factory=Counter)
    unsent: int = 0
    mails: Counter[str] = field(default_factory=Counter)
    audit_fault: str = ""


@dataclass(slots=True)
class Letterbox:
    """Collects the mails as they come; the simulated mailbox keeps the last 5,000 only."""

    stack: Stack
    received: Counter[str] = field(default_factory=Counter)
    last_id: int = 0

    def empty(self) -> Counter[str]:
        """Take out what is new; return the number of mails by Message-ID so far."""
        for mail in self.stack.outside.mails(since_id=self.last_id):
            self.last_id = mail["id"]
            self.received[mail["headers"]["Message-ID"]] += 1
        return self.received


def gather(letterbox: Letterbox) -> Facts:
    """Read everything. Django must be pointed at the stack."""
    events = AuditEvent.objects.filter(name="identity.case.identified").values_list("subject_id", flat=True)
    entries = list(InboxEntry.objects.values_list("reference", "state"))
    fault = verify(read_anchors(settings.AUDIT_ANCHOR_FILE) if settings.AUDIT_ANCHOR_FILE.exists() else ()).fault
    return Facts(
        cases={str(case): state for case, state in IdentificationCase.objects.values_list("public_id", "state")},
        attempts=dict(Attempt.objects.values_list("reference", "state")),
        results=Counter(map(str, Result.objects.values_list("case__public_id", flat=True))),
        granted=Counter(
            map(str, Result.objects.filter(granted_at__isnull=False).values_list("case__public_id", flat=True))
        ),
        identified_events=Counter(events),
        inbox=Counter(reference for reference, _ in entries),
        unfinished_inbox=Counter(state for _, state in entries if state != "done"),
        unsent=OutgoingMessage.objects.exclude(state="sent").count(),
        mails=letterbox.empty(),
        audit_fault=fault.explanation if fault else "",
    )


def sketch() -> tuple[tuple[str, int], ...]:
    """Return a few counts that stand still when nothing happens any more; PostgreSQL may die meanwhile."""
    found: list[tuple[tuple[str, int], ...]] = []

    def read() -> bool:
        try:
            found.append(_counted())
        except (InterfaceError, OperationalError):
            connection.close()
        return bool(found)

    until(read, within=20, what="an answer of PostgreSQL", every=0.2)
    return found[0]


def _counted() -> tuple[tuple[str, int], ...]:
    cases = Counter(IdentificationCase.objects.values_list("state", flat=True))
    unread = InboxEntry.objects.unread().count()
    waiting = OutgoingMessage.objects.exclude(state="sent").count()
    return (*sorted(cases.items()), ("unread", unread), ("mails waiting", waiting))
