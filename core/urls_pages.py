"""Addresses of the pages without a log-in: information, staying logged in, the gallery of components."""

from django.urls import path

from core import gallery, information

app_name = "pages"
urlpatterns = [
    path("impressum/", information.imprint, name="imprint"),
    path("datenschutz/", information.privacy, name="privacy"),
    path("barrierefreiheit/", information.accessibility, name="accessibility"),
    path("leichte-sprache/", information.easy_language, name="easy_language"),
    path("sitzung/", information.stay, name="stay"),
    path("entwicklung/bausteine/", gallery.gallery, name="gallery"),
]
