"""All addresses. Pages for people are German; what machines call is not."""

from django.urls import include, path

from config.metrics import guarded_metrics
from core import health

urlpatterns = [
    path("healthz/live", health.live, name="live"),
    path("healthz/ready", health.ready, name="ready"),
    path("metrics", guarded_metrics, name="metrics"),
    path("konto/", include("allauth.urls")),
    path("", include("core.urls_pages")),
    path("", include("identity.urls")),
    path("epa/", include("epa.urls")),
    path("arbeitsplatz/", include("identity.workplace.urls")),
]
