"""A date asked for in three boxes: nobody has to guess a format, and the keyboard of a phone shows digits."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PARTS = ((_("Day"), "2", "day"), (_("Month"), "2", "month"), (_("Year"), "4", "year"))


class SplitDateWidget(forms.MultiWidget):
    """Three text inputs named `<name>_0`, `_1`, `_2` for day, month, year; `birthday` sets their autocomplete."""

    template_name = "django/forms/widgets/split_date.html"
    use_fieldset = True

    def __init__(self, *, birthday: bool = False) -> None:
        super().__init__([forms.TextInput(attrs=self._attrs(size, part, birthday)) for _label, size, part in PARTS])

    @staticmethod
    def _attrs(size: str, part: str, birthday: bool) -> dict[str, str]:
        autocomplete = f"bday-{part}" if birthday else "off"
        return {
            "class": f"kern-form-input__input--width-{size}",
            "inputmode": "numeric",
            "maxlength": size,
            "autocomplete": autocomplete,
        }

    def decompress(self, value: Any) -> list[Any]:
        """Return day, month and year of a date; three blanks for anything else."""
        return [value.day, value.month, value.year] if isinstance(value, dt.date) else ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        for part, (label, _size, _part) in zip(context["widget"]["subwidgets"], PARTS, strict=True):
            part["label"] = label
        return context


class SplitDateField(forms.MultiValueField):
    """A date in three boxes; cleans to a `datetime.date`, or None when left empty and not required.

    Errors: `required`, `incomplete` (a box is empty), `invalid` (no such day), `range` (outside min_year to max_year)
    """

    widget: Any = SplitDateWidget
    default_error_messages = {
        "required": _("Enter the date: day, month and year."),
        "incomplete": _("Enter day, month and year."),
        "invalid": _("This date does not exist. Check day, month and year."),
        "range": _("Check the year. Write it with four digits, for example 1980."),
    }

    def __init__(self, *, min_year: int = 1900, max_year: int = 2199, birthday: bool = False, **kwargs: Any) -> None:
        self.min_year, self.max_year = min_year, max_year
        boxes = [forms.CharField(max_length=int(size), required=False) for _label, size, _part in PARTS]
        super().__init__(boxes, widget=SplitDateWidget(birthday=birthday), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> dt.date | None:
        boxes = [str(box or "").strip() for box in (value if isinstance(value, list | tuple) else [value])]
        if not any(boxes):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if not all(boxes) or len(boxes) != len(PARTS):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        date = self.compress(boxes)
        self.run_validators(date)
        return date

    def compress(self, data_list: list[str]) -> dt.date:
        """Return the date of three digit strings, or raise ValidationError."""
        if not all(box.isascii() and box.isdigit() for box in data_list):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        day, month, year = (int(box) for box in data_list)
        if not self.min_year <= year <= self.max_year:
            raise ValidationError(self.error_messages["range"], code="range")
        try:
            return dt.date(year, month, day)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
