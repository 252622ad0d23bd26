"""The status of all ways, for everybody and without a log-in: pages, feeds, the telephone, and what readers say."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from identity.portal.forms import PostcodeForm
from identity.portal.status_forms import FeedbackForm, PlainFeedbackForm
from identity.status.changes import latest_change, public_changes
from identity.status.feedback import give_feedback
from identity.status.models import StatusFeedback
from identity.status.page import status_page
from identity.status.publishing import ATOM_TYPE, JSON_TYPE, atom_feed, json_feed
from identity.status.speech import announcement

PLAIN = StatusFeedback.Page.PLAIN.value


@login_not_required
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say what has happened, what it means and what works instead, and give the state of every way (M8)."""
    form = FeedbackForm(initial={"page": StatusFeedback.Page.STATUS.value})
    return _status_page(request, form)


@login_not_required
@never_cache
@require_safe
def plain(request: HttpRequest) -> HttpResponse:
    """The same in plain German, whatever the language of the frame."""
    return _plain_page(request, PlainFeedbackForm(initial={"page": PLAIN}))


def _status_page(request: HttpRequest, form: FeedbackForm) -> HttpResponse:
    context = {"page": status_page(), "form": form, "postcode_form": PostcodeForm()}
    return render(request, "status/status.html", context, status=422 if form.errors else 200)


def _plain_page(request: HttpRequest, form: FeedbackForm) -> HttpResponse:
    context = {"page": status_page(), "form": form}
    return render(request, "status/plain.html", context, status=422 if form.errors else 200)


@login_not_required
@require_POST
def helpful(request: HttpRequest) -> HttpResponse:
    """Take an answer to "was this page helpful?", then say thanks. Raises LimitReached."""
    is_plain = request.POST.get("page") == PLAIN
    form = (PlainFeedbackForm if is_plain else FeedbackForm)(request.POST)
    if not form.is_valid():
        return (_plain_page if is_plain else _status_page)(request, form)
    given = form.cleaned_data
    give_feedback(
        given["page"], helpful=given["helpful"], text=given["text"], language=get_language() or "de",
        address=request.META.get("REMOTE_ADDR", ""),
    )  # fmt: skip
    return redirect("identity:status_thanks")


@login_not_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "status/thanks.html")


@login_not_required
@require_safe
def changes_json(request: HttpRequest) -> HttpResponseBase:
    """The changes for programs and readers of JSON Feed."""
    return _changes(request, "json", JSON_TYPE)


@login_not_required
@require_safe
def changes_atom(request: HttpRequest, language: str) -> HttpResponseBase:
    """The changes for readers of Atom, in one language."""
    return _changes(request, language, ATOM_TYPE)


def _changes(request: HttpRequest, shape: str, content_type: str) -> HttpResponseBase:
    """One query when nothing is new (304), three otherwise."""
    latest = latest_change()
    mark, at = latest or ("", None)
    etag = quote_etag(f"{shape}-{mark}")
    modified = int(at.timestamp()) if at else None
    response = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None:
        response = _feed_response(shape)
        response["Content-Type"] = content_type
    response["ETag"] = etag
    if modified:
        response["Last-Modified"] = http_date(modified)
    return _for_all(response)


def _feed_response(shape: str) -> HttpResponse:
    changes = public_changes()
    if shape == "json":
        return JsonResponse(json_feed(changes), json_dumps_params={"ensure_ascii": False})
    return HttpResponse(atom_feed(changes, changes[0].at if changes else None, shape))


@login_not_required
@require_safe
def spoken(request: HttpRequest, language: str) -> HttpResponseBase:
    """The text for the telephone announcement."""
    response = HttpResponse(announcement(language), content_type="text/plain; charset=utf-8")
    response["Content-Language"] = language
    return _for_all(response)


@login_not_required
@require_safe
def moved(request: HttpRequest, to: str) -> HttpResponse:
    """Lead addresses of former days to where the same is told now."""
    response = redirect(f"identity:{to}", permanent=True)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _for_all(response: HttpResponseBase) -> HttpResponseBase:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-cache"
    return response
