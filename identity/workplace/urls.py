"""Addresses of the staff's workplace. None of them holds personal data."""

from django.urls import path

from identity.workplace.views import cases, feedback, inbox, methods, overview, reviews, trail

app_name = "workplace"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("pruefungen/", reviews.reviews, name="reviews"),
    path("pruefungen/<uuid:review_id>/", reviews.review, name="review"),
    path("vorgaenge/", cases.cases, name="cases"),
    path("vorgaenge/<uuid:case_id>/", cases.case, name="case"),
    path("posteingang/", inbox.inbox, name="inbox"),
    path("posteingang/<int:entry_id>/", inbox.entry, name="entry"),
    path("posteingang/<int:entry_id>/erneut/", inbox.retry, name="retry"),
    path("verfahren/", methods.methods, name="methods"),
    path("verfahren/verlauf/", methods.history, name="history"),
    path("verfahren/rueckmeldungen/", feedback.feedback, name="feedback"),
    path("verfahren/<slug:code>/aussetzen/", methods.suspend, name="suspend"),
    path("aussetzungen/<int:suspension_id>/beenden/", methods.end, name="end"),
    path("protokoll/", trail.audit, name="audit"),
]
