"""What all environments share. Secrets and addresses come from the three modules beside this one."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = BASE_DIR / "var"

INSTALLED_APPS = [
    "config",
    "core",
    "identity",
    "epa",
    "pin",
    "branches",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "django_structlog",
    "django_prometheus",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # deny by default: public pages say so themselves
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.Account"
SITE_NAME = "Vorweis"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [
    ("kern", BASE_DIR / "node_modules" / "@kern-ux" / "native" / "dist"),
    ("chart", BASE_DIR / "node_modules" / "chart.js" / "dist"),
]

# Sessions: sliding, long enough to fetch a card from another room; the content is encrypted.
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_AGE = 60 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.pages.csrf_failure"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "identity:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "identity:start"
ACCOUNT_ADAPTER = "core.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Vorweis"
STAFF_NEEDS_SECOND_FACTOR = True  # the workplace opens only to staff who have set one up

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problem_response",
}
SPECTACULAR_SETTINGS = {"TITLE": "Vorweis", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

SECURE_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "script-src": ["'self'"],
    "connect-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# A frozen Redis or PostgreSQL must end in an answer within seconds, so every connection has a time-out.
DATABASE_OPTIONS: dict[str, Any] = {
    "connect_timeout": 3,
    "options": "-c statement_timeout=15000 -c lock_timeout=8000 -c idle_in_transaction_session_timeout=30000",
    "tcp_user_timeout": 5000,
}
CACHES = {"default": {"BACKEND": "core.limits.cache.SharedCache"}}
REDIS_OPTIONS = {"socket_timeout": 3, "socket_connect_timeout": 2, "retry_on_timeout": False}

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **REDIS_OPTIONS,
    "visibility_timeout": 600,  # above three times the task limit
    "max_retries": 1,  # a sender does not wait for a broker that is away: the sweep comes anyway
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_VISIBILITY_TIMEOUT = 600
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Berlin"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver messages": {"task": "core.deliver_messages", "schedule": 15.0, "options": {"expires": 15}},
    "anchor the audit trail": {"task": "core.anchor_audit", "schedule": 300.0, "options": {"expires": 300}},
    "work off the inbox": {"task": "identity.work_inbox", "schedule": 5.0, "options": {"expires": 5}},
    "ask for silent attempts": {"task": "identity.poll_silent_attempts", "schedule": 60.0, "options": {"expires": 60}},
    "forget old limits": {"task": "core.purge_limits", "schedule": 3600.0, "options": {"expires": 3600}},
    "expire what is over": {"task": "identity.expire_overdue", "schedule": 60.0, "options": {"expires": 60}},
    "carry out orders": {"task": "identity.carry_out_orders", "schedule": 10.0, "options": {"expires": 10}},
    "forget old feedback": {"task": "identity.forget_feedback", "schedule": 86400.0, "options": {"expires": 3600}},
    "remind administrators": {"task": "identity.remind_administrators", "schedule": 30.0, "options": {"expires": 30}},
    "watch readmissions": {"task": "identity.watch_readmissions", "schedule": 60.0, "options": {"expires": 60}},
    "carry campaigns": {"task": "identity.carry_campaigns", "schedule": 60.0, "options": {"expires": 60}},
    "open ePA accesses": {"task": "epa.open_accesses", "schedule": 15.0, "options": {"expires": 15}},
    "restrict ePA accesses": {"task": "epa.follow_restrictions", "schedule": 60.0, "options": {"expires": 60}},
    "count ages anew": {"task": "identity.refresh_age_classes", "schedule": 86400.0, "options": {"expires": 3600}},
}

READINESS_CHECKS = ["identity.callbacks.selectors.oldest_unread_seconds"]

# --- the domain: limits and periods are settings, because they change (rules.md) ---
ATTEMPTS_LIMIT = 5  # C2, assumed
ATTEMPTS_WINDOW_DAYS = 30
CASE_DAYS = 60  # an open case without success ends after this
LIFTING_PROPOSAL_HOURS = 24  # a proposal to lift a suspension can be approved for so long, assumed
UNCONFIRMED_REMINDER_HOURS = 4  # an order that no second administrator has confirmed nags this often, assumed
READMISSION_WATCH_HOURS = 72  # a method let in again is watched this long after the order's end, assumed
READMISSION_LEAST_ATTEMPTS = 20  # decided ones; fewer say nothing
READMISSION_FACTOR = 2  # so many times the usual failure rate stop the method again
READMISSION_FAILURE_PERCENT = 20  # the usual failure rate where there are no figures from before the order, assumed
READMISSION_LEAST_PERCENT = 5  # a usual rate below this counts as this: one failure stops nothing
CAMPAIGN_NOTICE_DAYS = 14  # between asking a person to be identified again and restricting them, at least, assumed
LATE_OFFER_DAYS = 14  # a success after expiry waits this long for the person
POLL_SILENT_MINUTES = 60
INBOX_UNREAD_LIMIT_SECONDS = 300  # readiness says no when an entry waits longer
INBOX_CLAIM_SECONDS = 30  # a worker that dies holds its entries of the inbox this long
OUTBOX_LEASE_SECONDS = 300  # the same for messages: longer than a batch takes when each mail runs into its time-out
ORPHAN_MINUTES = 10  # an attempt without an answer from the provider by then was lost on the way
LINK_LIMITS = {  # (hits, seconds)
    "account": (5, 24 * 3600),
    "address": (20, 3600),
    "number": (5, 24 * 3600),
    "global": (2000, 3600),
}
STATUS_FEEDBACK_LIMITS = {"address": (5, 3600), "global": (500, 3600)}  # (hits, seconds); anybody may write
STATUS_FEEDBACK_DAYS = 180  # what readers said about the status page is kept this long (D1), assumed
LINK_FLOOR_SECONDS = 0.4  # a refusal takes at least this long, whatever was wrong
METHOD_FEES_CENTS = {  # what a provider takes for a start and for a success, as in its contract; assumed
    "postident_branch": (0, 795),
    "postident_eid": (0, 290),
    "video_ident": (0, 690),
    "nect_epass": (0, 250),
}
EPA_REUSE_DAYS = 183  # how long an identification opens further channels
EPA_WAIT_WRONG_STATE_SECONDS = 24 * 3600  # E3: 409
EPA_WAIT_ERROR_SECONDS = 600  # E3: 500
EPA_USER_AGENT = "VORWEIS/0.1.0"
PROVIDER_ADAPTERS = {"postident": "identity.providers.postident.adapter.from_settings"}
RECORD_SYSTEM_ADAPTER = "epa.record_system.adapter.from_settings"
VORWEIS_DEMO = False
INSURER_IK = "109500969"  # the insurer that runs this installation when a person's own is not yet known
CONTACT_PHONE = "0800 000 00 00"
FEEDBACK_EMAIL = "barrierefreiheit@muster-krankenkasse.example"  # who reads what people write about barriers (D4)
TRUSTED_PROXIES: list[str] = []  # addresses or networks whose X-Forwarded-For and -Proto are believed
METRICS_TOKEN = ""  # empty: no metrics are shown

WEB_PORT, SIMULATOR_PORT, SMTP_PORT = 8000, 8001, 8025  # of script/server
