"""The models of all rooms, where Django looks for them."""

from identity.callbacks.models import InboxEntry
from identity.cases.models import Attempt, IdentificationCase, Result, Review
from identity.members.models import Address, Card, CardStateChange, Insurant, Insurer, InsurerArea
from identity.methods.models import Method, MethodAdmission, Suspension

__all__ = [
    "Address",
    "Attempt",
    "Card",
    "CardStateChange",
    "IdentificationCase",
    "InboxEntry",
    "Insurant",
    "Insurer",
    "InsurerArea",
    "Method",
    "MethodAdmission",
    "Result",
    "Review",
    "Suspension",
]
