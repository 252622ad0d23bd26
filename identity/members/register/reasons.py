"""Why a row of the register is refused: a stable code, and a sentence in German and English. Never the row's data."""

from typing import NamedTuple


class Reason(NamedTuple):
    german: str
    english: str


REASONS = {
    # the line
    "not_utf8": Reason("Die Zeile ist nicht in UTF-8 kodiert.", "The line is not encoded in UTF-8."),
    "line_too_long": Reason("Die Zeile ist länger als 64 KiB.", "The line is longer than 64 KiB."),
    "csv_broken": Reason(
        "Die Zeile ist kein gültiges CSV (Anführungszeichen?).", "The line is no valid CSV (quotation marks?)."
    ),
    "json_broken": Reason("Die Zeile ist kein JSON-Objekt.", "The line is no JSON object."),
    "column_count": Reason(
        "Die Zeile hat mehr oder weniger Spalten als die Kopfzeile.",
        "The line has more or fewer columns than the header.",
    ),
    "field_missing": Reason(
        "Ein Feld fehlt (leer ist erlaubt, fehlend nicht).", "A field is missing (empty is allowed, missing is not)."
    ),
    "field_forbidden": Reason(
        "PIN, PUK und CAN dürfen nie übermittelt werden.", "PIN, PUK and CAN must never be handed over."
    ),
    # the fields
    "not_text": Reason("Das Feld ist kein Text.", "The field is not a text."),
    "text_unprintable": Reason(
        "Das Feld enthält Steuer- oder unsichtbare Zeichen.", "The field holds control or invisible characters."
    ),
    "text_too_long": Reason("Der Text ist zu lang.", "The text is too long."),
    "required": Reason("Das Feld ist ein Pflichtfeld.", "The field is required."),
    "kvnr_malformed": Reason(
        "Keine gültige Versichertennummer (Form oder Prüfziffer).", "No valid insurance number (shape or check digit)."
    ),
    "ik_malformed": Reason("Kein gültiges IK (Form oder Prüfziffer).", "No valid IK (shape or check digit)."),
    "insurer_unknown": Reason("Zu diesem IK gibt es keine Krankenkasse.", "There is no insurer with this IK."),
    "insurer_other": Reason(
        "Die Zeile gehört zu einer anderen als der verlangten Krankenkasse.",
        "The row belongs to another insurer than the one asked for.",
    ),
    "birth_date_malformed": Reason(
        "Kein Geburtsdatum (JJJJ-MM-TT, Unbekanntes als 00).", "No birth date (YYYY-MM-DD, noughts for the unknown)."
    ),
    "date_malformed": Reason("Kein Datum in der Form JJJJ-MM-TT.", "No date in the form YYYY-MM-DD."),
    "date_in_future": Reason("Das Datum liegt in der Zukunft.", "The date lies in the future."),
    "membership_in_reverse": Reason(
        "Die Mitgliedschaft endet vor ihrem Beginn oder hat keinen.",
        "The membership ends before it begins, or has no beginning.",
    ),
    "died_before_birth": Reason(
        "Der Todestag liegt vor der Geburt.", "The day of death lies before the birth."
    ),
    "address_incomplete": Reason(
        "Die Anschrift ist unvollständig (Straße, Postleitzahl, Ort, gültig ab).",
        "The address is incomplete (street, postcode, city, valid from).",
    ),
    "postcode_malformed": Reason(
        "Keine Postleitzahl (in Deutschland fünf Ziffern).", "No postcode (five digits in Germany)."
    ),
    "country_malformed": Reason(
        "Kein Ländercode aus drei Großbuchstaben.", "No country code of three capital letters."
    ),
    "email_malformed": Reason("Keine E-Mail-Adresse.", "No e-mail address."),
    "representative_self": Reason(
        "Niemand kann sich selbst vertreten.", "Nobody can be their own representative."
    ),
    "card_malformed": Reason(
        "Eine Karte ist nicht lesbar (Nummer, NFC, ausgestellt am, Zustand).",
        "A card cannot be read (number, NFC, issued on, state).",
    ),
    "card_number_malformed": Reason(
        "Eine Kartennummer hat nicht 20 Ziffern mit 80276 am Anfang.",
        "A card number is not 20 digits that begin with 80276.",
    ),
    "card_twice": Reason("Eine Kartennummer steht zweimal in der Zeile.", "A card number stands twice in the row."),
    "two_active_cards": Reason("Mehr als eine Karte ist aktiv.", "More than one card is active."),
    # against the rest
    "kvnr_twice": Reason(
        "Dieselbe Versichertennummer stand schon weiter oben in der Datei.",
        "The same insurance number stood further up in the file already.",
    ),
    "card_of_another": Reason(
        "Eine Kartennummer gehört schon einer anderen Person.", "A card number belongs to another person already."
    ),
    "refused_by_database": Reason(
        "Die Datenbank hat die Zeile abgelehnt.", "The database has refused the row."
    ),
}  # fmt: skip


class RowRejected(Exception):
    """A row that is not taken, by a code of REASONS and the field it is about (empty: the whole row)."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code} {field}".strip())
        self.code, self.field = code, field

    @property
    def reason(self) -> Reason:
        return REASONS[self.code]
