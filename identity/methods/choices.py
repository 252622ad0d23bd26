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


class Action(StrEnum):
    """What somebody wants of a method."""

    START = "start"
    RESUME = "resume"
    ACCEPT = "accept"  # take a result


class Reason(StrEnum):
    """Why the gate says no. Stable codes: pages, API and audit use them."""

    SUSPENDED = "suspended"
    UNREADABLE = "unreadable"
    UNKNOWN_METHOD = "unknown_method"
    NOT_ADMITTED = "not_admitted"  # not (yet, any more) for this purpose
    LEVEL_TOO_LOW = "level_too_low"
    NOT_CONFIGURED = "not_configured"
    STAFF_ONLY = "staff_only"
    TOO_YOUNG = "too_young"
    AGE_UNKNOWN = "age_unknown"
