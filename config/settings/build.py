"""What needs neither a server nor a secret: static files, texts, fresh secrets, drawings. Serves nobody."""

import secrets

from config.settings.base import *  # noqa: F403
from config.settings.static import STORAGES as STORAGES

SECRET_KEY = secrets.token_urlsafe(50)
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "none", "HOST": "/nonexistent"}}
