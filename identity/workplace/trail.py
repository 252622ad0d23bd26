"""The audit trail for the page of the administrators: the latest events, narrowed, and whether its end is anchored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.audit.anchors import Anchor, AnchorUnreadable, last_anchor
from core.audit.models import AuditEvent, AuditHead
from identity.workplace.events import with_staff

PAGE = 50
PREFIXES: Final = (
    "identity.case.",
    "identity.attempt.",
    "identity.result.",
    "identity.review.",
    "identity.inbox.",
    "identity.suspension.",
    "identity.campaign.",
    "identity.insurant.",
    "identity.register.",
    "epa.",
)


def latest(prefix: str, subject: str, before: int | None) -> tuple[Sequence[AuditEvent], int | None]:
    """Return one page of events, newest first, and the number to go on before (None at the end)."""
    events = with_staff(AuditEvent.objects.order_by("-seq"))
    if prefix:
        events = events.filter(name__startswith=prefix)
    if subject:
        events = events.filter(subject_id=subject)
    if before:
        events = events.filter(seq__lt=before)
    found = list(events[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].seq if len(found) > PAGE else None


@dataclass(frozen=True, slots=True)
class AnchorState:
    """How the end of the trail stands against what was written down outside the database."""

    kind: str
    title: str
    body: str
    head: int
    anchor: Anchor | None

    @property
    def at(self) -> datetime | None:
        """When the anchored event was written."""
        return localtime(datetime.fromisoformat(self.anchor.at)) if self.anchor else None


def anchor_state() -> AnchorState:
    """Compare the head, and the anchored row, with the last anchor. `manage.py verify_audit` checks every row."""
    head = AuditHead.objects.first()
    seq = head.seq if head else 0
    try:
        anchor = last_anchor(Path(settings.AUDIT_ANCHOR_FILE))
    except (OSError, AnchorUnreadable):
        return AnchorState(
            "danger", _("The anchors cannot be read"), _("Please tell the people who run this."), seq, None
        )
    if anchor is None:
        return AnchorState(
            "warning", _("Nothing has been anchored yet"), _("A task does this every few minutes."), seq, None
        )
    if seq < anchor.seq or not _stands(anchor):
        title = _("The trail does not fit its anchor")
        return AnchorState(
            "danger", title, _("Rows are missing or were rewritten. Run manage.py verify_audit."), seq, anchor
        )
    body = _("%(count)s events have been added since.") % {"count": seq - anchor.seq}
    return AnchorState("success", _("The trail fits its last anchor"), body, seq, anchor)


def _stands(anchor: Anchor) -> bool:
    row = AuditEvent.objects.filter(seq=anchor.seq).values_list("hash", flat=True).first()
    return row is not None and bytes(row).hex() == anchor.hash
