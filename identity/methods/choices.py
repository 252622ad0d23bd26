"""The fixed words of methods: purposes, levels, what may be asked of the gate and what it answers."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """What an identification is for."""

    EPA = "epa", _("Access to the electronic patient record (ePA)")
    PIN = "pin", _("PIN of the health card")


class AssuranceLevel(models.IntegerChoices):
    """eIDAS levels in their order, so that the lowest of several is `min` (BSI TR-03147)."""

    NORMAL = 1, _("normal")
    SUBSTANTIAL = 2, _("substantial")
    HIGH = 3, _("high")


class Setting(models.TextChoices):
    """Where a method takes place."""

    ONLINE = "online", _("online")
    POST_OFFICE = "post_office", _("in a post office")
    BRANCH = "branch", _("in a branch")
    PAPER = "paper", _("on certified paper")


class Effect(models.TextChoices):
    """What an order does to people in the middle. In all four cases nobody new begins."""

    MOVE = "move", _("Move: the attempt ends, the person chooses another way")
    FREEZE = "freeze", _("Freeze: the place is kept, clocks stop, results are kept in quarantine")
    FINISH = "finish", _("Finish: who has begun may finish until a moment")
    VOID = "void", _("Void: identifications since a moment are withdrawn from use, too")


class QuarantineEnd(models.TextChoices):
    """What happens to results in quarantine when a freeze is lifted."""

    RELEASE = "release", _("Release: they count as if they came now")
    REFUSE = "refuse", _("Refuse: they grant nothing, the people choose another way")


class Action(StrEnum):
    """What somebody wants of a method."""

    START = "start"
    RESUME = "resume"
    ACCEPT = "accept"  # take a result
    USE = "use"  # build on a result that was taken: open an access, send a PIN


class Reason(StrEnum):
    """Why the gate says no. Stable codes: pages, API and audit use them."""

    SUSPENDED = "suspended"
    NOT_YET_READMITTED = "not_yet_readmitted"  # admitted again for some people first
    UNREADABLE = "unreadable"
    UNKNOWN_METHOD = "unknown_method"
    NOT_ADMITTED = "not_admitted"  # not (yet, any more) for this purpose
    LEVEL_TOO_LOW = "level_too_low"
    NOT_CONFIGURED = "not_configured"
    STAFF_ONLY = "staff_only"
    TOO_YOUNG = "too_young"
    AGE_UNKNOWN = "age_unknown"
