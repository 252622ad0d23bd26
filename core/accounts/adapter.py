"""How django-allauth creates accounts and sends its mails: through our outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

from core.accounts.models import Account, Language
from core.ids import uuid7
from core.outbox.services import enqueue

# What our texts may show of what allauth offers. Everything else (user, request, address of the browser) stays out.
SHOWN = ("code", "activate_url", "password_reset_url", "signup_url", "timestamp")
UNCHANGED = (str, int, bool)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Message names are `account/<name>`: `account/email/login_code` becomes `account/login_code`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def new_user(self, request: HttpRequest) -> Account:
        account: Account = super().new_user(request)
        account.language = _language()
        return account

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        name = template_prefix.rsplit("/", 1)[-1]
        user = context.get("user")
        language = user.language if isinstance(user, Account) else _language()
        shown = {key: _plain(context[key]) for key in SHOWN if key in context}
        enqueue(f"account.{name}.{uuid7()}", f"account/{name}", to=email, context=shown, language=language)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, UNCHANGED) else str(value)


def _language() -> str:
    spoken = (get_language() or "")[:2]
    return spoken if spoken in Language.values else Language.GERMAN.value
