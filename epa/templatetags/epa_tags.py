"""What templates of every app may ask about ePA access: the task on the overview, the steps of a channel in mails."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.models import Account
from epa.models import EpaAccess
from epa.selectors import overview_of
from epa.states import AccessState
from epa.words import words_of
from identity.members.models import Insurant

register = template.Library()
Task = dict[str, Any]


@register.filter
def with_epa_access(tasks: list[Task], user: Any) -> list[Task]:
    """Return tasks of components/task_list.html with the person's ePA access as the last one."""
    return [*tasks, epa_task(user)]


def epa_task(user: Any) -> Task:
    """Return a person's ePA access as a task: title, url, status, kind, hint. One query, or two."""
    access = overview_of(user).main if isinstance(user, Account) else None
    if access is None:
        return _nothing_yet(user)
    url = reverse("epa:access", args=[access.public_id])
    match AccessState(access.state):
        case AccessState.REQUESTED:
            return _task(url, _("Waits for your identification"), "info", "")
        case AccessState.OPENING | AccessState.STUCK:
            return _task(url, *_being_set_up(access))
        case AccessState.OPEN if access.restricted_at:
            return _task(url, _("Restricted"), "warning", _("Please identify yourself again."))
        case AccessState.OPEN:
            return _task(url, _("Open"), "success", _("How to go on"))
        case AccessState.CANCELLED if access.waits_for_repeat:
            return _task(url, _("To do"), "warning", _("Please identify yourself again."))
        case AccessState.CANCELLED:
            return _task(reverse("epa:request"), _("Ended"), "warning", _("You can request it again."))


def _nothing_yet(user: Any) -> Task:
    if isinstance(user, Account) and Insurant.objects.filter(account=user).exists():
        return _task(reverse("epa:request"), _("To do"), "warning", _("Choose how you want to use your ePA."))
    return _task(None, _("Not possible yet"), "neutral", "")


def _being_set_up(access: EpaAccess) -> tuple[str, str, str]:
    if access.problem or access.state == AccessState.STUCK:
        return _("Takes longer"), "warning", _("We take care of it. You need not do anything.")
    return _("Being set up"), "info", _("You need not do anything.")


def _task(url: str | None, status: str, kind: str, hint: str) -> Task:
    return {"title": _("Open your access and use the ePA"), "url": url, "status": status, "kind": kind, "hint": hint}


@register.filter
def channel_steps(channel: str) -> list[str]:
    """What to do next with a channel, one sentence or two a step, in the language of the page or mail."""
    return [str(step) for step in words_of(channel).steps]
