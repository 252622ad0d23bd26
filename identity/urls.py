"""Addresses of the insured person's pages and of the API. No address holds personal data."""

from django.urls import include, path

from identity.portal import previews
from identity.portal.views import applying, attempts, cases, choosing, feedback, following, linking, public, status

app_name = "identity"
urlpatterns = [
    path("", public.start, name="start"),
    path("hilfe/", public.help_page, name="help"),
    path("status/", status.status, name="methods"),
    path("status/einfach/", status.plain, name="status_plain"),
    path("status/hilfreich/", status.helpful, name="status_helpful"),
    path("status/danke/", status.thanks, name="status_thanks"),
    path("status/changes.json", status.changes_json, name="status_changes"),
    path("status/changes.atom", status.changes_atom, {"language": "de"}, name="status_atom"),
    path("status/en/changes.atom", status.changes_atom, {"language": "en"}, name="status_atom_en"),
    path("status/ansage.txt", status.spoken, {"language": "de"}, name="status_announcement"),
    path("status/en/ansage.txt", status.spoken, {"language": "en"}, name="status_announcement_en"),
    path("verfahren/", status.moved, {"to": "methods"}, name="methods_before"),
    path("verfahren.json", status.moved, {"to": "api_methods"}, name="methods_feed"),
    path("sprache/waehlen/", public.language, name="language"),
    path("barrierefreiheit/rueckmeldung/", feedback.feedback, name="feedback"),
    path("barrierefreiheit/rueckmeldung/danke/", feedback.feedback_sent, name="feedback_sent"),
    path("uebersicht/", applying.home, name="home"),
    path("versicherung/", linking.link, name="link"),
    path("antrag/", applying.purpose, name="purpose"),
    path("antrag/<slug:purpose>/", applying.application, name="application"),
    path("vorgang/<uuid:case_id>/", cases.case, name="case"),
    path("vorgang/<uuid:case_id>/antrag/", applying.declaration, name="declaration"),
    path("vorgang/<uuid:case_id>/wahl/", choosing.choice, name="choice"),
    path("vorgang/<uuid:case_id>/stand.json", cases.status, name="status"),
    path("vorgang/<uuid:case_id>/verlauf.csv", cases.history, name="history"),
    path("vorgang/<uuid:case_id>/abbrechen/", cases.cancel, name="cancel"),
    path("vorgang/<uuid:case_id>/annehmen/", cases.accept, name="accept"),
    path("weiter/<str:token>/", following.go_on, name="go_on"),
    path("versuch/<uuid:attempt_id>/", attempts.attempt, name="attempt"),
    path("versuch/<uuid:attempt_id>/weiter/", attempts.proceed, name="proceed"),
    path("versuch/<uuid:attempt_id>/qr.svg", attempts.qr, name="qr"),
    path("entwicklung/mails/", previews.mails, name="mails"),
    path("entwicklung/mails/<path:template>.<str:part>", previews.mail, name="mail"),
    path("api/v1/", include("identity.api.urls")),
]
