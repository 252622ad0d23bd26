"""The order that suspends a method, as a form."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.scrub import holds_personal_data
from identity.members.models import Insurer
from identity.methods.choices import Effect, Purpose
from identity.methods.models import Method, Suspension

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Suspension]
else:
    ModelForm = forms.ModelForm

NOW, PLANNED = "now", "planned"
REVIEW_AFTER_MONTHS = 6


def check_reference(text: str) -> None:
    """A reference goes into the audit trail: one line, nothing that looks like somebody's number or address."""
    if not text.isprintable() or holds_personal_data(text):
        raise ValidationError(
            _("Only a reference in one line: no names, e-mail addresses or insurance numbers."), code="personal"
        )


class Moment(forms.DateTimeField):
    """Day and time in one box of the browser's own; in German time."""

    def __init__(self, *, required_because: Any = "", **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "vw-width-20"}, format="%Y-%m-%dT%H:%M")
        errors = {"required": required_because, "invalid": _("Enter a day and a time.")}
        super().__init__(widget=widget, required=bool(required_because), error_messages=errors, **kwargs)


class Day(forms.DateField):
    """A day in one box of the browser's own."""

    def __init__(self, *, required_because: Any, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": "vw-width-20"}, format="%Y-%m-%d")
        errors = {"required": required_because, "invalid": _("Enter a day.")}
        super().__init__(widget=widget, error_messages=errors, **kwargs)


def in_months(months: int, day: date) -> date:
    """Return the same day so many months later; the last one of the month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def answers_of(
    form: forms.BaseForm, name: str, hints: Mapping[str, Any], more: Mapping[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Return the answers to a question for workplace/answers.html, with its hint and its fields."""
    answers = []
    for radio in form[name]:
        value = str(radio.data["value"])
        if value in hints:
            radio.data["attrs"]["aria-describedby"] = f"{radio.id_for_label}_hint"
        fields = [form[each] for each in more.get(value, ())]
        answers.append({"radio": radio, "hint": hints.get(value, ""), "fields": fields})
    return answers


class SuspensionForm(ModelForm):
    """An order as gematik or somebody else has given it. Empty scope fields mean "all"."""

    EFFECT_HINTS: ClassVar[Mapping[str, Any]] = {
        Effect.MOVE: _(
            "The usual. Attempts under way end at once. The people choose another way; their application date stays."
        ),
        Effect.FREEZE: _(
            "For a short stop. The people keep their place, no time limit runs, and results that come in meanwhile "
            "wait in quarantine until you lift the suspension."
        ),
        Effect.FINISH: _("For a planned end. Who has begun before may finish, but only until the moment named."),
        Effect.VOID: _(
            "For a method that could be deceived. As “Move”, and people identified since that moment are asked to "
            "identify again. Access to the ePA that is open already stays open."
        ),
    }

    when = forms.ChoiceField(
        label=_("From when?"),
        choices=[(NOW, _("Now, at once")), (PLANNED, _("Planned, from a later moment"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose from when it applies.")},
    )
    effective_from = Moment(
        label=_("Planned start"), required_because=_("Enter a moment in the future, or choose “Now”.")
    )
    ends_at = Moment(
        label=_("End"),
        help_text=_(
            "Leave it empty if it applies until further notice (the usual). An end comes by itself only if a second "
            "person has confirmed the suspension."
        ),
    )
    review_on = Day(
        label=_("Look at it again on"),
        help_text=_("From this day on the workplace reminds everybody to check whether the suspension is still right."),
        required_because=_("Enter the day on which somebody looks at the suspension again."),
    )
    effect = forms.ChoiceField(
        label=_("What happens to people who have begun already?"),
        choices=Effect.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to people who have begun already.")},
    )
    finish_until = Moment(label=_("They may finish until"), required_because=_("Enter until when they may finish."))
    void_since = Moment(
        label=_("Identifications since this moment are withdrawn from use"),
        required_because=_("Enter since when identifications are withdrawn."),
    )
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False, choices=[("", _("All purposes")), *Purpose.choices])
    insurer = forms.ModelChoiceField(
        Insurer.objects.order_by("name"), label=_("Insurer"), required=False, empty_label=_("All insurers")
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    link = forms.URLField(
        label=_("Where the order can be read"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("A web address that begins with https://. Everybody may see it."),
        error_messages={"invalid": _("Enter a web address that begins with https://.")},
    )

    class Meta:
        model = Suspension
        fields = ["authority", "order_reference", "link", "legal_basis", "reason", "provider", "purpose", "insurer",
                  "region", "when", "effective_from", "ends_at", "review_on", "effect", "finish_until", "void_since",
                  "earlier_results_count", "public_text_de", "public_text_plain", "public_text_en",
                  "last_door_reason"]  # fmt: skip
        labels = {
            "authority": _("Who ordered it?"),
            "order_reference": _("Reference of the order"),
            "legal_basis": _("Legal basis"),
            "reason": _("Reason, for staff"),
            "public_text_de": _("Public text in German"),
            "public_text_plain": _("Public text in plain German"),
            "public_text_en": _("Public text in English"),
            "earlier_results_count": _("Results from before this moment still count"),
            "last_door_reason": _("Why is it suspended although this way is needed?"),
        }
        help_texts = {
            "authority": _("For example gematik."),
            "order_reference": _("File number or date of the order."),
            "legal_basis": _("For example SGB V § 311."),
            "reason": _("What has happened? Only staff and those who check us read this."),
            "public_text_de": _("Everybody reads this: on the page of methods and where a method is chosen."),
            "public_text_plain": _("Short sentences, one thought each, no foreign words."),
            "earlier_results_count": _(
                "Tick it only if the order says so: then a result counts if the person identified before the start, "
                "even if it reaches us later. Without the tick it is kept but grants nothing."
            ),
            "last_door_reason": _("Needed when the last online way goes, or the online ID. It stands in the history."),
        }
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3}),
            "public_text_de": forms.Textarea(attrs={"rows": 3, "lang": "de"}),
            "public_text_plain": forms.Textarea(attrs={"rows": 3, "lang": "de"}),
            "public_text_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
            "last_door_reason": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, data: Any = None, *, method: Method) -> None:
        review_on = in_months(REVIEW_AFTER_MONTHS, timezone.localdate())
        initial = {"when": NOW, "effective_from": None, "effect": Effect.MOVE, "review_on": review_on}
        super().__init__(data, instance=Suspension(method=method), initial=initial)
        regions = Insurer.objects.order_by("region").values_list("region", flat=True).distinct()
        self._offer("region", _("All regions"), [each for each in regions if each])
        self._offer("provider", _("All providers"), [method.provider] if method.provider else [])

    def _offer(self, name: str, everything: Any, values: list[str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [("", everything), *((value, value) for value in values)]

    @property
    def when_answers(self) -> list[dict[str, Any]]:
        return answers_of(self, "when", {}, {PLANNED: ("effective_from",)})

    @property
    def effect_answers(self) -> list[dict[str, Any]]:
        more = {Effect.FINISH.value: ("finish_until",), Effect.VOID.value: ("void_since",)}
        return answers_of(self, "effect", self.EFFECT_HINTS, more)

    def clean_order_reference(self) -> str:
        text: str = self.cleaned_data["order_reference"]
        check_reference(text)
        return text

    def clean_review_on(self) -> date:
        day: date = self.cleaned_data["review_on"]
        if day <= timezone.localdate():
            raise ValidationError(_("Enter a day in the future."), code="past")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start = cleaned["effective_from"] = self._start(cleaned)
        ends_at: datetime | None = cleaned.get("ends_at")
        if start and ends_at and ends_at <= start:
            self.add_error("ends_at", ValidationError(_("The end must be after the start."), code="order"))
        self._clean_effect(cleaned, start)
        insurer, region = cleaned.get("insurer"), cleaned.get("region")
        if insurer and region and insurer.region != region:
            self.add_error("region", ValidationError(_("This insurer is in another region."), code="nowhere"))
        return cleaned

    def _start(self, cleaned: dict[str, Any]) -> datetime | None:
        """Return when the order begins; None, with an error at its field, if that cannot be said."""
        if cleaned.get("when") != PLANNED:
            self.errors.pop("effective_from", None)
            return timezone.now()
        planned: datetime | None = cleaned.get("effective_from")
        if planned is not None and planned <= timezone.now():
            text = _("Enter a moment in the future, or choose “Now”.")
            self.add_error("effective_from", ValidationError(text, code="past"))
            return None
        return planned

    def _clean_effect(self, cleaned: dict[str, Any], start: datetime | None) -> None:
        """Each effect has its own moment, or none: what was typed at another answer does not count."""
        effect = cleaned.get("effect")
        for name, its_effect in (("finish_until", Effect.FINISH), ("void_since", Effect.VOID)):
            if effect != its_effect:
                cleaned[name] = None
                self.errors.pop(name, None)
        until, since = cleaned.get("finish_until"), cleaned.get("void_since")
        if start and until and until <= start:
            self.add_error("finish_until", ValidationError(_("Enter a moment after the start."), code="order"))
        if start and since and since > start:
            self.add_error("void_since", ValidationError(_("Enter a moment before the start."), code="order"))


def show_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put the errors of a model's full_clean at the fields of a form; what has no field stands above it."""
    found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, texts in found.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
