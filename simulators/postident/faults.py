"""Every fault that POSTIDENT can be told to have."""

from simulators.faults import Fault, catalogue
from simulators.postident.people import DIFFERENCES

CALLS = ["create", "result"]
EID_FAILURES = ("pin_blocked", "eid_disabled", "card_expired", "not_supported", "cancelled", "connection_lost")
OUTCOMES = ("success", "declined", "declined_fraud", "incomplete", "review_pending")
FORGERIES = ("unknown_case", "wrong_reference", "other_case", "malformed", "oversized", "extra_keys")
OPTIONAL_GROUPS = (
    "orderData",
    "contactData",
    "accountingData",
    "records",
    "additionalDataBasic",
    "additionalDataEid",
    "subStatus",
    "subStatusReason",
    "address",
)

_WEBHOOKS = "Rückmeldungen (Webhooks)"
_RESULT = "Ergebnis"
_SHAPE = "Form des Ergebnisses"
_HTTP = "Antworten der Schnittstelle"
_JWE = "Verschlüsselung"
_LIFE = "Lebenslauf der Fälle"

CATALOGUE = catalogue(
    Fault("webhook_duplicate", _WEBHOOKS, "Rückmeldung mehrfach senden", {"count": 3}),
    Fault("webhook_lost", _WEBHOOKS, "Rückmeldung geht verloren"),
    Fault("webhook_delayed", _WEBHOOKS, "Rückmeldung kommt verspätet", {"seconds": 30}),
    Fault("webhook_early", _WEBHOOKS, "Rückmeldung kommt, bevor das Ergebnis lesbar ist", {"seconds": 10}),
    Fault("webhook_reordered", _WEBHOOKS, "Rückmeldungen in falscher Reihenfolge", {"window_seconds": 5}),
    Fault(
        "webhook_forged",
        _WEBHOOKS,
        "Gefälschte Rückmeldungen dazu",
        {"count": 1, "kind": "unknown_case"},
        {"kind": FORGERIES},
    ),
    Fault("new_case_id", _RESULT, "Ergebnis unter neuer Vorgangsnummer"),
    Fault(
        "changed_names",
        _RESULT,
        "Angaben im Ergebnis abgewandelt",
        {"difference": "capitals"},
        {"difference": DIFFERENCES},
    ),
    Fault("forced_outcome", _RESULT, "Jede Prüfung endet so", {"outcome": "declined"}, {"outcome": OUTCOMES}),
    Fault(
        "eid_outcome",
        _RESULT,
        "Jeder Versuch mit dem Online-Ausweis scheitert",
        {"failure": "pin_blocked"},
        {"failure": EID_FAILURES},
    ),
    Fault("null_groups", _SHAPE, "Gruppen sind null", {"groups": list(OPTIONAL_GROUPS)}, {"groups": OPTIONAL_GROUPS}),
    Fault("missing_groups", _SHAPE, "Gruppen fehlen", {"groups": list(OPTIONAL_GROUPS)}, {"groups": OPTIONAL_GROUPS}),
    Fault("null_identifications", _SHAPE, "Liste der Identifizierungen ist null"),
    Fault("extra_keys", _SHAPE, "Unbekannte zusätzliche Schlüssel"),
    Fault("unknown_method", _SHAPE, "Unbekanntes Verfahren", {"value": "QUANTUM"}),
    Fault("unknown_identification_status", _SHAPE, "Unbekannter Status der Identifizierung", {"value": "QUANTUM"}),
    Fault("unknown_case_status", _SHAPE, "Unbekannter Status des Falls", {"value": "QUANTUM"}),
    Fault("unknown_value_status", _SHAPE, "Unbekannter Status einzelner Werte", {"value": "QUANTUM"}),
    Fault("unknown_document_type", _SHAPE, "Unbekannte Ausweisart", {"value": "99"}),
    Fault("http_401", _HTTP, "401 Anmeldung abgelehnt", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault("http_404", _HTTP, "404 Fall unbekannt", {"on": ["result"]}, {"on": tuple(CALLS)}),
    Fault("http_409", _HTTP, "409 Referenz schon benutzt", {"on": ["create"]}, {"on": tuple(CALLS)}),
    Fault("http_429", _HTTP, "429 zu viele Anfragen", {"retry_after": 5, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("http_500", _HTTP, "500 interner Fehler", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault("http_503", _HTTP, "503 Wartung", {"retry_after": 5, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("time_out", _HTTP, "Antwort lässt auf sich warten", {"seconds": 30, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("created_but_lost", _HTTP, "Fall wird angelegt, die Antwort geht verloren (502)", global_only=True),
    Fault("html_error", _HTTP, "Fehler als HTML-Seite", {"status": 502, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("empty_error", _HTTP, "Fehler ohne Inhalt", {"status": 500, "on": CALLS}, {"on": tuple(CALLS)}),
    Fault("html_success", _HTTP, "200 mit HTML-Seite", {"on": CALLS}, {"on": tuple(CALLS)}),
    Fault(
        "redirect",
        _HTTP,
        "Umleitung",
        {"location": "http://127.0.0.1:9/", "status": 302, "on": CALLS},
        {"on": tuple(CALLS)},
    ),
    Fault("oversized", _HTTP, "Viel zu große Antwort", {"megabytes": 20, "on": ["result"]}, {"on": tuple(CALLS)}),
    Fault("jwe_damaged", _JWE, "JWE beschädigt"),
    Fault("jwe_wrong_key", _JWE, "JWE mit fremdem Schlüssel"),
    Fault("jwe_other_alg", _JWE, "JWE mit anderem alg (RSA-OAEP)"),
    Fault("jwe_other_enc", _JWE, "JWE mit anderem enc", {"enc": "A192GCM"}),
    Fault("plain_json", _JWE, "Unverschlüsseltes JSON"),
    Fault("expired_case", _LIFE, "Fall gilt als abgelaufen", {"days": 1}),
    Fault("archived", _LIFE, "Fall ist archiviert"),
    Fault("deleted", _LIFE, "Fall ist gelöscht (404)"),
    Fault("reused_case_id", _LIFE, "Nächster Fall bekommt eine gebrauchte Nummer", {"case_id": ""}, global_only=True),
)
