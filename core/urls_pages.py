"""Addresses of the pages without a log-in: information, language, staying logged in, the gallery of components."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from core import gallery, information

app_name = "pages"
urlpatterns = [
    path("impressum/", information.imprint, name="imprint"),
    path("datenschutz/", information.privacy, name="privacy"),
    path("barrierefreiheit/", information.accessibility, name="accessibility"),
    path("leichte-sprache/", information.easy_language, name="easy_language"),
    path("sprache/", login_not_required(set_language), name="set_language"),
    path("sitzung/", information.stay, name="stay"),
    path("entwicklung/bausteine/", gallery.gallery, name="gallery"),
]
