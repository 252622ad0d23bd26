"""The states of an outgoing message.

waiting ── sent
   │ ↑
  dead (after TRIES tries, or refused for good; a person may let it try again)
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


class Channel(models.TextChoices):
    MAIL = "mail", _("E-mail")


S = MessageState
MOVES: Mapping[S, frozenset[S]] = {
    S.WAITING: frozenset({S.SENT, S.DEAD}),
    S.SENT: frozenset(),
    S.DEAD: frozenset({S.WAITING}),
}


class MessageNotDead(DomainError):
    """Only a message that was given up can be tried again by hand."""

    code = "message_not_dead"
    message = _("This message is still on its way or was sent.")


def check_move(source: S, target: S) -> None:
    """Raise MessageNotDead or ValueError unless MOVES has an arrow from `source` to `target`."""
    if target not in MOVES[source]:
        if target is S.WAITING:
            raise MessageNotDead(f"{source.value} -> {target.value}")
        raise ValueError(f"no move from {source.value} to {target.value}")
