"""Was the status page helpful?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.status.models import LONGEST, StatusFeedback


class FeedbackForm(forms.Form):
    page = forms.ChoiceField(choices=StatusFeedback.Page, widget=forms.HiddenInput)
    helpful = forms.TypedChoiceField(
        label=_("Was this page helpful?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    text = forms.CharField(
        label=_("What can we do better?"),
        help_text=_("Please write no names and no insurance numbers. At most %(longest)s characters.")
        % {"longest": LONGEST},
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST, "autocomplete": "off"}),
    )


class PlainFeedbackForm(FeedbackForm):
    """The same in plain German. German by nature, so its words stand here and not in the catalogue."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["helpful"].label = "War diese Seite gut für Sie?"
        self.fields["helpful"].choices = [("yes", "Ja"), ("no", "Nein")]  # type: ignore[attr-defined]
        self.fields["text"].label = "Was sollen wir besser machen?"
        self.fields["text"].help_text = "Sie müssen nichts schreiben. Schreiben Sie keine Namen und keine Nummern."
