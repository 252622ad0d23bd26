"""The web server's entry: the callback intake by itself, everything else through Django."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

_django = get_wsgi_application()

from identity.callbacks.intake import intake_or  # noqa: E402  (needs the apps to be loaded)

application = intake_or(_django)
if settings.TRUSTED_PROXIES:  # address and scheme as the proxy tells them; from anybody else they are not believed
    application = wrap_wsgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)
