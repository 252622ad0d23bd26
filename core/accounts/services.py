"""What changes an account besides django-allauth."""

from core.accounts.models import Account, Language


def choose_language(account: Account, language: str) -> None:
    """Keep the language that somebody's mails come in. One that we do not speak changes nothing."""
    if language in Language.values:
        Account.objects.filter(pk=account.pk).update(language=language)
