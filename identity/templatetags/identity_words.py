"""Codes as words, for pages and mails: methods by their name, reasons by their sentences, moments from JSON."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template

from identity.cases.links import address_for
from identity.methods.models import Method
from identity.portal.reasons import Why, why

register = template.Library()


@register.filter
def method_of(code: str) -> Method | None:
    """The method of a code, for its name and what a person needs; None for an unknown one."""
    return Method.objects.filter(pk=code).first()


@register.filter
def reason_why(code: str) -> Why:
    """The words for the code of a reason."""
    return why(code)


@register.filter
def last_day(text: str) -> datetime | None:
    """The last whole day of a moment given as ISO text; None for an empty one."""
    return datetime.fromisoformat(text) - timedelta(seconds=1) if text else None


@register.filter
def moment(text: str) -> datetime | None:
    """A moment given as ISO text; None for an empty one."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def signed_address(case_id: str) -> str:
    """The signed address that leads to a case, for the one button of a message."""
    return address_for(case_id)
