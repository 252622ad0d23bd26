"""Addresses of the API."""

from django.urls import path

from identity.api import views

urlpatterns = [
    path("methods", views.MethodsView.as_view(), name="api_methods"),
    path("cases", views.CasesView.as_view(), name="api_cases"),
    path("cases/<uuid:case_id>/attempts", views.AttemptsView.as_view(), name="api_attempts"),
]
