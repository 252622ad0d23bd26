"""What a person types in: only how they want to use the ePA."""

from django import forms
from django.utils.translation import gettext_lazy as _

from epa.states import Channel


class ChannelForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("Your choice"),
        choices=Channel.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose how you want to use your ePA."),
            "invalid_choice": _("Please choose how you want to use your ePA."),
        },
    )
