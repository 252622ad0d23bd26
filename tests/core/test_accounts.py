import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone, translation

from core.accounts.adapter import AccountAdapter
from core.errors import violates
from core.models import Account, OutgoingMessage

pytestmark = pytest.mark.django_db


def test_the_account_is_the_user_of_django():
    assert get_user_model() is Account


def test_an_account_is_known_by_its_address_in_lower_case():
    account = Account.objects.create_user(" Anna@Example.ORG ", "geheim", language="en")

    assert account.email == "anna@example.org"
    assert account.check_password("geheim")
    assert Account.objects.get_by_natural_key("ANNA@example.org") == account
    assert (account.is_staff, account.is_superuser) == (False, False)
    assert "anna" not in str(account)


def test_an_account_without_an_address_is_refused():
    with pytest.raises(ValueError, match="needs an e-mail address"):
        Account.objects.create_user("")


def test_an_account_without_a_password_cannot_log_in_with_one():
    assert not Account.objects.create_user("a@b.example").has_usable_password()


def test_the_database_refuses_a_second_account_in_another_spelling():
    Account.objects.create_user("anna@example.org")

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Account.objects.create(email="ANNA@example.org")
    assert violates(caught.value, "core_account_one_per_email")
    assert not violates(caught.value, "core_account_language_known")


def test_a_superuser_works_here_and_may_everything():
    boss = Account.objects.create_superuser("boss@example.org", "geheim")

    assert boss.is_staff
    assert boss.is_superuser


def test_mails_of_allauth_go_to_the_outbox_with_what_our_texts_show_and_no_more():
    account = Account.objects.create_user("anna@example.org", language="en")
    context = {"user": account, "code": "4711", "ip": "10.0.0.1", "timestamp": timezone.now(), "request": object()}
    AccountAdapter().send_mail("account/email/login_code", "anna@example.org", context)

    message = OutgoingMessage.objects.get()
    assert (message.template, message.recipient, message.language) == ("account/login_code", "anna@example.org", "en")
    assert set(message.context) == {"code", "timestamp"}
    assert message.context["code"] == "4711"
    assert "anna" not in message.key


def test_a_mail_to_nobody_we_know_goes_out_in_the_language_of_the_page():
    with translation.override("en"):
        AccountAdapter().send_mail("account/email/unknown_account", "a@b.example", {"signup_url": "https://x/"})
    with translation.override("fr"):
        AccountAdapter().send_mail("mfa/email/totp_activated", "a@b.example", {})

    assert sorted(OutgoingMessage.objects.values_list("template", "language")) == [
        ("account/totp_activated", "de"),
        ("account/unknown_account", "en"),
    ]


def test_a_new_account_speaks_the_language_of_the_page():
    request = RequestFactory().get("/")
    with translation.override("en"):
        assert AccountAdapter(request).new_user(request).language == "en"
    assert AccountAdapter(request).is_open_for_signup(request)
