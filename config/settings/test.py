"""Tests: servers and ports come from the pytest plug-in (tests/servers.py) through the environment."""

import json
import os
from pathlib import Path

from config.logs import logging_settings
from config.settings.base import *  # noqa: F403
from config.settings.base import CELERY_BEAT_SCHEDULE, DATABASE_OPTIONS, VAR
from config.settings.servers import broker_address, database

# Fixed on purpose: test data is not secret, and a failing test should fail again in the same way.
SECRET_KEY = "test-" * 12
ENCRYPTION_KEYS = ["test1:" + "A" * 43 + "="]
LOOKUP_KEYS = ["test1:" + "B" * 43 + "="]
AUDIT_KEY = "C" * 43 + "="
CALLBACK_SECRET = "test-callback-secret-test-callback-secret"  # noqa: S105

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
VORWEIS_DEMO = False
STAFF_NEEDS_SECOND_FACTOR = False

DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:1/vorweis")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")
DATABASES = {"default": database(DATABASE_URL, DATABASE_OPTIONS)}
CELERY_BROKER_URL = broker_address(REDIS_URL)

LINK_FLOOR_SECONDS = 0.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose
BASE_URL = os.environ.get("VORWEIS_BASE_URL", "http://127.0.0.1:1")
SIMULATOR_URL = os.environ.get("VORWEIS_SIMULATOR_URL", "http://127.0.0.1:1")
SIMULATOR_TOKEN = "demo"  # noqa: S105
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if smtp := os.environ.get("VORWEIS_SMTP_PORT"):  # a whole stack runs: mails go to the simulated mailbox
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "127.0.0.1", int(smtp), 5
else:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = "Vorweis <test@vorweis.example>"
AUDIT_ANCHOR_FILE = Path(os.environ.get("VORWEIS_VAR", VAR / "test")) / "audit-anchors.jsonl"
POSTIDENT = {
    "base_url": f"{SIMULATOR_URL}/postident/api",
    "callback_base_url": BASE_URL,
    "allow_http": True,
    "clients": {
        "postident_branch": {
            "client_id": "DEMOFILIALE",
            "user": "demo",
            "password": "demo",
            "data_password": "demo-data",
        },
        "postident_eid": {"client_id": "DEMOEID", "user": "demo", "password": "demo", "data_password": "demo-data"},
    },
}
RECORD_SYSTEM = {"base_url": f"{SIMULATOR_URL}/aktensystem", "timeout_seconds": 2}
LOGGING = logging_settings(as_json=True, cache=False, level=os.environ.get("LOG_LEVEL", "WARNING"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = not smtp  # reading every file at each new test client was a third of a test

# A stack of tests (tests/stack) may quicken what waits, and the entries of beat; null leaves an entry out.
globals().update(json.loads(os.environ.get("VORWEIS_TEST_SETTINGS", "{}")))
for _entry, _seconds in json.loads(os.environ.get("VORWEIS_TEST_BEAT", "{}")).items():
    if _seconds is None:
        del CELERY_BEAT_SCHEDULE[_entry]
    else:
        CELERY_BEAT_SCHEDULE[_entry] |= {"schedule": _seconds, "options": {"expires": max(_seconds, 1)}}
