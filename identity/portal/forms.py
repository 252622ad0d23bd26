"""What a person types. Form and check digit are looked at here; whether it is true is for the service to say."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.dates import SplitDateField
from identity.matching import PartialDate
from identity.members import kvnr

_DIGITS = re.compile(r"[0-9]{6}")
_POSTCODE = re.compile(r"[0-9]{5}")


class BirthDateField(SplitDateField):
    """A birth date in three boxes; day, or day and month, may stay empty.

    Cleans to ISO with noughts for what is not known: ``1964-08-00``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_year=1880, birthday=True, **kwargs)

    def clean(self, value: Any) -> Any:
        boxes = [str(box or "").strip() for box in (value if isinstance(value, list | tuple) else [value])]
        if not any(boxes):
            raise ValidationError(self.error_messages["required"], code="required")
        if len(boxes) != 3 or not boxes[2] or (boxes[0].strip("0") and not boxes[1].strip("0")):
            raise ValidationError(_("Enter at least the year; with a day also the month."), code="incomplete")
        day, month, year = (box or "0" for box in boxes)
        if not all(box.isascii() and box.isdigit() for box in (day, month, year)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return self._whole(int(day), int(month), int(year))

    def _whole(self, day: int, month: int, year: int) -> str:
        if not self.min_year <= year <= self.max_year:
            raise ValidationError(self.error_messages["range"], code="range")
        try:
            return PartialDate(year, month or None, day or None).isoformat()
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class LinkForm(forms.Form):
    """Number, birth date and card: together they connect an account with an insured person."""

    kvnr = forms.CharField(
        label=_("Health insurance number (KVNR)"),
        help_text=_("One letter and 9 digits, for example A123456780. It stands on the front of your health card."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "vw-width-20"}),
        error_messages={"required": _("Enter your health insurance number.")},
    )
    birth_date = BirthDateField(
        label=_("Date of birth"),
        help_text=_("For example 5 4 1980. If your papers name only the year, leave day and month empty."),
    )
    card_digits = forms.CharField(
        label=_("Last 6 digits of the card number"),
        help_text=_("The card number has 20 digits and begins with 80276. It stands on the back of your health card."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "vw-width-10"}),
        error_messages={"required": _("Enter the last 6 digits of the card number.")},
    )

    def clean_kvnr(self) -> str:
        try:
            return kvnr.parse(self.cleaned_data["kvnr"])
        except ValueError:
            raise ValidationError(
                _("Check the number: one letter and 9 digits. There is a typing error in it."), code="invalid"
            ) from None

    def clean_card_digits(self) -> str:
        """Take the last six of whatever was typed: people also type the whole number, with blanks."""
        digits = re.sub(r"[\s-]", "", self.cleaned_data["card_digits"])
        if digits.isascii() and len(digits) > 6 and digits.isdigit():
            digits = digits[-6:]
        if not _DIGITS.fullmatch(digits):
            raise ValidationError(_("Enter 6 digits: the last ones of the card number."), code="invalid")
        return digits


class PostcodeForm(forms.Form):
    plz = forms.CharField(
        label=_("Postcode"),
        help_text=_("5 digits. We use it only to find who is responsible for you."),
        widget=forms.TextInput(
            attrs={"autocomplete": "postal-code", "inputmode": "numeric", "maxlength": "5", "class": "vw-width-10"}
        ),
        error_messages={"required": _("Enter a postcode.")},
    )

    def clean_plz(self) -> str:
        postcode: str = self.cleaned_data["plz"]
        if not _POSTCODE.fullmatch(postcode):
            raise ValidationError(_("A postcode has 5 digits."), code="invalid")
        return postcode


class ChoiceForm(forms.Form):
    """Any code is taken: whether it is open to this person is for the gate to say."""

    method = forms.CharField(
        label=_("Way"), max_length=30, error_messages={"required": _("Please choose one of the ways.")}
    )


class FeedbackForm(forms.Form):
    message = forms.CharField(
        label=_("Your message"),
        help_text=_("Which page was it, and what did not work? Please write nothing about your health."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Please write what is in your way.")},
    )
    contact = forms.CharField(
        label=_("Your e-mail address or telephone number"),
        help_text=_("Only if you would like an answer."),
        max_length=200,
        required=False,
    )
