"""A Django project with nothing but dj-stripe in it, in an environment of its own; knows nothing of ours.

`python stripe_site.py` makes its tables and an endpoint whose signatures are checked, and prints the endpoint's uuid.
Stripe is never called: the account is known beforehand, and nothing is to be done about the events that come.
Environment: DATABASE_HOST, DATABASE_NAME, SECRET (of the endpoint).
"""

from __future__ import annotations

import os

import django
from django.conf import settings

KEY = "sk_test_" + "0" * 24
MIDDLEWARE = (  # as `startproject` writes them
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "djstripe"],
    MIDDLEWARE=list(MIDDLEWARE),
    ROOT_URLCONF="stripe_site",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["DATABASE_HOST"],
            "NAME": os.environ["DATABASE_NAME"],
            "USER": "postgres",
            "CONN_MAX_AGE": 600,
        }
    },
    # The tables as they are in the end, without half a minute of history.
    MIGRATION_MODULES=dict.fromkeys(["auth", "contenttypes", "sessions", "djstripe"]),
    STRIPE_TEST_SECRET_KEY=KEY,
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]
application = get_wsgi_application()


def set_up() -> str:
    """Make the tables and the rows that an endpoint needs; return its uuid."""
    from django.core.management import call_command
    from djstripe.models import Account, APIKey, WebhookEndpoint  # type: ignore[import-not-found]

    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    account = Account.objects.create(id="acct_benchmark", stripe_data={}, livemode=False)
    APIKey.objects.create(secret=KEY, type="secret", livemode=False, djstripe_owner_account=account)
    endpoint = WebhookEndpoint.objects.create(
        id="we_benchmark",
        url="https://stripe.example/",
        secret=os.environ["SECRET"],
        livemode=False,
        djstripe_owner_account=account,
        enabled_events=["*"],
        status="enabled",
    )
    return str(endpoint.djstripe_uuid)


if __name__ == "__main__":
    print(set_up())
