"""Their payload as our facts, however odd it is."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from identity.providers.ports import PostalAddress, Progress
from identity.providers.postident.document import DOCUMENT_TYPES
from tests.identity.providers.postident.payloads import (
    CASE,
    a_document,
    an_identification,
    match,
    only,
    read,
    with_status,
)


def test_a_success_gives_every_fact_in_our_words():
    case = read(an_identification())
    identification = only(case)
    document = identification.document

    assert (case.provider_case_id, case.reference) == (CASE, "ABCDEFGH234567")
    assert case.valid_until == datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC)
    assert dict(case.remarks) == {}
    assert identification.method == "postident_branch"
    assert identification.progress is Progress.SUCCESS
    assert identification.identified_at == datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
    assert identification.modified_at == datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
    assert document is not None
    assert (document.document_type, document.country, document.expires_on) == ("id_card", "DEU", date(2031, 10, 31))
    assert (document.given_names, document.family_name, document.birth_name) == ("Erika", "Mustermann", "")
    assert (document.birth_date, document.birth_place, document.nationality) == ("1964-08-12", "Berlin", "DEU")
    assert document.address == PostalAddress("Heidestraße", "17", "", "51147", "Köln", "DEU")
    assert document.unchecked == frozenset()


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("basic", "postident_branch"),
        ("eid", "postident_eid"),
        ("video", "video_ident"),
        ("photo", "robo_ident"),
        ("autoid", "robo_ident"),
    ],
)
def test_their_methods_are_ours_by_other_names(theirs: str, ours: str):
    assert only(read(an_identification(identificationMethod=theirs))).method == ours


@pytest.mark.parametrize("odd", ["QUANTUM", "BASIC", "", None, 7, ["basic"], {}])
def test_a_method_that_we_do_not_know_stays_open(odd: Any):
    case = read(an_identification(identificationMethod=odd))

    assert only(case).method == ""
    assert "unknown_method" in case.remarks


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("started", Progress.STARTED),
        ("coupon requested", Progress.COUPON_REQUESTED),
        ("incomplete", Progress.INCOMPLETE),
        ("review pending", Progress.REVIEW_PENDING),
        ("declined", Progress.DECLINED),
        ("success", Progress.SUCCESS),
    ],
)
def test_each_status_has_its_progress(theirs: str, ours: Progress):
    assert only(read(an_identification(theirs))).progress is ours


@pytest.mark.parametrize(
    "odd", ["closed", "in progress", "SUCCESS", "success ", "passed", "", None, True, 1, ["success"]]
)
def test_no_other_word_is_a_success(odd: Any):
    case = read(an_identification(odd))

    assert only(case).progress is Progress.UNKNOWN
    assert "unknown_identification_status" in case.remarks


@pytest.mark.parametrize("status", ["new", "in progress", "closed"])
def test_the_status_of_the_case_makes_nobody_identified(status: str):
    case = read(an_identification("declined"), caseStatus={"status": status})

    assert only(case).progress is Progress.DECLINED
    assert dict(case.remarks) == {}


def test_an_unknown_status_of_the_case_is_remarked():
    assert read(caseStatus={"status": "frozen"}).remarks == {"unknown_case_status": "frozen"}


def test_a_failure_and_a_later_success_are_two_identifications_of_one_case():
    case = read(an_identification("declined", identificationMethod="eid"), an_identification())

    assert [(each.method, each.progress) for each in case.identifications] == [
        ("postident_eid", Progress.DECLINED),
        ("postident_branch", Progress.SUCCESS),
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("PIN_BLOCKED", "pin_blocked"),
        ("DOCUMENT_MISMATCH", "document_mismatch"),
        ("connection_lost", "connection_lost"),
        ("SOMETHING_NEW", "other"),
        ("The clerk did not like Erika's face", "other"),
        (None, ""),
    ],
)
def test_a_reason_is_one_of_our_codes(code: str | None, reason: str):
    assert only(read(with_status(subStatus={"code": code, "description": "Erika"}))).reason == reason


def test_their_text_never_becomes_a_remark():
    case = read(with_status(subStatus={"code": "Erika's face!"}, subStatusReason="Erika, again?"))

    assert "Erika" not in str(dict(case.remarks))


@pytest.mark.parametrize(
    "status",
    [{"subStatusReason": "suspected fraud"}, {"subStatus": {"code": "FRAUD"}}, {"subStatusReason": "SUSPECTED_FRAUD"}],
)
def test_suspected_fraud_is_seen(status: dict[str, Any]):
    assert only(read(with_status(**status))).suspected_fraud


def test_another_reason_is_no_fraud_and_is_remarked():
    case = read(with_status(subStatusReason="bad light"))

    assert not only(case).suspected_fraud
    assert case.remarks["unknown_sub_status_reason"] == "bad light"


def test_what_was_not_verified_is_named():
    document = a_document(
        firstName=match("Erika", "unchecked"),
        lastName=match("Mustermann", "guessed"),
        birthPlace={"value": "Berlin"},
        nationality="DEU",
        address={"city": match("Köln", "unchecked"), "postalCode": match("51147")},
    )
    case = read(an_identification(identificationDocument=document))
    found = only(case).document

    assert found is not None
    assert found.unchecked == {"given_names", "family_name", "birth_place", "nationality", "address"}
    assert case.remarks["unknown_value_status"] == "guessed"
    assert found.nationality == "DEU"


@pytest.mark.parametrize(("number", "code"), DOCUMENT_TYPES.items())
def test_every_document_type_has_a_code(number: str, code: str):
    for value in (number, int(number)):
        document = only(read(an_identification(identificationDocument=a_document(type=match(value))))).document
        assert document is not None
        assert document.document_type == code


@pytest.mark.parametrize("odd", ["99", "0", "01", 13, True, ["1"]])
def test_an_unknown_document_type_is_left_open(odd: Any):
    case = read(an_identification(identificationDocument=a_document(type=match(odd))))
    document = only(case).document

    assert document is not None
    assert document.document_type == ""
    assert {"unknown_document_type", "odd_value"} & set(case.remarks)


def test_a_passport_has_no_address():
    for address in ({}, None, {"streetAddress": None}, {"city": match("")}):
        document = only(read(an_identification(identificationDocument=a_document(address=address)))).document
        assert document is not None
        assert document.address is None
        assert "address" not in document.unchecked


@pytest.mark.parametrize(
    ("line", "street", "number"),
    [
        ("Hauptstraße 5", "Hauptstraße", "5"),
        ("Hauptstraße 5a", "Hauptstraße", "5a"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni", "135"),
        ("Am Markt 3-5", "Am Markt", "3-5"),
        ("Am Markt 3 b", "Am Markt", "3 b"),
        ("C 4, 12", "C 4,", "12"),
        ("Schloss", "Schloss", ""),
        ("17", "17", ""),
    ],
)
def test_the_house_number_is_taken_from_the_end_of_the_street(line: str, street: str, number: str):
    document = only(
        read(an_identification(identificationDocument=a_document(address={"streetAddress": match(line)})))
    ).document

    assert document is not None
    assert document.address is not None
    assert (document.address.street, document.address.house_number) == (street, number)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("1964-08-12", "1964-08-12"),
        ("1964-08-00", "1964-08-00"),
        ("1964-00-00", "1964-00-00"),
        ("1964-08", "1964-08-00"),
        ("1964", "1964-00-00"),
        ("1964-XX-XX", "1964-00-00"),
        ("12.08.1964", ""),
        ("1964-13-01", ""),
        ("1964-02-30", ""),
        ("1964-00-12", ""),
    ],
)
def test_a_birth_date_may_be_incomplete_but_never_wrong(text: str, ours: str):
    case = read(an_identification(identificationDocument=a_document(birthDate=match(text))))
    document = only(case).document

    assert document is not None
    assert document.birth_date == ours
    assert ("unreadable_birth_date" in case.remarks) == (ours == "")


@pytest.mark.parametrize(
    ("text", "moment", "remark"),
    [
        ("2026-11-24T10:15:00Z", datetime(2026, 11, 24, 10, 15, tzinfo=UTC), None),
        ("2026-11-24T10:15:00.123+01:00", datetime(2026, 11, 24, 9, 15, 0, 123000, tzinfo=UTC), None),
        ("2026-11-24T10:15:00+0100", datetime(2026, 11, 24, 9, 15, tzinfo=UTC), None),
        ("2026-11-24T10:15:00", datetime(2026, 11, 24, 9, 15, tzinfo=UTC), "time_without_zone"),
        ("2026-07-24T10:15:00", datetime(2026, 7, 24, 8, 15, tzinfo=UTC), "time_without_zone"),
        ("2026-11-24", None, "unreadable_time"),
        ("24.11.2026 10:15", None, "unreadable_time"),
        ("0001-01-01T00:00:00+14:00", None, "unreadable_time"),
        (1795511700, None, "unreadable_time"),
        ("", None, "unreadable_time"),
    ],
)
def test_times_have_a_zone_or_are_german(text: Any, moment: datetime | None, remark: str | None):
    case = read(with_status(modified=text))

    assert only(case).modified_at == moment
    assert set(case.remarks) == ({remark} if remark else set())


def test_a_success_without_a_time_is_remarked():
    for status in ({"identificationTime": None}, {"identificationTime": "soon"}):
        case = read(with_status(**status))
        assert only(case).identified_at is None
        assert "success_without_time" in case.remarks


@pytest.mark.parametrize(
    ("order", "reference"),
    [
        ({"processData": {"referenceId": "ABCDEFGH234567"}}, "ABCDEFGH234567"),
        ({"processData": {"referenceId": CASE}}, ""),  # none was given: they put the case's own id
        ({"processData": {"referenceId": CASE}, "customData": {"custom1": "ABCDEFGH234567"}}, "ABCDEFGH234567"),
        ({"processData": None, "customData": {"custom1": "ABCDEFGH234567"}}, "ABCDEFGH234567"),
        ({"processData": {"referenceId": None}, "customData": {"custom1": "Erika Mustermann"}}, ""),
        ({"processData": {"referenceId": ["ABCDEFGH234567"]}}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_our_reference_is_found_in_the_order_or_in_the_custom_data(order: Any, reference: str):
    assert read(orderData=order).reference == reference


def test_what_was_cut_in_the_order_is_told():
    assert read(orderData={"customData": {"custom2": "shortened:firstName,city"}}).remarks == {
        "shortened": "firstName,city"
    }
