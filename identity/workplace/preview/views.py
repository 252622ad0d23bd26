"""Practice: an order tried on today's cases, with the page each person would see. Nothing is written but the look."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.cases.models import Attempt
from identity.cases.states import CaseState
from identity.methods.gate import supposing
from identity.methods.models import Method, Suspension
from identity.workplace.access import METHODS, account_of, note_look, refuse_own, staff_required
from identity.workplace.preview.counting import STAGE_WORDS, Stage, attempts_in
from identity.workplace.preview.imagining import Imagined, imagine
from identity.workplace.preview.looking import preview_of
from identity.workplace.preview.outlook import as_if_now
from identity.workplace.preview.pages import case_page, choice_page, leading_nowhere
from identity.workplace.suspension_forms import SuspensionForm

CASE, CHOICE = "case", "choice"


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest, code: str) -> HttpResponse:
    """Try an order. By POST with `see` (a stage) the page of one person whom it would meet; `place` says which."""
    method = get_object_or_404(Method, pk=code)
    form = SuspensionForm(request.POST if request.method == "POST" else None, method=method)
    if request.method != "POST":
        form.initial.update(_words_for_practice())
    if not form.is_valid():
        asked = {"method": method, "form": form}
        return render(request, "workplace/preview_practice.html", asked, status=422 if form.errors else 200)
    draft = form.instance
    if "see" in request.POST:
        return _person(request, form, draft)
    preview = preview_of(draft, page=request.POST.get("page"))
    context: dict[str, Any] = {"method": method, "form": form, "preview": preview}
    return render(request, "workplace/preview_practice.html", context)


def _words_for_practice() -> dict[str, str]:
    """What an order must say, filled in beforehand: here only its effect is of interest."""
    word = _("Practice")
    names = ("authority", "order_reference", "reason", "public_text_de", "public_text_en", "public_text_plain")
    return dict.fromkeys(names, str(word))


def _person(request: HttpRequest, form: SuspensionForm, draft: Suspension) -> HttpResponse:
    stage, place, attempt, total = _chosen(request, draft)
    account = account_of(request)
    with supposing(as_if_now(draft)):
        imagined = imagine(as_if_now(draft), attempt, stage)
        refuse_own(account, imagined.case)
        note_look(account, [imagined.case], page="practice")
        shows_choice = request.POST.get("show") == CHOICE and _may_choose(imagined)
        may_choose = _may_choose(imagined)
        page, context = choice_page(imagined) if shows_choice else case_page(imagined)
    context |= {
        "portal_page": page,
        "order_form": form,
        "method": draft.method,
        "stage": stage,
        "stage_words": STAGE_WORDS[stage],
        "outcome": imagined.outcome.label,
        "place": place,
        "number": place + 1,
        "next_place": (place + 1) % total,
        "total": total,
        "shows_choice": shows_choice,
        "may_choose": may_choose,
    }
    return HttpResponse(leading_nowhere(render_to_string("workplace/preview_person.html", context, request)))


def _chosen(request: HttpRequest, draft: Suspension) -> tuple[Stage, int, Attempt, int]:
    try:
        stage, place = Stage(request.POST["see"]), int(request.POST.get("place", 0))
    except ValueError:
        raise Http404 from None
    found: Any = attempts_in(draft, stage)
    total = found.count()
    if not 0 <= place < total:
        raise Http404
    return stage, place, found[place], total


def _may_choose(imagined: Imagined) -> bool:
    return imagined.case.state in (CaseState.CHOOSING, CaseState.IDENTIFYING)
