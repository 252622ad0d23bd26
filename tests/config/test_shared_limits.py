"""allauth's limits and its used codes hold over all processes, and while Redis is away."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.accounts.models import Account
from core.models import CachedValue

WRONG = {"login": "anna@example.org", "password": "not-the-password"}
NOBODY = "redis://127.0.0.1:1/0"
ANOTHER_PROCESS = """
import sys, django
django.setup()
from django.test import Client
for _ in range(4):
    Client().post(sys.argv[1], {"login": sys.argv[2], "password": "not-the-password"})
"""


def try_to_log_in(login: str = WRONG["login"], **extra: Any) -> bool:
    """Return whether the password was looked at, and not refused because of too many."""
    page = Client().post(reverse("account_login"), {**WRONG, "login": login}, **extra)
    return not page.context["form"].has_error("__all__", "too_many_login_attempts")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_process_counts_towards_the_same_limit_while_redis_is_away():
    address = settings.DATABASE_URL.rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, reverse("account_login"), WRONG["login"]],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address, "REDIS_URL": NOBODY},
        check=True,
    )

    assert [try_to_log_in() for _ in range(2)] == [True, False]
    assert try_to_log_in("berta@example.org")


@pytest.mark.django_db
def test_what_is_counted_shows_neither_mail_address_nor_address_of_the_network():
    try_to_log_in("anna@example.org", REMOTE_ADDR="192.0.2.77")

    rows = [(row.id, row.value, bytes(row.key_hash)) for row in CachedValue.objects.all()]
    assert len(rows) == 3  # log-ins of the address; failed ones of the address and of the account
    assert not any(word in str(rows) for word in ("anna", "192.0.2.77"))


@pytest.mark.django_db
def test_that_a_code_of_an_authenticator_was_used_is_kept_where_all_processes_look():
    account = Account.objects.create_user("anna@example.org")
    totp = TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", next(iter(yield_hotp_counters_from_time()))))

    assert totp.validate_code(code)
    assert CachedValue.objects.count() == 1
    assert not totp.validate_code(code)
