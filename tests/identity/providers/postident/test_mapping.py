"""What we tell POSTIDENT, and what we do not."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Never
from identity.providers.postident.countries import alpha_3
from identity.providers.postident.mapping import order_body
from tests.identity.providers.postident.orders import an_address, an_order

WEBHOOK = "https://vorweis.example/callbacks/postident/secret"


def contact(**order: Any) -> dict[str, Any]:
    found: dict[str, Any] = order_body(an_order(**order), WEBHOOK).body["contactDataProvided"]
    return found


def street(**address: str) -> str | None:
    found: str | None = contact(address=an_address(**address))["address"]["streetAddress"]
    return found


def test_the_whole_order_has_the_documented_form():
    assert order_body(an_order(reference="ABCDEFGH234567"), WEBHOOK).body == {
        "processData": {
            "targetCountry": "DEU",
            "preferredLanguage": "DE_DE",
            "webHookUrl": WEBHOOK,
            "referenceId": "ABCDEFGH234567",
            **{
                f"callbackUrl{event}": {
                    "webUrl": "https://vorweis.example/vorgang/7/",
                    "iOSUrl": None,
                    "androidUrl": None,
                }
                for event in ("CouponRequested", "ReviewPending", "Incomplete", "Success", "Declined")
            },
        },
        "contactDataProvided": {
            "firstName": "Jörg-Uwe",
            "lastName": "von Weiß",
            "mobilePhone": None,
            "email": "joerg@example.org",
            "address": {
                "streetAddress": "Hauptstraße 5a",
                "appendix": None,
                "postalCode": "24103",
                "city": "Kiel",
                "country": "DEU",
            },
        },
        "identificationDocumentProvided": None,
        "customData": {
            "custom1": "ABCDEFGH234567",
            "custom2": None,
            "custom3": None,
            "custom4": None,
            "custom5": None,
        },
    }


def test_nothing_that_did_not_come_from_a_document_is_given_as_if_it_had():
    told = str(order_body(an_order(birth_date="1980-04-05", birth_name="Schwarz"), WEBHOOK).body)

    assert "1980-04-05" not in told
    assert "Schwarz" not in told


@pytest.mark.parametrize(("language", "theirs"), [("de", "DE_DE"), ("en", "EN_UK"), ("fr", "DE_DE"), ("", "DE_DE")])
def test_the_language_is_one_of_their_two(language: str, theirs: str):
    assert order_body(an_order(language=language), WEBHOOK).body["processData"]["preferredLanguage"] == theirs


@pytest.mark.parametrize(
    ("given_name", "cut"),
    [
        ("A" * 35, "A" * 35),
        ("A" * 36, "A" * 35),
        ("A" * 34 + " Berta", "A" * 34),
        ("  Anna \t Maria\n", "Anna Maria"),
        ("Mu\u0308ller", "Müller"),
        ("A" * 34 + "q\u0308\u0323", "A" * 34),  # letter and accents stay together, or go together
        ("Jo\u00adhanna", "Johanna"),
    ],
)
def test_a_name_is_cut_at_35_letters_as_they_are_read(given_name: str, cut: str):
    assert contact(given_names=given_name)["firstName"] == cut


def test_a_cut_is_remembered_and_comes_back_with_the_result():
    made = order_body(an_order(given_names="A" * 40, address=an_address(city="B" * 56)), WEBHOOK)

    assert made.shortened == ["firstName", "city"]
    assert made.body["customData"]["custom2"] == "shortened:firstName,city"


@pytest.mark.parametrize("names", [{"given_names": ""}, {"family_name": " "}, {"given_names": "", "family_name": ""}])
def test_half_a_name_is_no_name(names: dict[str, str]):
    told = contact(**names)

    assert told["firstName"] is None
    assert told["lastName"] is None


def test_a_long_street_is_cut_before_its_number():
    assert street(street="L" * 60, house_number="12 b") == "L" * 50 + " 12 b"
    assert street(street="L" * 53, house_number="7") == "L" * 53 + " 7"
    assert street(street="L" * 54, house_number="7") == "L" * 53 + " 7"


def test_a_street_without_a_number_and_a_number_without_a_street_are_taken_as_they_are():
    assert street(house_number="") == "Hauptstraße"
    assert street(street="", house_number="12") == "12"
    assert street(street="", house_number="") is None


def test_what_is_worthless_when_cut_is_left_out_and_remembered():
    made = order_body(an_order(email="a" * 310 + "@example.org", return_url="https://v.example/" + "x" * 200), WEBHOOK)

    assert made.body["contactDataProvided"]["email"] is None
    assert made.body["processData"]["callbackUrlSuccess"] is None
    assert made.shortened == ["callbackUrl", "email"]


def test_no_address_and_no_e_mail_are_null():
    told = contact(address=None, email="")

    assert told["address"] is None
    assert told["email"] is None


@pytest.mark.parametrize("reference", ["", "A" * 15, "Müller", "A B", "A123456780\n"])
def test_a_reference_that_they_cannot_take_is_refused(reference: str):
    with pytest.raises(Never, match="bad_order"):
        order_body(an_order(reference=reference), WEBHOOK)


def test_a_webhook_address_longer_than_500_characters_is_refused():
    with pytest.raises(Never, match="bad_order"):
        order_body(an_order(), "https://" + "x" * 493)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DEU", "DEU"),
        ("deu", "DEU"),
        ("D", "DEU"),
        ("D<<", "DEU"),
        ("RKS", "RKS"),
        ("XKX", "RKS"),
        ("XXA", "XXA"),
        ("XXB", "XXB"),
        ("XXC", "XXC"),
        ("XXX", "XXX"),
        ("DE", ""),
        ("ZZZ", ""),
        ("", ""),
    ],
)
def test_countries_have_three_letters_or_are_left_out(text: str, code: str):
    assert alpha_3(text) == code
    assert contact(address=an_address(country=text))["address"]["country"] == (code or None)


LIMITS = {
    "firstName": 35,
    "lastName": 35,
    "email": 320,
    "streetAddress": 55,
    "appendix": 55,
    "postalCode": 11,
    "city": 55,
}


@given(st.lists(st.text(max_size=400), min_size=8, max_size=8))
def test_no_order_can_break_their_limits(texts: list[str]):
    first, last, email, *address = texts
    told = contact(
        given_names=first,
        family_name=last,
        email=email,
        address=an_address(
            **dict(zip(("street", "house_number", "supplement", "postcode", "city"), address, strict=True))
        ),
    )

    for name, value in (told | told["address"]).items():
        if isinstance(value, str) and name in LIMITS:
            assert 0 < len(value) <= LIMITS[name]
            assert name == "email" or not any(unicodedata.category(sign) == "Cc" for sign in value)
