"""The models of all rooms, where Django looks for them."""

from identity.callbacks.models import InboxEntry
from identity.campaigns.models import Campaign, CampaignMember
from identity.cases.effects.models import AffectedCase, OrderRun
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.members.models import Address, Card, CardStateChange, Insurant, Insurer, InsurerArea
from identity.methods.models import Method, MethodAdmission, Suspension
from identity.methods.records import Lifting, MethodChange
from identity.status.models import StatusFeedback

__all__ = [
    "Address",
    "AffectedCase",
    "Attempt",
    "Campaign",
    "CampaignMember",
    "Card",
    "CardStateChange",
    "IdentificationCase",
    "InboxEntry",
    "Insurant",
    "Insurer",
    "InsurerArea",
    "Lifting",
    "Method",
    "MethodAdmission",
    "MethodChange",
    "OrderRun",
    "Result",
    "Review",
    "StatusFeedback",
    "Suspension",
]
