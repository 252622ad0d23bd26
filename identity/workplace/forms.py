"""What staff type: decisions with their reasons, numbers to search by, filters. Suspensions have their own file."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from identity.callbacks.services import ClosingReason
from identity.cases.states import AttemptState
from identity.methods.models import Method
from identity.workplace import words
from identity.workplace.reviews import Queue
from identity.workplace.trail import PREFIXES

LONGEST_REASON = 2000


def _reason(**given: Any) -> forms.CharField:
    return forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 4}), **given)


class ProposalForm(forms.Form):
    """How a first clerk would decide, and why. What may be decided depends on the kind of review."""

    decision = forms.ChoiceField(
        label=_("How would you decide?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to decide.")},
    )
    reason = _reason(
        label=_("Reason"),
        help_text=_("What did you see, and where? The colleague who confirms it reads this. The person does not."),
        error_messages={"required": _("Give a reason: without one nobody can confirm it.")},
    )

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)  # noqa: S101 (for the type checker)
        decision.choices = list(words.decisions_for(kind).items())


class AnswerForm(forms.Form):
    """What the second clerk says to a proposal. `seen` is the mark of the proposal that the page showed."""

    answer = forms.ChoiceField(
        choices=[("confirm", _("Confirm")), ("contradict", _("Contradict"))], widget=forms.HiddenInput
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = _reason(
        label=_("Reason"),
        required=False,
        help_text=_("Needed if you contradict. If you confirm, you may add something."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "contradict" and not cleaned.get("reason", "").strip():
            self.add_error("reason", ValidationError(_("Say why you contradict."), code="required"))
        return cleaned


class FilterForm(forms.Form):
    """A form that narrows a list. Its labels do not say "optional": that goes without saying."""

    use_required_attribute = False

    def without_optional(self) -> Self:
        """Return the form for showing, once it has been validated."""
        for field in self.fields.values():
            field.required = True
        return self


class ReviewFilterForm(FilterForm):
    """Which reviews the list shows; everything may be missing or wrong, then it shows what is to do."""

    stand = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            (Queue.TODO, _("All that is to do")),
            (Queue.FIRST, _("Waiting for a clerk")),
            (Queue.SECOND, _("Waiting for a second clerk")),
            (Queue.DECIDED, _("Decided in the last 30 days")),
        ],
    )
    art = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All kinds")), *words.KINDS.items()]
    )  # fmt: skip


class CaseSearchForm(forms.Form):
    """A number that says nothing about the person: the case's own, or the one on a coupon."""

    number = forms.CharField(
        label=_("Case number or reference number"),
        help_text=_("The reference number has 14 characters. It stands on the coupon. Names are not searched."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vw-width-20", "spellcheck": "false"}),
        error_messages={"required": _("Enter a number.")},
    )


class CloseEntryForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why is it settled?"),
        choices=ClosingReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it is settled.")},
    )


class TrailFilterForm(FilterForm):
    """Which events the audit page shows. A subject is an opaque id, never a name."""

    art = forms.ChoiceField(
        label=_("Kind of event"),
        required=False,
        choices=[("", _("All kinds")), *((prefix, f"{prefix}*") for prefix in PREFIXES)],
    )
    gegenstand = forms.RegexField(
        regex=r"^[0-9A-Za-z-]{1,64}$",
        label=_("Number of the subject"),
        required=False,
        help_text=_("For example the number of a case."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": _("A number has only letters, digits and hyphens.")},
    )
    vor = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class OrderNumberForm(FilterForm):
    """Narrows a list to one order, by its number in an address."""

    aussetzung = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class HistoryFilterForm(OrderNumberForm):
    """Which changes the history shows."""

    verfahren = forms.ChoiceField(label=_("Method"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.method_names = {each.code: each.name for each in Method.objects.all()}
        methods = self.fields["verfahren"]
        assert isinstance(methods, forms.ChoiceField)  # noqa: S101 (for the type checker)
        methods.choices = [("", _("All methods")), *self.method_names.items()]


class QuarantineFilterForm(OrderNumberForm):
    """Which held results the list shows."""

    stand = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            (AttemptState.QUARANTINED, _("In quarantine")),
            (AttemptState.WITHHELD, _("Withheld by a suspension")),
        ],
    )
