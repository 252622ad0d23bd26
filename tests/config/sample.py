"""A complete environment of production, with fresh secrets. As a command: manage.py under these settings.

python -m tests.config.sample check --deploy --fail-level WARNING
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from config.fresh_secrets import fresh_secrets

CONTRACT = {"CLIENT_ID": "KASSE1", "USER": "kasse", "PASSWORD": "q8Vr!tz0Lk", "DATA_PASSWORD": "u4Hn#wm9Pe"}
ADDRESSES = {
    "BASE_URL": "https://identitaet.kasse.example",
    "ALLOWED_HOSTS": "identitaet.kasse.example",
    "TRUSTED_PROXIES": "192.0.2.7",
    "DATABASE_URL": "postgres://vorweis@db/vorweis",
    "REDIS_URL": "redis://kv:6379/0",
    "EMAIL_HOST": "mail.kasse.example",
    "EMAIL_USER": "vorweis",
    "EMAIL_PASSWORD": "b7Xk-pa3Qd",
    "DEFAULT_FROM_EMAIL": "Ihre Kasse <identitaet@kasse.example>",
    "POSTIDENT_BASE_URL": "https://postident.deutschepost.de/api",
    **{f"POSTIDENT_{method}_{part}": value for method in ("BRANCH", "EID") for part, value in CONTRACT.items()},
    "RECORD_SYSTEM_URL": "https://aktensystem.example",
    "INSURER_IK": "109500969",
    "FEEDBACK_EMAIL": "barrierefreiheit@kasse.example",
    "CONTACT_PHONE": "0800 123 45 67",
    "AUDIT_ANCHOR_FILE": "/srv/anchors/audit.jsonl",
}


def sample_environment() -> Mapping[str, str]:
    """Return everything that production wants, under names of the environment."""
    return {**ADDRESSES, **fresh_secrets()}


if __name__ == "__main__":
    os.environ.update(sample_environment(), DJANGO_SETTINGS_MODULE="config.settings.production")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
