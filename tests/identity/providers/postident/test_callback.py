"""The webhook's body and address."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.providers.ports import Hint
from identity.providers.postident.adapter import Postident
from identity.providers.postident.callback import read_hint, token_for
from identity.providers.postident.configuration import Configuration

CASE = "M3FB00URX4A3"


def test_a_body_of_the_documented_form_is_read():
    assert read_hint(b'{"caseId": "M3FB00URX4A3", "referenceId": "ABCDEFGH234567"}') == Hint(CASE, "ABCDEFGH234567")
    assert read_hint(b' {"referenceId":null,"caseId":"M3FB00URX4A3"}\n') == Hint(CASE, "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"M3FB00URX4A3"',
        b"{}",
        b'{"caseId": "M3FB00URX4A3"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null, "status": "success"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null} {}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null',
        b"{'caseId': 'M3FB00URX4A3', 'referenceId': null}",
        b'{"caseId": "M3FB00URX4A3", "caseId": "M3FB00URX4A3", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null, "referenceId": "A"}',
        b'{"caseId": "m3fb00urx4a3", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A3\\n", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A\xc3\x9c", "referenceId": null}',
        b'{"caseId": 123456789012, "referenceId": null}',
        b'{"caseId": null, "referenceId": null}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": 7}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": ["A"]}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": "ABCDEFGH2345678"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": "A\\u0000B"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": "\\ud800"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": NaN}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": ' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"caseId": "M3FB00URX4A3", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": "\xff"}',
        b"[" * 60_000,
        b'{"caseId": "M3FB00URX4A3", "referenceId": null}' + b" " * 65_536,
    ],
)
def test_any_other_body_is_refused(body: bytes):
    assert read_hint(body) is None


@given(st.binary(max_size=200))
def test_no_body_whatever_breaks_the_reading(body: bytes):
    assert read_hint(body) is None


@given(st.dictionaries(st.sampled_from(["caseId", "referenceId"]), st.none() | st.text() | st.integers(), min_size=2))
def test_what_is_taken_can_be_stored(body: dict[str, object]):
    hint = read_hint(json.dumps(body).encode())

    if hint is not None:
        assert len(hint.provider_case_id) == 12
        assert len(hint.reference) <= 14
        assert "\x00" not in hint.reference


def test_each_contract_has_an_address_that_only_the_secret_gives_away(configuration: Configuration):
    postident = Postident(configuration)
    address = postident.webhook_url("postident_eid")
    token = address.rpartition("/")[2]

    assert address == f"{configuration.callback_base_url}/callbacks/postident/{token}"
    assert token == token_for("postident_eid", configuration.callback_secret)
    assert len(token) == 32
    assert postident.contract_of(token) == "postident_eid"
    assert token != postident.webhook_url("postident_branch").rpartition("/")[2]
    assert token != token_for("postident_eid", "another secret")


@pytest.mark.parametrize("token", ["", "A" * 32, "ä" * 32, "\ud800", "../postident", "\x00"])
def test_another_token_belongs_to_no_contract(configuration: Configuration, token: str):
    assert Postident(configuration).contract_of(token) is None


def test_half_a_token_belongs_to_no_contract(configuration: Configuration):
    postident = Postident(configuration)
    token = postident.webhook_url("postident_eid").rpartition("/")[2]

    assert postident.contract_of(token[:31]) is None
    assert postident.contract_of(token + "A") is None
    assert postident.contract_of(token.swapcase()) is None
