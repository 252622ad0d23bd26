"""Production: everything from the environment. What is missing, too short or from a demo is refused by name at start.

Each value may also stand in a file: NAME_FILE names it. `docs/settings.md` lists them all; `manage.py make_secrets
--settings config.settings.build` makes fresh secrets. VORWEIS_DEMO=1 lets the simulators take the place of the outside
world and pages go over plain http; it is said on every page, and by the check config.W001.
"""

import os
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from config.environment import PASSWORD_MIN_CHARACTERS, Environment
from config.logs import logging_settings
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASE_OPTIONS
from config.settings.servers import broker_address, database
from config.settings.static import STORAGES as STORAGES
from identity.members import ik

_env = Environment(os.environ)
_yes_no = {"1": True, "0": False}

VORWEIS_DEMO = bool(_env.choice("VORWEIS_DEMO", "1 only with simulators and made-up people", _yes_no, default="0"))
DEBUG = False
STAFF_NEEDS_SECOND_FACTOR = not VORWEIS_DEMO

# --- our own secrets ---
SECRET_KEY = _env.secret("SECRET_KEY", "signs cookies and forms", at_least=50)
ENCRYPTION_KEYS = _env.ring("ENCRYPTION_KEYS", "they seal personal data; entries id:base64, the current one first")
LOOKUP_KEYS = _env.ring("LOOKUP_KEYS", "they find a person by number; entries id:base64, the current one first")
AUDIT_KEY = _env.key("AUDIT_KEY", "it chains the audit trail; base64 of 32 bytes")
CALLBACK_SECRET = _env.secret("CALLBACK_SECRET", "the unguessable part of the providers' callback addresses")
METRICS_TOKEN = _env.secret("METRICS_TOKEN", "the monitoring shows it as a bearer token at /metrics")

# --- where we are ---
BASE_URL = _env.https("BASE_URL", "the address people type in", allow_http=VORWEIS_DEMO)
ALLOWED_HOSTS = _env.words("ALLOWED_HOSTS", "the host names we answer to")
if "*" in ALLOWED_HOSTS:
    _env.problems.append("ALLOWED_HOSTS may not hold *: name the hosts")
if BASE_URL and ALLOWED_HOSTS and urlsplit(BASE_URL).hostname not in ALLOWED_HOSTS:
    _env.problems.append("ALLOWED_HOSTS does not hold the host of BASE_URL")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = _env.words(
    "TRUSTED_PROXIES", "addresses or networks of the proxy that ends TLS, or none: only they are believed"
)
if TRUSTED_PROXIES == ["none"]:
    TRUSTED_PROXIES = []
elif "*" in TRUSTED_PROXIES:
    _env.problems.append("TRUSTED_PROXIES may not hold *: anybody could then choose the address that is counted")

SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not VORWEIS_DEMO
SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^metrics$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 0 if VORWEIS_DEMO else _env.number(
    "HSTS_SECONDS", "how long browsers insist on https", default=63_072_000, at_least=3600, at_most=63_072_000
)  # fmt: skip
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not VORWEIS_DEMO

# --- database and broker ---
DATABASES = {
    "default": {
        **(_env.parsed("DATABASE_URL", "postgres://user@host/name", partial(database, options=DATABASE_OPTIONS)) or {}),
        "PASSWORD": _env.secret("DATABASE_PASSWORD", "of the user in DATABASE_URL", at_least=PASSWORD_MIN_CHARACTERS),
    }
}
CELERY_BROKER_URL = broker_address(
    _env.text("REDIS_URL", "redis://host:6379/0 or rediss://…"),
    _env.secret("REDIS_PASSWORD", "who may write there may start tasks", at_least=PASSWORD_MIN_CHARACTERS),
)

# --- mail ---
EMAIL_HOST = _env.text("EMAIL_HOST", "the mail server")
EMAIL_PORT = _env.number("EMAIL_PORT", "port of the mail server", default=587, at_least=1, at_most=65535)
_tls = _env.choice(
    "EMAIL_TLS", "how the mail server is reached", {"starttls": 1, "tls": 2, "none": 0}, default="starttls"
)
EMAIL_USE_TLS, EMAIL_USE_SSL = _tls == 1, _tls == 2
if _tls == 0 and not VORWEIS_DEMO:
    _env.problems.append("EMAIL_TLS may be none only in a demo: mails hold codes to log in with")
EMAIL_HOST_USER = "" if VORWEIS_DEMO else _env.text("EMAIL_USER", "log-in at the mail server")
EMAIL_HOST_PASSWORD = "" if VORWEIS_DEMO else _env.credential("EMAIL_PASSWORD", "log-in at the mail server")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _env.text("DEFAULT_FROM_EMAIL", "sender of mails: Name <address>")

# --- the outside world ---
_contracts = {"postident_branch": "POSTIDENT_BRANCH", "postident_eid": "POSTIDENT_EID"}
_parts = ("client_id", "user", "password", "data_password")
POSTIDENT = {
    "base_url": _env.https("POSTIDENT_BASE_URL", "Deutsche Post's address, with /api", allow_http=VORWEIS_DEMO),
    "callback_base_url": _env.https(
        "CALLBACK_BASE_URL", "where Deutsche Post reaches us", default=BASE_URL, allow_http=VORWEIS_DEMO
    ),
    "allow_http": VORWEIS_DEMO,
    "clients": {
        method: {
            part: _env.credential(f"{name}_{part.upper()}", "from the contract", allow_demo=VORWEIS_DEMO)
            for part in _parts
        }
        for method, name in _contracts.items()
        if any(_env.holds(f"{name}_{part.upper()}") for part in _parts)
    },
}
if not POSTIDENT["clients"]:
    _env.problems.append(
        "POSTIDENT_BRANCH_… or POSTIDENT_EID_… is missing: CLIENT_ID, USER, PASSWORD, DATA_PASSWORD of a contract"
    )
RECORD_SYSTEM = {
    "base_url": _env.https("RECORD_SYSTEM_URL", "the record system of the ePA", allow_http=VORWEIS_DEMO),
    "allow_http": VORWEIS_DEMO,
    "timeout_seconds": 5,
}

# --- the insurer ---
INSURER_IK = _env.parsed("INSURER_IK", "the insurer's nine digits", ik.parse) or ""
CONTACT_PHONE = _env.text("CONTACT_PHONE", "the number people call for help")
if CONTACT_PHONE.replace(" ", "").startswith("0800000") and not VORWEIS_DEMO:
    _env.problems.append("CONTACT_PHONE is the number of the demo: the number people call for help")
FEEDBACK_EMAIL = _env.address("FEEDBACK_EMAIL", "who reads what people write about barriers")

# --- running ---
AUDIT_ANCHOR_FILE = Path(_env.text("AUDIT_ANCHOR_FILE", "an absolute path on another disk than the database's"))
if _env.holds("AUDIT_ANCHOR_FILE") and not AUDIT_ANCHOR_FILE.is_absolute():
    _env.problems.append("AUDIT_ANCHOR_FILE must be an absolute path")
LOGGING = logging_settings(as_json=True, level=_env.text("LOG_LEVEL", "INFO or WARNING", default="INFO").upper())
if _metrics := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # several web processes add up their numbers there
    Path(_metrics).mkdir(parents=True, exist_ok=True)
WHITENOISE_MAX_AGE = 3600  # names with a fingerprint are cached for good

_ours = [SECRET_KEY, AUDIT_KEY, CALLBACK_SECRET, METRICS_TOKEN, *ENCRYPTION_KEYS, *LOOKUP_KEYS]
if len({entry.rpartition(":")[2] for entry in _ours if entry}) < len([entry for entry in _ours if entry]):
    _env.problems.append(
        "SECRET_KEY, ENCRYPTION_KEYS, LOOKUP_KEYS, AUDIT_KEY, CALLBACK_SECRET, METRICS_TOKEN must all differ"
    )
_env.finish()
