"""What a machine must not decide: the list, and the page where one clerk proposes and another one confirms."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.accounts.models import Account
from core.errors import DomainError
from identity.cases.models import Attempt, Review
from identity.cases.services import confirm_decision, contradict_decision, propose_decision
from identity.cases.services.reviewing import ProposalChanged, ReasonMissing
from identity.cases.states import MoveNotAllowed
from identity.methods.gate import MethodNotOffered
from identity.workplace import words
from identity.workplace.access import REVIEWS, account_of, note_look, staff_required
from identity.workplace.comparison import address_line, rows_of, two_people
from identity.workplace.differences import KNOWN_FOR_ANOTHER, about_the_person, sentences
from identity.workplace.forms import AnswerForm, ProposalForm, ReviewFilterForm
from identity.workplace.reviews import Material, Part, Queue, document_rows, list_row, listed, material_for, part_of

PER_PAGE = 25


@staff_required(REVIEWS)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """List reviews by state and kind. The list names nobody."""
    account = account_of(request)
    form = ReviewFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    queue, kind = asked.get("stand") or Queue.TODO.value, asked.get("art") or ""
    page = Paginator(listed(queue, kind), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": ReviewFilterForm(initial={"stand": queue, "art": kind}).without_optional(),
        "page": page,
        "rows": [list_row(each, account) for each in page],
        "query": urlencode({"stand": queue, "art": kind}),
        "decided": queue == Queue.DECIDED,
    }
    return render(request, "workplace/reviews.html", context)


@staff_required(REVIEWS)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Show both sets of data side by side; by POST propose (`decision`), or answer a proposal (`answer`)."""
    account = account_of(request)
    material = material_for(account, review_id)
    if request.method != "POST":
        return _page(request, account, material, _empty_form(account, material.review))
    if "answer" in request.POST:
        return _answer(request, account, material, AnswerForm(request.POST))
    return _propose(request, account, material, ProposalForm(request.POST, kind=material.review.kind))


def _empty_form(account: Account, review: Review) -> Form | None:
    match part_of(account, review):
        case Part.PROPOSE:
            return ProposalForm(kind=review.kind)
        case Part.ANSWER:
            return AnswerForm()
    return None


def _propose(request: HttpRequest, account: Account, material: Material, form: ProposalForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, account, material, form, status=422)
    decision = Review.Decision(form.cleaned_data["decision"])
    try:
        propose_decision(material.review.pk, decision, form.cleaned_data["reason"], clerk=account)
    except (MoveNotAllowed, ReasonMissing) as error:
        return _look_again(request, material.review, error)
    messages.success(request, _("Proposal saved. A second clerk has to confirm it."))
    return redirect("workplace:reviews")


def _answer(request: HttpRequest, account: Account, material: Material, form: AnswerForm) -> HttpResponse:
    review = material.review
    if not form.is_valid():
        return _page(request, account, material, form, status=422)
    confirmed = form.cleaned_data["answer"] == "confirm"
    act = confirm_decision if confirmed else contradict_decision
    try:
        act(review.pk, form.cleaned_data["reason"], seen=form.cleaned_data["seen"], clerk=account)
    except (MoveNotAllowed, ProposalChanged, ReasonMissing) as error:
        return _look_again(request, review, error)
    except MethodNotOffered as error:
        return _page(request, account, material, form, stopped=error, status=error.http_status)
    done = _("Decision confirmed and carried out.") if confirmed else _("Proposal sent back with your reason.")
    messages.success(request, done)
    return redirect("workplace:reviews")


def _look_again(request: HttpRequest, review: Review, error: DomainError) -> HttpResponse:
    """Somebody was faster: show how things stand now."""
    messages.warning(request, error.detail)
    return redirect("workplace:review", review_id=review.pk)


def _page(
    request: HttpRequest,
    account: Account,
    material: Material,
    form: Form | None,
    *,
    stopped: MethodNotOffered | None = None,
    status: int = 200,
) -> HttpResponse:
    review, result = material.review, material.result
    note_look(account, [review.case], page="review")
    note_look(account, material.others, page="compared")
    insurant, person = review.case.insurant, (result.person if result else {}) or {}
    decisions, codes = words.decisions_for(review.kind), material.codes
    register_changed = result is not None and set(material.codes_then) != set(codes) - {KNOWN_FOR_ANOTHER}
    context = {
        "review": review,
        "kind": words.KINDS[review.kind],
        "badge": words.REVIEW_BADGES.get(review.state, "neutral"),
        "part": part_of(account, review).value,
        "form": form,
        "general": about_the_person(codes),
        "then": sentences(material.codes_then) if register_changed else None,
        "rows": rows_of(insurant, person, codes),
        "document": document_rows(result, address_line(insurant.postal_address())) if result else [],
        "others": [(case, two_people(insurant, case.insurant)) for case in material.others],
        "attempts": [_attempt(each) for each in material.attempts],
        "earlier": material.earlier,
        "proposal": decisions.get(review.proposal, ""),
        "decision": decisions.get(review.decision, ""),
        "stopped": stopped,
        "order": stopped.ruling.suspension if stopped else None,
    }
    return render(request, "workplace/review.html", context, status=status)


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {"attempt": attempt, "reason": words.reason(attempt.reason) if attempt.reason else ""}
