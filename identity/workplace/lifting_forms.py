"""How a suspension shall end: what one administrator proposes and another approves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.methods.choices import Effect, QuarantineEnd
from identity.methods.models import Suspension
from identity.methods.records import Lifting
from identity.workplace.suspension_forms import Moment, answers_of, check_reference

AT_ONCE, IN_STEPS = "at_once", "in_steps"
STEPS: Final = (10, 25, 50, 100)
STEP_HOURS: Final = 24
LONGEST_STEP_HOURS: Final = 24 * 14
MOST_STEPS: Final = 10
NOT_STEPS: Final = _("Enter rising whole numbers from 1 to 100 with commas between them, ten at most.")


class LiftingForm(forms.Form):
    """Evidence, moment and way of the end. What happens to quarantined results is asked only for a freeze."""

    HOW_HINTS: ClassVar[Mapping[str, Any]] = {
        IN_STEPS: _(
            "First for some people, then for more, at last for all. Who is let in stays in: it is the same people at "
            "every door. It stops by itself when many fail."
        ),
    }
    QUARANTINE_HINTS: ClassVar[Mapping[str, Any]] = {
        QuarantineEnd.RELEASE: _("Only if the evidence says that identifications during the suspension were safe."),
    }

    evidence = forms.CharField(
        label=_("Reference to the evidence"),
        help_text=_("File number or date of the decision or report that says that the method is safe (again)."),
        max_length=200,
        validators=[check_reference],
        error_messages={"required": _("Without evidence no suspension ends.")},
    )
    at = Moment(label=_("End"), help_text=_("Leave it empty: then it ends when a second person approves it."))
    how = forms.ChoiceField(
        label=_("How is the method admitted again?"),
        choices=[(AT_ONCE, _("At once for all")), (IN_STEPS, _("In steps"))],
        widget=forms.RadioSelect,
        initial=AT_ONCE,
        error_messages={"required": _("Choose how it is admitted again.")},
    )
    percents = forms.CharField(
        label=_("For how many of a hundred people?"),
        help_text=_("One number for each step, rising, for example 10, 25, 50, 100."),
        error_messages={"required": NOT_STEPS},
        initial=", ".join(map(str, STEPS)),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "vw-width-20", "autocomplete": "off"}),
    )
    step_hours = forms.IntegerField(
        label=_("Hours that each step lasts"),
        initial=STEP_HOURS,
        widget=forms.TextInput(attrs={"class": "vw-width-10", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={key: _("Enter a whole number of hours.") for key in ("required", "invalid")},
    )
    quarantine_end = forms.ChoiceField(
        label=_("What happens to the results in quarantine?"),
        choices=QuarantineEnd.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to the results in quarantine.")},
    )

    def __init__(self, data: Any = None, *, order: Suspension) -> None:
        super().__init__(data)
        self.order = order
        if order.effect != Effect.FREEZE:
            del self.fields["quarantine_end"]

    @property
    def how_answers(self) -> list[dict[str, Any]]:
        return answers_of(self, "how", self.HOW_HINTS, {IN_STEPS: ("percents", "step_hours")})

    @property
    def quarantine_answers(self) -> list[dict[str, Any]]:
        if "quarantine_end" not in self.fields:
            return []
        return answers_of(self, "quarantine_end", self.QUARANTINE_HINTS, {})

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise ValidationError(_("Enter a moment in the future, or leave it empty."), code="past")
        return at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("how") == IN_STEPS:
            self._check_steps(cleaned)
        else:
            for name in ("percents", "step_hours"):
                self.errors.pop(name, None)
            cleaned |= {"percents": [], "step_hours": 0}
        return cleaned

    def _check_steps(self, cleaned: dict[str, Any]) -> None:
        percents = _percents(cleaned.get("percents", ""))
        if percents is None and "percents" not in self.errors:
            self.add_error("percents", ValidationError(NOT_STEPS, code="steps"))
        cleaned["percents"] = percents or []
        hours = cleaned.get("step_hours")
        if "step_hours" not in self.errors and not (hours is not None and 1 <= hours <= LONGEST_STEP_HOURS):
            text = _("Enter from 1 to %(most)s hours.")
            self.add_error("step_hours", ValidationError(text, code="hours", params={"most": LONGEST_STEP_HOURS}))

    def draft(self) -> Lifting:
        """Return what was typed as a proposal that nobody has made yet."""
        given = self.cleaned_data
        return Lifting(
            suspension=self.order, evidence=given["evidence"], at=given["at"], percents=given["percents"],
            step_hours=given["step_hours"], quarantine_end=given.get("quarantine_end", ""),
        )  # fmt: skip


def _percents(text: str) -> list[int] | None:
    """Return the steps as typed, ``"10, 25 %, 100"``; None if they cannot be read or do not rise."""
    parts = text.replace("%", " ").replace(";", ",").split(",")
    if len(parts) > MOST_STEPS or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    rises = all(first < second for first, second in zip([0, *numbers], numbers, strict=False))
    return numbers if rises and numbers[-1] <= 100 else None
