"""The channels in plain words: what each means, what one needs, and what to do once the access is open (E2, E4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from epa.states import Channel

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words
else:
    Words = str


@dataclass(frozen=True, slots=True)
class ChannelWords:
    what: Words
    needs: tuple[Words, ...]
    duration: Words
    steps: tuple[Words, ...]
    """What to do next, in order."""


_FIRST_LOGIN = _(
    "Open the app and log in for the first time. Have your health card at hand. The app leads you through it."
)
_PHONE_CODE = _(
    "You get a code with 6 digits by e-mail. Type it into the app. That confirms your phone: until then it cannot show "
    "your ePA."
)
_NEEDS_EMAIL = _("your e-mail address: a code for the log-in is sent there")

WORDS: Mapping[Channel, ChannelWords] = {
    Channel.APP_IOS: ChannelWords(
        what=_("You look into your ePA on your iPhone, wherever you are."),
        needs=(_("an iPhone"), _("the ePA app of your insurer, free of charge in the App Store"), _NEEDS_EMAIL),
        duration=_("about 10 minutes to set up the app"),
        steps=(
            _(
                "Look for the ePA app of your insurer in the App Store and install it. Check that your insurer stands "
                "there as the provider: there are apps with similar names."
            ),
            _FIRST_LOGIN,
            _PHONE_CODE,
        ),
    ),
    Channel.APP_ANDROID: ChannelWords(
        what=_("You look into your ePA on your Android phone, wherever you are."),
        needs=(
            _("a phone with Android"),
            _("the ePA app of your insurer, free of charge in the Play Store"),
            _NEEDS_EMAIL,
        ),
        duration=_("about 10 minutes to set up the app"),
        steps=(
            _(
                "Look for the ePA app of your insurer in the Play Store and install it. Check that your insurer stands "
                "there as the provider: there are apps with similar names."
            ),
            _FIRST_LOGIN,
            _PHONE_CODE,
        ),
    ),
    Channel.DESKTOP: ChannelWords(
        what=_("You look into your ePA on a computer at home."),
        needs=(
            _("a computer and a card reader"),
            _("your health card and its PIN"),
            _NEEDS_EMAIL,
        ),
        duration=_("about 20 minutes to set up the program"),
        steps=(
            _("Download the ePA program for computers from the website of your insurer and install it."),
            _(
                "Connect the card reader and put your health card in. Type the PIN of the card only into the reader or "
                "this program: never on a website, never on the telephone."
            ),
            _(
                "You get a code with 6 digits by e-mail. Type it into the program. That confirms your computer: until "
                "then it cannot show your ePA."
            ),
        ),
    ),
    Channel.NONE: ChannelWords(
        what=_(
            "You need neither a phone nor a computer. Your practice works with your ePA; our branch helps you with it."
        ),
        needs=(_("your health card"),),
        duration=_("nothing to set up"),
        steps=(
            _(
                "Take your health card with you to the practice, the hospital and the pharmacy. There your ePA is read "
                "and filled with the card."
            ),
            _(
                "You want to know what your ePA holds, to hide something or to object to something? Come to our branch "
                "or call us."
            ),
            _("You can add an app or a program later at any time."),
        ),
    ),
}


def words_of(channel: str) -> ChannelWords:
    """Return the words of a channel; those of no device for one that is not known."""
    return WORDS[Channel(channel) if channel in Channel.values else Channel.NONE]
