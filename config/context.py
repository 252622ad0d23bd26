"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the name, the contact and whether this is a demo."""
    return {"site_name": settings.SITE_NAME, "demo": settings.VORWEIS_DEMO, "contact_phone": settings.CONTACT_PHONE}
