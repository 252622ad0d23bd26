import json
import uuid

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core.scrub import REMOVED, holds_personal_data, scrub, scrub_text

PERSONAL = [
    "A123456780",
    "a123456780",
    "A 123 456 780",
    "A123-456-780",
    "kvnrA123456780",
    "A1234567801095009691",
    "anna.müller+x@example.org",
    "anna%40example.org",
    "80276001234567890123",
    "80276 00123 45678 90123",
]
HARMLESS = [
    "2026-11-24T11:04:00.123456+00:00",
    "since 2026-11-24 11:04:00",
    "0192f3a4-1b2c-7d3e-8f90-a12345678901",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "a123456789012345678901234567890b",
    "identity.case.identified",
    "0800 000 00 00",
    "127.0.0.1:8000",
    "Deadlock @ line 7",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_what_looks_personal_is_blanked_out_wherever_it_stands(text):
    for line in (text, f"in ({text}), see", f"?who={text}&x=1", f"'{text}'"):
        assert REMOVED in scrub_text(line)
        assert text not in scrub_text(line)
        assert holds_personal_data(line)


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_times_and_hashes_stay(text):
    assert scrub_text(text) == text
    assert not holds_personal_data(text)


@given(st.uuids())
def test_every_uuid_stays(key):
    assert scrub_text(f"case {key} closed") == f"case {key} closed"


@given(st.from_regex(r"[A-Z][0-9]{9}", fullmatch=True), st.text(max_size=20), st.text(max_size=20))
def test_no_number_gets_through_whatever_stands_around_it(number, before, after):
    assert number not in scrub_text(f"{before} {number} {after}")


def test_values_are_scrubbed_however_deep_they_lie():
    class Odd:
        def __str__(self):
            return "of anna@example.org"

    event = {
        "event": "x A123456780",
        "list": ["a", ("b@example.org", 5)],
        "map": {"k": "A123456780", "kvnr": "whatever", "b@example.org": 1},
        "odd": Odd(),
        "number": 7,
        "email": "whatever",
        "ip": "10.0.0.1",
        "_record": "A123456780",
    }
    clean = scrub(None, "info", event)

    assert clean["event"] == f"x {REMOVED}"
    assert clean["list"] == ["a", [REMOVED, 5]]
    assert clean["map"] == {"k": REMOVED, "kvnr": REMOVED, REMOVED: 1}
    assert (clean["odd"], clean["number"]) == (f"of {REMOVED}", 7)
    assert clean["email"] == clean["ip"] == REMOVED
    assert clean["_record"] == "A123456780"


def test_the_text_of_an_exception_is_scrubbed():
    try:
        raise ValueError("no such person: A123456780")
    except ValueError:
        event = structlog.processors.format_exc_info(None, "error", {"event": "failed", "exc_info": True})

    assert "A123456780" not in json.dumps(scrub(None, "error", event))


def test_a_uuid_that_ends_like_a_number_stays():
    assert scrub_text(str(uuid.UUID("0192f3a4-1b2c-7d3e-8f90-a12345678901"))).endswith("a12345678901")
