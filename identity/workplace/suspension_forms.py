"""The order that suspends a method, as a form, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.scrub import holds_personal_data
from identity.members.models import Insurer
from identity.methods.choices import Purpose
from identity.methods.models import Method, Suspension

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Suspension]
else:
    ModelForm = forms.ModelForm

NOW, PLANNED = "now", "planned"


def check_reference(text: str) -> None:
    """A reference goes into the audit trail: one line, nothing that looks like somebody's number or address."""
    if not text.isprintable() or holds_personal_data(text):
        raise ValidationError(
            _("Only a reference in one line: no names, e-mail addresses or insurance numbers."), code="personal"
        )


class Moment(forms.DateTimeField):
    """Day and time in one box of the browser's own; in German time."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "vw-width-20"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, error_messages={"invalid": _("Enter a day and a time.")}, **kwargs)


class SuspensionForm(ModelForm):
    """An order as gematik or somebody else has given it. Empty scope fields mean "all"."""

    when = forms.ChoiceField(
        label=_("From when?"),
        choices=[(NOW, _("Now, at once")), (PLANNED, _("Planned, from the moment below"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose from when it applies.")},
    )
    effective_from = Moment(label=_("Planned start"), required=False)
    ends_at = Moment(
        label=_("End"), required=False, help_text=_("Leave it empty if it applies until further notice (the usual).")
    )
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False, choices=[("", _("All purposes")), *Purpose.choices])
    insurer = forms.ModelChoiceField(
        Insurer.objects.order_by("name"), label=_("Insurer"), required=False, empty_label=_("All insurers")
    )
    region = forms.ChoiceField(label=_("Region"), required=False)

    class Meta:
        model = Suspension
        fields = ["authority", "order_reference", "reason", "public_text_de", "public_text_en", "when",
                  "effective_from", "ends_at", "earlier_results_count", "provider", "purpose", "insurer",
                  "region"]  # fmt: skip
        labels = {
            "authority": _("Who ordered it?"),
            "order_reference": _("Reference of the order"),
            "reason": _("Reason, for staff"),
            "public_text_de": _("Public text in German"),
            "public_text_en": _("Public text in English"),
            "earlier_results_count": _("Results from before this moment still count"),
        }
        help_texts = {
            "authority": _("For example gematik."),
            "order_reference": _("File number or date of the order."),
            "public_text_de": _("Everybody reads this: on the page of methods and where a method is chosen."),
            "earlier_results_count": _(
                "Tick it only if the order says so: then a result counts if the person identified before the start, "
                "even if it reaches us later. Without the tick it is kept but grants nothing."
            ),
        }
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3}),
            "public_text_de": forms.Textarea(attrs={"rows": 3, "lang": "de"}),
            "public_text_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        }

    def __init__(self, data: Any = None, *, method: Method) -> None:
        super().__init__(data, instance=Suspension(method=method), initial={"when": NOW, "effective_from": None})
        regions = Insurer.objects.order_by("region").values_list("region", flat=True).distinct()
        self._offer("region", _("All regions"), [each for each in regions if each])
        self._offer("provider", _("All providers"), [method.provider] if method.provider else [])

    def _offer(self, name: str, everything: Any, values: list[str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [("", everything), *((value, value) for value in values)]

    def clean_order_reference(self) -> str:
        text: str = self.cleaned_data["order_reference"]
        check_reference(text)
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start = cleaned["effective_from"] = self._start(cleaned)
        ends_at: datetime | None = cleaned.get("ends_at")
        if start and ends_at and ends_at <= start:
            self.add_error("ends_at", ValidationError(_("The end must be after the start."), code="order"))
        insurer, region = cleaned.get("insurer"), cleaned.get("region")
        if insurer and region and insurer.region != region:
            self.add_error("region", ValidationError(_("This insurer is in another region."), code="nowhere"))
        return cleaned

    def _start(self, cleaned: dict[str, Any]) -> datetime | None:
        """Return when the order begins; None, with an error at its field, if that cannot be said."""
        if cleaned.get("when") != PLANNED:
            return timezone.now()
        planned: datetime | None = cleaned.get("effective_from")
        if "effective_from" in self.errors:
            return None
        if planned is None or planned <= timezone.now():
            text = _("Enter a moment in the future, or choose “Now”.")
            self.add_error("effective_from", ValidationError(text, code="past"))
            return None
        return planned


class EndSuspensionForm(forms.Form):
    evidence = forms.CharField(
        label=_("Reference to the evidence"),
        help_text=_("File number or date of the decision or report that says that the method is safe (again)."),
        max_length=200,
        validators=[check_reference],
        error_messages={"required": _("Without evidence no suspension ends.")},
    )
    at = Moment(
        label=_("End"), required=False, help_text=_("Leave it empty to end it now.")
    )  # fmt: skip

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise ValidationError(_("Enter a moment in the future, or leave it empty."), code="past")
        return at


def show_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put the errors of a model's full_clean at the fields of a form; what has no field stands above it."""
    found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, texts in found.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
