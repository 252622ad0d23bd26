"""The web server's entry: the callback intake by itself, everything else through Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

_django = get_wsgi_application()

from identity.callbacks.intake import intake_or  # noqa: E402  (needs the apps to be loaded)

application = intake_or(_django)
