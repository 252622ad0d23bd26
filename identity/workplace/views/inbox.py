"""The desk of the inbox: what was given up, and results that belong to no attempt."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from identity.callbacks.models import InboxEntry
from identity.callbacks.services import ClosingReason, close_entry, retry_entry
from identity.callbacks.states import DESK, EntryMoveNotAllowed, EntryState
from identity.cases.models import Attempt
from identity.methods.models import Method
from identity.workplace import words
from identity.workplace.access import INBOX, account_of, actor_of, staff_required
from identity.workplace.forms import CloseEntryForm

PER_PAGE = 25


@staff_required(INBOX)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List what waits for a person, with the reason in words."""
    page = Paginator(InboxEntry.objects.for_desk(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "workplace/inbox.html", {"page": page, "rows": [_row(entry) for entry in page]})


@staff_required(INBOX)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show what is known of an entry; by POST mark it as settled by a person (`reason`)."""
    found = get_object_or_404(InboxEntry, pk=entry_id)
    form = CloseEntryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = ClosingReason(form.cleaned_data["reason"])
        try:
            close_entry(entry_id, reason, actor_of(account_of(request)))
        except EntryMoveNotAllowed as error:
            return _look_again(request, entry_id, error)
        messages.success(request, _("Entry settled."))
        return redirect("workplace:inbox")
    context = {
        **_row(found),
        "form": form,
        "attempt": _attempt_of(found),
        "method": Method.objects.filter(pk=found.contract).first(),
        "can_close": found.state == EntryState.FOR_PERSON,
        "can_retry": found.state in (*DESK, EntryState.WAITING),
    }
    return render(request, "workplace/entry.html", context, status=422 if form.errors else 200)


@staff_required(INBOX)
@require_POST
def retry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Have an entry worked again at once."""
    get_object_or_404(InboxEntry, pk=entry_id)
    try:
        retry_entry(entry_id, actor_of(account_of(request)))
    except EntryMoveNotAllowed as error:
        return _look_again(request, entry_id, error)
    messages.success(request, _("The entry is being tried again. If it fails once more, it comes back here."))
    return redirect("workplace:inbox")


def _look_again(request: HttpRequest, entry_id: int, error: DomainError) -> HttpResponse:
    messages.warning(request, error.detail)
    return redirect("workplace:entry", entry_id=entry_id)


def _row(entry: InboxEntry) -> dict[str, object]:
    state = EntryState(entry.state)
    return {
        "entry": entry,
        "state": state.label,
        "badge": words.ENTRY_BADGES[state],
        "problem": words.problem(entry.problem) if entry.problem else "",
    }


def _attempt_of(entry: InboxEntry) -> Attempt | None:
    """Return the attempt that bears the reference that was hinted: a trace to follow, not a proof."""
    if not entry.reference:
        return None
    attempts = Attempt.objects.select_related("case", "method").defer("continue_url", "app_url")
    return attempts.filter(reference=entry.reference).first()
