"""From a template and its context to subject, text and HTML."""

from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

PARTS = ("subject.txt", "body.txt", "body.html")


def template_name(template: str, part: str) -> str:
    """Return where a part of a message lies: `messages/identity/identified.subject.txt`."""
    return f"messages/{template}.{part}"


def render(template: str, context: dict[str, Any], language: str) -> tuple[str, str, str]:
    """Return subject (one line), text and HTML. Raises TemplateDoesNotExist and whatever a broken template raises."""
    values = {
        "site_name": settings.SITE_NAME,
        "base_url": settings.BASE_URL,
        "contact_phone": settings.CONTACT_PHONE,
        "language": language,
        **context,
    }
    with translation.override(language):
        subject, text, html = (_part(template, part, values) for part in PARTS)
    return " ".join(subject.split()), text.strip() + "\n", html


def _part(template: str, part: str, values: dict[str, Any]) -> str:
    inner: Any = get_template(template_name(template, part))
    rendered: str = inner.template.render(Context(values, autoescape=part.endswith("html")))
    return rendered
