"""Addresses of the staff's workplace. None of them holds personal data."""

from django.urls import path

from identity.workplace.preview.views import practice
from identity.workplace.room.views import room
from identity.workplace.views import (
    campaigns,
    cases,
    feedback,
    history,
    inbox,
    methods,
    orders,
    overview,
    quarantine,
    reviews,
    trail,
)

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
    path("verfahren/verlauf/", history.history, name="history"),
    path("verfahren/verlauf/csv/", history.export, {"form": "csv"}, name="history_csv"),
    path("verfahren/verlauf/json/", history.export, {"form": "json"}, name="history_json"),
    path("verfahren/verlauf/druck/", history.export, {"form": "print"}, name="history_print"),
    path("verfahren/rueckmeldungen/", feedback.feedback, name="feedback"),
    path("verfahren/<slug:code>/aussetzen/", methods.suspend, name="suspend"),
    path("verfahren/<slug:code>/uebung/", practice, name="practice"),
    path("aussetzungen/<int:suspension_id>/", orders.order, name="order"),
    path("aussetzungen/<int:suspension_id>/bestaetigen/", orders.confirm, name="confirm"),
    path("aussetzungen/<int:suspension_id>/zuruecknehmen/", orders.undo, name="undo"),
    path("aussetzungen/<int:suspension_id>/aufheben/", orders.lift, name="lift"),
    path("aussetzungen/<int:suspension_id>/daten/", history.export_order, name="order_json"),
    path("aufhebungen/<int:lifting_id>/genehmigen/", orders.approve, name="approve"),
    path("aufhebungen/<int:lifting_id>/zurueckziehen/", orders.withdraw, name="withdraw"),
    path("quarantaene/", quarantine.quarantine, name="quarantine"),
    path("leitstand/", room, name="room"),
    path("nachpruefungen/", campaigns.campaigns, name="campaigns"),
    path("nachpruefungen/neu/", campaigns.new, name="campaign_new"),
    path("nachpruefungen/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("nachpruefungen/<int:campaign_id>/bestaetigen/", campaigns.confirm, name="campaign_confirm"),
    path("nachpruefungen/<int:campaign_id>/stoppen/", campaigns.stop, name="campaign_stop"),
    path("nachpruefungen/<int:campaign_id>/ausnahme/", campaigns.except_one, name="campaign_except"),
    path("protokoll/", trail.audit, name="audit"),
]
