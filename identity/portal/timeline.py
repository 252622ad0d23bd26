"""The time line of a case for the person: what the audit trail knows of it and they may see, in words (D3).

Only what is named here is shown. What a clerk noted, what suspects fraud, and which detail differed stays inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.actors import ActorKind
from core.audit.models import AuditEvent
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import AttemptState, CaseState
from identity.methods.models import Method
from identity.portal.reasons import why

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, in the shape of components/timeline.html."""

    title: str
    at: datetime | None = None
    body: str = ""
    by: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """How an event is told. `needs_reason`: the body is the kind of reason; `instead`: another title for some facts."""

    title: Any
    state: str = "done"
    needs_reason: bool = False
    shown: Callable[[Facts], bool] = lambda facts: True
    instead: tuple[Callable[[Facts], bool], Any] | None = None

    def title_for(self, facts: Facts) -> str:
        return str(self.instead[1] if self.instead and self.instead[0](facts) else self.title)


def _tells_something_new(facts: Facts) -> bool:
    """Other steps back to the choice are told by the attempt that did not succeed, or by the order."""
    back = facts.get("source") in (CaseState.IN_REVIEW, CaseState.IDENTIFIED)
    return back and not _is_by_order(facts)


def _is_by_order(facts: Facts) -> bool:
    """The order itself has its own line."""
    return facts.get("reason") == "method_suspended"


def _was_stopped(facts: Facts) -> bool:
    return facts.get("source") == AttemptState.STOPPED


def _worth_telling(facts: Facts) -> bool:
    return facts.get("progress") in PROGRESS


PROGRESS: dict[str, Any] = {
    "coupon_requested": gettext_lazy("The coupon was made"),
    "review_pending": gettext_lazy("The identification service checks your details"),
    "incomplete": gettext_lazy("The identification was not finished; you can go on with it"),
}
OUTCOMES: dict[str, Any] = {
    "moved": gettext_lazy("A way was suspended by an order: you choose another one"),
    "frozen": gettext_lazy("A way was suspended by an order: your place is kept, all deadlines stand still"),
    "may_finish": gettext_lazy("A way was suspended by an order: you may still finish what you have begun"),
    "asked_again": gettext_lazy("Your identification may not be used any more; an open access to the ePA stays"),
    "kept": gettext_lazy("A way was suspended by an order: nothing changes for you, your result counts"),
}
LINES: dict[str, Line] = {
    "identity.case.opened": Line(gettext_lazy("Application begun")),
    "identity.case.declared": Line(gettext_lazy("Application checked and sent")),
    "identity.case.method_changed": Line(gettext_lazy("Way changed: %(method)s")),
    "identity.case.choosing": Line(gettext_lazy("Choose a way again"), "problem", True, _tells_something_new),
    "identity.case.in_review": Line(gettext_lazy("Our staff compare the details")),
    "identity.case.identified": Line(gettext_lazy("You have been identified")),
    "identity.case.refused": Line(gettext_lazy("Application refused"), "problem", True),
    "identity.case.cancelled": Line(gettext_lazy("Application cancelled")),
    "identity.case.expired": Line(
        gettext_lazy("The time for the application is over"), "problem", shown=lambda facts: not _is_by_order(facts)
    ),
    "identity.case.offered": Line(gettext_lazy("A result arrived after the end: you can still take it up")),
    "identity.case.met_by_order": Line("%(outcome)s", shown=lambda facts: facts.get("outcome") in OUTCOMES),
    "identity.case.thawed": Line(gettext_lazy("It goes on: every deadline has moved by %(pause)s")),
    "identity.case.order_undone": Line(gettext_lazy("The order was taken back: everything is as it was before")),
    "identity.case.viewed": Line(gettext_lazy("Our staff looked at your application")),
    "identity.attempt.started": Line(
        gettext_lazy("Begun: %(method)s"), instead=(_was_stopped, gettext_lazy("Goes on: %(method)s"))
    ),
    "identity.attempt.stopped": Line(gettext_lazy("Stopped by an order: %(method)s"), "problem"),
    "identity.attempt.quarantined": Line(
        gettext_lazy("A result arrived and is kept safe until it is decided whether it counts")
    ),
    "identity.attempt.unreached": Line(
        gettext_lazy("The identification service did not answer. This does not count as an attempt."), "problem"
    ),
    "identity.attempt.progress": Line("%(progress)s", shown=_worth_telling),
    "identity.attempt.failed": Line(gettext_lazy("Not successful: %(method)s"), "problem", True),
    "identity.attempt.rejected": Line(gettext_lazy("Result not usable: %(method)s"), "problem", True),
    "identity.attempt.withheld": Line(
        gettext_lazy("A result came from a way that is suspended. It does not count."), "problem"
    ),
    "identity.attempt.surplus": Line(gettext_lazy("Another result arrived. It was not needed any more.")),
    "identity.attempt.expired": Line(gettext_lazy("Last day over: %(method)s")),
    "identity.attempt.cancelled": Line(gettext_lazy("Ended: %(method)s")),
    "identity.result.received": Line(gettext_lazy("Result received")),
}
BY: dict[str, Any] = {
    ActorKind.INSURANT: gettext_lazy("You"),
    ActorKind.REPRESENTATIVE: gettext_lazy("Your representative"),
    ActorKind.CLERK: gettext_lazy("Our staff"),
    ActorKind.ADMINISTRATOR: gettext_lazy("Our staff"),
    ActorKind.PROVIDER: gettext_lazy("Identification service"),
    ActorKind.SYSTEM: gettext_lazy("Automatically"),
}
NEXT: dict[str, Any] = {
    CaseState.CHOOSING: gettext_lazy("You choose a way"),
    CaseState.IDENTIFYING: gettext_lazy("You identify yourself"),
    CaseState.IN_REVIEW: gettext_lazy("Our staff decide"),
    CaseState.OFFERED: gettext_lazy("You decide whether to take up the late result"),
}


def entries_of(case: IdentificationCase, attempts: Sequence[Attempt]) -> list[Entry]:
    """Return the time line, oldest first, ending with what comes next. One query; the attempts bring their methods."""
    of_case = Q(subject_type="identity.identificationcase", subject_id=str(case.public_id))
    of_attempts = Q(subject_type="identity.attempt", subject_id__in=[str(attempt.pk) for attempt in attempts])
    events = AuditEvent.objects.filter(of_case | of_attempts, name__in=LINES).order_by("seq")
    methods = {attempt.method_id: attempt.method for attempt in attempts}
    told = [_entry(event, LINES[event.name], methods) for event in events if LINES[event.name].shown(event.facts)]
    return told + _what_comes_next(case)


def _entry(event: AuditEvent, line: Line, methods: dict[str, Method]) -> Entry:
    method = methods.get(event.facts.get("method", ""))
    words = {
        "method": method.name if method else _("another way"),
        "progress": PROGRESS.get(event.facts.get("progress", ""), ""),
        "outcome": OUTCOMES.get(event.facts.get("outcome", ""), ""),
        "pause": _pause(event.facts.get("pause_seconds", 0)),
    }
    return Entry(
        title=line.title_for(event.facts) % words,
        at=event.at,
        body=_reason(event.facts) if line.needs_reason else "",
        by=str(BY.get(event.actor_kind, "")),
        state=line.state,
    )


def _pause(seconds: int) -> str:
    """The length of a pause in words: in whole days, or in hours or minutes when it was shorter."""
    if days := round(seconds / 86_400):
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if hours := round(seconds / 3600):
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = max(1, round(seconds / 60))
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _reason(facts: Facts) -> str:
    """What suspects fraud is not told here: it may be the fraudster who reads."""
    code = facts.get("reason", "")
    return str(why("" if code == "suspected_fraud" else code).title)


def _what_comes_next(case: IdentificationCase) -> list[Entry]:
    step = NEXT.get(case.state)
    if step is None:
        return []
    if case.declared_at is None:
        step = _("You check your application and send it")
    return [Entry(str(step), state="current")]
