"""A re-verification campaign as a form, and the reasons that staff give."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.scrub import holds_personal_data
from identity.campaigns.models import Campaign
from identity.methods.choices import Purpose
from identity.methods.models import Method
from identity.workplace.suspension_forms import Day, Moment

USUAL_DAYS = 60
LONGEST_REASON = 500


def check_words(text: str) -> None:
    """A reason or text for many is no place for somebody's number or address."""
    if holds_personal_data(text):
        raise ValidationError(_("No names, e-mail addresses or insurance numbers here."), code="personal")


class CampaignForm(forms.Form):
    """Whom to ask to identify themselves again, until when, and why."""

    method = forms.ModelChoiceField(Method.objects.order_by("position", "code"), label=_("Method"))
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    identified_from = Moment(
        label=_("Identified from"), help_text=_("Time of identification as the provider states it.")
    )
    identified_to = Moment(label=_("Identified before"))
    deadline = Day(
        label=_("Last day to identify oneself again"),
        help_text=_("Who is asked late has two weeks all the same. After it the access is restricted, never deleted."),
        required_because=_("Enter the last day."),
    )
    per_day = forms.IntegerField(
        label=_("People asked a day"),
        min_value=1,
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"class": "vw-width-20"}),
        help_text=_("Not all at once: post offices and branches have to cope."),
    )
    reminder_days = SimpleArrayField(
        forms.IntegerField(min_value=1, max_value=90),
        label=_("Reminders, days before the last day"),
        help_text=_("Numbers with commas. Who has been identified again gets none."),
        widget=forms.TextInput(attrs={"class": "vw-width-20"}),
        error_messages={"item_invalid": _("Only days from 1 to 90, with commas between them.")},
    )

    reason = forms.CharField(
        label=_("Reason, for staff"), widget=forms.Textarea(attrs={"rows": 3}), validators=[check_words]
    )
    text_de = forms.CharField(
        label=_("Why, for the people asked, in German"),
        help_text=_("Stands at the beginning of the message. Short sentences."),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "de"}),
        validators=[check_words],
    )
    text_en = forms.CharField(
        label=_("Why, for the people asked, in English"),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        validators=[check_words],
    )

    def __init__(self, data: Any = None) -> None:
        deadline = timezone.localdate() + timedelta(days=USUAL_DAYS)
        super().__init__(data, initial={"deadline": deadline, "per_day": 1000, "reminder_days": [14, 3]})
        providers = (
            Method.objects.exclude(provider="").order_by("provider").values_list("provider", flat=True).distinct()
        )
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [("", _("Every provider")), *((name, name) for name in providers.distinct())]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = cleaned.get("identified_from"), cleaned.get("identified_to")
        if begin and end and end <= begin:
            self.add_error(
                "identified_to", ValidationError(_("The end must be later than the beginning."), code="order")
            )
        return cleaned

    def draft(self) -> Campaign:
        """Return what was typed as a campaign; the service says whether it can be one."""
        return Campaign(**self.cleaned_data)


class ReasonForm(forms.Form):
    """Why a campaign is stopped."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[check_words],
        error_messages={"required": _("Give a reason.")},
    )


class ExceptionForm(ReasonForm):
    """One person, found by the number of their case, and why they are not asked any more."""

    case = forms.UUIDField(
        label=_("Case number"),
        help_text=_("Of the person's identification. It stands on the page of the case."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a number."), "invalid": _("This is not the number of a case.")},
    )

    field_order = ("case", "reason")
