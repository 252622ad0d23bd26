"""The Celery application. Tasks are wake-ups: what must not be lost lies in PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")

app = Celery("vorweis")
app.set_default()  # the web server's threads must find it too, not Celery's built-in one
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect  # type: ignore[untyped-decorator]
def use_our_logging(**_: Any) -> None:
    """Keep Celery from laying its own log format over ours."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
