"""Re-verification campaigns: all of them, a new one, one with its progress, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from identity.campaigns.models import Campaign, CampaignMember
from identity.campaigns.selectors import asked_per_day, people_to_ask, progress_of
from identity.campaigns.services import confirm_campaign, draft_campaign, except_person, stop_campaign
from identity.campaigns.services.asking import NO_ACCOUNT, STOPPED
from identity.campaigns.states import CampaignState, MemberState
from identity.workplace.access import METHODS, account_of, actor_of, staff_required
from identity.workplace.campaign_forms import CampaignForm, ExceptionForm, ReasonForm
from identity.workplace.events import staff_named
from identity.workplace.suspension_forms import show_errors

PER_PAGE = 25
C, M = CampaignState, MemberState
BADGES = {C.DRAFT: "warning", C.RUNNING: "info", C.ENDED: "success", C.STOPPED: "neutral"}


@staff_required(METHODS)
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """List all campaigns, the newest first."""
    page = Paginator(Campaign.objects.select_related("method"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"campaign": each, "badge": BADGES[C(each.state)]} for each in page]
    return render(request, "workplace/campaigns.html", {"page": page, "rows": rows})


@staff_required(METHODS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take a campaign. The first POST shows whom it would meet, the second (`step=confirm`) drafts it."""
    form = CampaignForm(request.POST if request.method == "POST" else None)
    step = request.POST.get("step", "")
    if request.method != "POST" or step == "change" or not form.is_valid():
        return _new_page(request, _as_typed(form) if step == "change" else form)
    if step != "confirm":
        return render(request, "workplace/campaign_confirm.html", _preview(form))
    try:
        campaign = draft_campaign(form.draft(), actor=actor_of(account_of(request)))
    except ValidationError as error:
        show_errors(form, error)
        return _new_page(request, form)
    messages.success(request, _("Drafted. It begins when a second administrator has confirmed it."))
    return redirect("workplace:campaign", campaign_id=campaign.pk)


def _new_page(request: HttpRequest, form: CampaignForm) -> HttpResponse:
    return render(request, "workplace/campaign_new.html", {"form": form}, status=422 if form.errors else 200)


def _as_typed(form: CampaignForm) -> CampaignForm:
    """Return the form with what was typed, and without errors."""
    again = CampaignForm()
    again.initial = {name: form[name].value() for name in form.fields}
    return again


def _preview(form: CampaignForm) -> dict[str, Any]:
    draft = form.draft()
    people = people_to_ask(draft)
    days = -(-people // draft.per_day)
    return {"form": form, "campaign": draft, "people": people, "days": days, "facts": _facts(draft)}


def _facts(campaign: Campaign) -> list[tuple[str, Any]]:
    """What a campaign says, as rows of components/summary.html."""
    moment = partial(_moment, campaign)
    return [
        (_("Method"), campaign.method.name),
        (_("Provider"), campaign.provider or _("Every provider")),
        (_("Purpose"), campaign.get_purpose_display()),
        (_("Identified from"), moment("identified_from")),
        (_("Identified before"), moment("identified_to")),
        (_("Last day to identify oneself again"), campaign.deadline),
        (_("People asked a day"), campaign.per_day),
        (_("Reminders, days before the last day"), ", ".join(map(str, campaign.reminder_days))),
        (_("Reason, for staff"), campaign.reason),
        (_("Why, for the people asked, in German"), campaign.text_de),
        (_("Why, for the people asked, in English"), campaign.text_en),
    ]


def _moment(campaign: Campaign, name: str) -> Any:
    return timezone.localtime(getattr(campaign, name))


@staff_required(METHODS)
@require_safe
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show one campaign, how far it is, and whom it leaves out."""
    return _campaign_page(request, _campaign_or_404(campaign_id))


def _campaign_page(
    request: HttpRequest,
    found: Campaign,
    stop_form: ReasonForm | None = None,
    exception_form: ExceptionForm | None = None,
) -> HttpResponse:
    excepted = found.members.filter(state=M.EXCEPTED).select_related("case").order_by("-settled_at", "-pk")[:PER_PAGE]
    progress = progress_of(found)
    staff = staff_named(
        [found.started_by, found.approved_by, found.stopped_by, *(each.excepted_by for each in excepted)]
    )
    form = next((each for each in (stop_form, exception_form) if each is not None), None)
    context = {
        "campaign": found,
        "badge": BADGES[C(found.state)],
        "facts": _facts(found),
        "progress": progress,
        "bars": [{"state": state, "count": progress.counts[state], "percent": progress.share(state)} for state in M],
        "days": asked_per_day(found),
        "people": people_to_ask(found) if found.state == C.DRAFT else progress.total,
        "excepted": [_exception(each, staff) for each in excepted],
        "staff": {name: staff.get(getattr(found, name), "") for name in ("started_by", "approved_by", "stopped_by")},
        "may_confirm": found.state == C.DRAFT and str(account_of(request).public_id) != found.started_by,
        "stop_form": stop_form or ReasonForm(prefix="stop"),
        "exception_form": exception_form or ExceptionForm(prefix="exception"),
        "form": form,
    }
    return render(request, "workplace/campaign.html", context, status=422 if form is not None else 200)


def _exception(member: CampaignMember, staff: dict[str, str]) -> list[Any]:
    words = {NO_ACCOUNT: _("No account: write a letter"), STOPPED: _("The campaign was stopped")}
    return [
        str(member.case.public_id),
        words.get(member.exception_reason, member.exception_reason),
        staff.get(member.excepted_by, _("System")),
    ]


@staff_required(METHODS)
@require_POST
def confirm(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Let a campaign begin that somebody else has drafted."""
    _campaign_or_404(campaign_id)
    service = partial(confirm_campaign, campaign_id, actor=actor_of(account_of(request)))
    return _act(request, campaign_id, service, _("Confirmed. The first people are asked now."))


@staff_required(METHODS)
@require_POST
def stop(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask nobody further."""
    found = _campaign_or_404(campaign_id)
    form = ReasonForm(request.POST, prefix="stop")
    if not form.is_valid():
        return _campaign_page(request, found, stop_form=form)
    service = partial(stop_campaign, campaign_id, form.cleaned_data["reason"], actor=actor_of(account_of(request)))
    return _act(request, campaign_id, service, _("Stopped. Nobody is asked or restricted any more."))


@staff_required(METHODS)
@require_POST
def except_one(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Leave out one person, found by the number of their case."""
    found = _campaign_or_404(campaign_id)
    form = ExceptionForm(request.POST, prefix="exception")
    if form.is_valid():
        member = found.members.filter(case__public_id=form.cleaned_data["case"]).first()
        if member is not None:
            reason = form.cleaned_data["reason"]
            service = partial(except_person, member.pk, reason, actor=actor_of(account_of(request)))
            return _act(request, campaign_id, service, _("Excepted. If there was a restriction, it ends."))
        form.add_error("case", _("This case is not in this campaign."))
    return _campaign_page(request, found, exception_form=form)


def _act(request: HttpRequest, campaign_id: int, service: Callable[[], Any], said: str) -> HttpResponse:
    try:
        service()
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, said)
    return redirect("workplace:campaign", campaign_id=campaign_id)


def _campaign_or_404(campaign_id: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("method"), pk=campaign_id)
