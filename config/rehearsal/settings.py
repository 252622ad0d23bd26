"""Settings of a rehearsal: the outside world answers in this house, mails are rendered and go nowhere, beat hurries."""

from config.settings.development import *  # noqa: F403
from config.settings.development import CELERY_BEAT_SCHEDULE

PROVIDER_ADAPTERS = {"postident": "config.rehearsal.provider.from_settings"}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

INBOX_CLAIM_SECONDS, OUTBOX_LEASE_SECONDS = 6, 8  # a killed worker's work is taken up soon
for _entry, _seconds in {
    "deliver messages": 1.0,
    "work off the inbox": 1.0,
    "carry out orders": 2.0,
    "ask for silent attempts": 2.0,
    "anchor the audit trail": 30.0,
}.items():
    CELERY_BEAT_SCHEDULE[_entry] |= {"schedule": _seconds, "options": {"expires": _seconds}}
