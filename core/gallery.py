"""Every component in every state on one page, for designers and the accessibility test. Only where nothing is real."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.dates import SplitDateField

MOMENT = dt.datetime(2026, 3, 4, 9, 30, tzinfo=dt.UTC)
QR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 5 5'%3E"
    "%3Cpath d='M0 0h2v2H0zM3 0h2v2H3zM0 3h2v2H0zM3 3h1v1H3zM4 4h1v1H4z'/%3E%3C/svg%3E"
)


class EveryField(forms.Form):
    """One field of every kind that the application uses."""

    number = forms.CharField(
        label="Versichertennummer (KVNR)",
        help_text="Ein Buchstabe und 9 Ziffern, zum Beispiel A123456780. Sie steht vorn auf Ihrer Gesundheitskarte.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vw-width-10", "maxlength": "20"}),
    )
    birth_date = SplitDateField(label="Geburtsdatum", help_text="Zum Beispiel 5 4 1980", birthday=True)
    email = forms.EmailField(label="E-Mail-Adresse", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(label="Passwort", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    phone = forms.CharField(
        label="Telefon", required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    way = forms.ChoiceField(
        label="Wie möchten Sie Ihr Ergebnis erfahren?",
        choices=[("mail", "Per E-Mail"), ("letter", "Per Brief"), ("portal", "Nur hier im Portal")],
        widget=forms.RadioSelect,
        help_text="Sie können das später ändern.",
    )
    helpers = forms.MultipleChoiceField(
        label="Was haben Sie zur Hand?",
        choices=[("card", "Gesundheitskarte"), ("id", "Personalausweis"), ("phone", "Smartphone mit NFC")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    branch = forms.ChoiceField(
        label="Geschäftsstelle", choices=[("", "Bitte wählen"), ("hh", "Hamburg-Mitte"), ("ki", "Kiel")]
    )
    reason = forms.CharField(label="Begründung", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    paper = forms.FileField(label="Datei", required=False, help_text="PDF, höchstens 5 MB")
    consent = forms.BooleanField(
        label="Ich habe die Angaben geprüft. Sie stimmen.", help_text="Ohne dieses Häkchen geht es nicht weiter."
    )


METHODS: list[dict[str, Any]] = [
    {
        "value": "eid",
        "title": "Online mit dem Personalausweis",
        "what": "Sie halten Ihren Ausweis an Ihr Smartphone und geben die PIN Ihres Ausweises ein.",
        "needs": ["Personalausweis mit Online-Funktion", "die 6-stellige PIN des Ausweises", "ein Smartphone mit NFC"],
        "duration": "etwa 10 Minuten, das Ergebnis kommt sofort",
        "badge": "Am schnellsten",
        "badge_kind": "success",
        "checked": True,
    },
    {
        "value": "branch",
        "title": "In einer Filiale der Deutschen Post",
        "what": "Sie gehen mit einem Coupon und Ihrem Ausweis in eine Postfiliale.",
        "needs": "Personalausweis oder Reisepass",
        "duration": "etwa 10 Minuten in der Filiale, das Ergebnis kommt am nächsten Werktag",
    },
]
CLOSED: list[dict[str, Any]] = [
    {
        "value": "video",
        "title": "Video-Anruf",
        "what": "Eine Person prüft Ihren Ausweis am Bildschirm.",
        "suspended_since": dt.date(2022, 8, 9),
        "suspended_reason": "Die gematik hat dieses Verfahren gestoppt, weil es nicht sicher genug war.",
    },
    {"value": "own", "title": "Digitale Identität", "unsuitable": "Dafür brauchen Sie schon eine GesundheitsID."},
]
ENTRIES: list[dict[str, Any]] = [
    {"title": "Verfahren gewählt", "at": MOMENT, "by": "Sie", "state": "done"},
    {
        "title": "Prüfung in der Postfiliale",
        "at": MOMENT,
        "body": "Die Filiale hat Ihre Daten geschickt.",
        "state": "current",
    },
    {"title": "Name weicht ab", "at": MOMENT, "body": "Bitte rufen Sie uns an.", "state": "problem"},
    {"title": "Zugang zur Patientenakte", "state": "waiting"},
]
SHOWN: dict[str, Any] = {
    "methods": METHODS,
    "closed": CLOSED,
    "entries": ENTRIES,
    "kinds": ["info", "success", "warning", "danger"],
    "step_names": ["Konto anlegen", "Versicherung verbinden", "Verfahren wählen", "Ausweisen", "Fertig"],
    "rows": [("Name", "Erika Mustermann", "#"), ("Geburtsdatum", "12. August 1964"), ("Geburtsname", "")],
    "tasks": [
        {"title": "Identität bestätigen", "url": "#", "status": "Erledigt", "kind": "success"},
        {
            "title": "Zugang zur Patientenakte öffnen",
            "url": "#",
            "status": "Offen",
            "kind": "warning",
            "hint": "Dauert 5 Minuten",
        },
        {"title": "PIN anfordern", "url": None, "status": "Noch nicht möglich", "kind": "neutral"},
    ],
    "items": ["Ihren Personalausweis oder Reisepass", "den Coupon, auf Papier oder auf dem Smartphone"],
    "last_day": dt.date(2026, 3, 18),
    "head": ["Nummer", "Art", "Stand", "Eingang"],
    "table": [["10023", "ePA-Zugang", "In Prüfung", "4. März 2026"], ["10024", "PIN", "Abgelehnt", "3. März 2026"]],
    "compared": [
        {"label": "Nachname", "left": "Müller", "right": "MUELLER", "differs": False, "note": "Andere Schreibweise"},
        {"label": "Vorname", "left": "Erika", "right": "Erica", "differs": True, "note": "Ein Buchstabe"},
        {"label": "Geburtsname", "left": None, "right": None, "differs": False},
    ],
    "crumbs": [("Übersicht", "#"), ("Vorgänge", "#")],
    "insurer": {
        "name": "Muster-Krankenkasse Nord",
        "phone": "0800 123 45 67",
        "hours": "Montag bis Freitag, 8 bis 18 Uhr",
        "street": "Musterstraße 1",
        "postcode": "20095",
        "city": "Hamburg",
        "email": "hilfe@muster-krankenkasse.example",
        "portal_url": "https://muster-krankenkasse.example/",
    },
    "qr": QR,
}


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the components; `?fehler` shows the form with its errors. Raises Http404 outside development and demo."""
    if not (settings.DEBUG or settings.VORWEIS_DEMO):
        raise Http404
    form = (
        EveryField({"number": "A12", "birth_date_0": "31", "birth_date_1": "2"})
        if "fehler" in request.GET
        else EveryField()
    )
    page = Paginator(range(100), 10).page(4)
    return render(request, "pages/gallery.html", {**SHOWN, "form": form, "page": page})
