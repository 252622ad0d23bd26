"""A developer's machine: embedded servers under var/ unless addresses are given, secrets made at first start."""

import base64
import json
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

import environ

from config.embedded import ServerError, ensure
from config.logs import logging_settings
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASE_OPTIONS, LINK_LIMITS, VAR
from config.settings.servers import broker_address, database

env = environ.Env()
VAR = Path(env.str("VORWEIS_VAR", default=str(VAR)))
VAR.mkdir(exist_ok=True, parents=True)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _own_secrets() -> dict[str, str]:
    """Secrets of this machine alone, made once; never in the repository."""
    path = VAR / "secrets.json"
    if not path.exists():
        fresh = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": f"dev1:{_key()}",
            "LOOKUP_KEYS": f"dev1:{_key()}",
            "AUDIT_KEY": _key(),
            "CALLBACK_SECRET": secrets.token_urlsafe(32),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(fresh))
        draft.chmod(0o600)
        with suppress(FileExistsError):
            os.link(draft, path)  # the first of two starts wins
        draft.unlink()
    made: dict[str, str] = json.loads(path.read_text())
    return made


_secrets = _own_secrets()
SECRET_KEY = _secrets["SECRET_KEY"]
ENCRYPTION_KEYS = _secrets["ENCRYPTION_KEYS"].split(",")
LOOKUP_KEYS = _secrets["LOOKUP_KEYS"].split(",")
AUDIT_KEY = _secrets["AUDIT_KEY"]
CALLBACK_SECRET = _secrets["CALLBACK_SECRET"]

# One machine plays everybody here: manage.py journey --count 200 comes from one address.
ACCOUNT_RATE_LIMITS = False
LINK_LIMITS = {**LINK_LIMITS, "address": (100_000, 3600)}
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
VORWEIS_DEMO = True
STAFF_NEEDS_SECOND_FACTOR = False

try:
    DATABASE_URL, REDIS_URL = ensure(VAR, os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL"))
except ServerError as error:
    sys.exit(str(error))  # says what to do; a traceback would hide it
DATABASES = {"default": database(DATABASE_URL, DATABASE_OPTIONS)}
CELERY_BROKER_URL = broker_address(REDIS_URL)

WEB_PORT = env.int("VORWEIS_PORT", default=8000)
SIMULATOR_PORT = env.int("VORWEIS_SIMULATOR_PORT", default=8001)
SMTP_PORT = env.int("VORWEIS_SMTP_PORT", default=8025)
BASE_URL = f"http://localhost:{WEB_PORT}"  # not 127.0.0.1: passkeys need a name
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}"
CSRF_TRUSTED_ORIGINS = [BASE_URL]

EMAIL_HOST, EMAIL_PORT = "127.0.0.1", SMTP_PORT
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = "Vorweis Demo <demo@vorweis.example>"

AUDIT_ANCHOR_FILE = VAR / "audit-anchors.jsonl"
SIMULATOR_TOKEN = "simulator-demo-token"  # noqa: S105  (the simulators take it on this machine only)
POSTIDENT = {
    "base_url": f"{SIMULATOR_URL}/postident/api",
    "callback_base_url": BASE_URL,
    "allow_http": True,
    "clients": {
        "postident_branch": {
            "client_id": "DEMOFILIALE",
            "user": "demo-filiale",
            "password": "demo-filiale-passwort",
            "data_password": "demo-filiale-datenpasswort",
        },
        "postident_eid": {
            "client_id": "DEMOEID",
            "user": "demo-eid",
            "password": "demo-eid-passwort",
            "data_password": "demo-eid-datenpasswort",
        },
    },
}
RECORD_SYSTEM = {"base_url": f"{SIMULATOR_URL}/aktensystem", "timeout_seconds": 5}
LOGGING = logging_settings(as_json=env.bool("LOG_JSON", default=False), level=env.str("LOG_LEVEL", default="WARNING"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
