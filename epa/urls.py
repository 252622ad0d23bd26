"""Addresses of the pages about ePA access. No address holds personal data."""

from django.urls import path

from epa import desk, views

app_name = "epa"
urlpatterns = [
    path("zugang/", views.request_page, name="request"),
    path("zugang/weg/", views.channel_page, name="channel"),
    path("zugang/<uuid:access_id>/", views.access_page, name="access"),
    path("zugang/<uuid:access_id>/stand.json", views.status, name="status"),
    path("arbeitsplatz/", desk.desk, name="desk"),
    path("arbeitsplatz/alle-erneut/", desk.retry_all, name="retry_all"),
    path("arbeitsplatz/<uuid:access_id>/erneut/", desk.retry, name="retry"),
]
