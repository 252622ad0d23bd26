import base64
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.encryption import KeyMissing, Tampered, lookup_candidates, lookup_hash, seal, unseal
from core.encryption.ring import parse_ring
from tests.core.conftest import a_key

PLACE = {"table": "paper", "column": "text", "row": "7"}


@given(st.binary(max_size=500))
def test_what_was_sealed_opens_in_its_place(plain):
    assert unseal(seal(plain, **PLACE), **PLACE) == plain


def test_the_same_value_looks_different_each_time():
    assert seal(b"x", **PLACE) != seal(b"x", **PLACE)


@pytest.mark.parametrize("moved", [{"table": "other"}, {"column": "other"}, {"row": "8"}])
def test_a_value_moved_to_another_place_does_not_open(moved):
    with pytest.raises(Tampered) as caught:
        unseal(seal(b"Gabriele", **PLACE), **PLACE | moved)

    for where in (PLACE | moved).values():
        assert where in str(caught.value)
    assert "Gabriele" not in str(caught.value)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(position, change):
    sealed = bytearray(seal(b"Gabriele", **PLACE))
    sealed[position % len(sealed)] ^= change

    with pytest.raises((Tampered, KeyMissing)):
        unseal(bytes(sealed), **PLACE)


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x02" + bytes(60), b"Gabriele"])
def test_what_was_never_sealed_is_called_tampered(rubbish):
    with pytest.raises(Tampered):
        unseal(rubbish, **PLACE)


def test_an_old_key_still_opens_and_the_first_one_seals(key_ring):
    key_ring("old")
    sealed = seal(b"x", **PLACE)
    key_ring("new", "old")

    assert unseal(sealed, **PLACE) == b"x"
    assert seal(b"x", **PLACE)[1:5] != sealed[1:5]


def test_a_missing_key_is_named_with_its_setting_and_what_to_do(key_ring):
    key_ring("old")
    sealed = seal(b"x", **PLACE)
    key_ring("new")

    with pytest.raises(KeyMissing, match=rf"ENCRYPTION_KEYS.*{sealed[1:5].hex()}.*new = .*rotate_keys"):
        unseal(sealed, **PLACE)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "is empty"),
        (["no colon"], "id:base64"),
        ([":" + "A" * 43 + "="], "id:base64"),
        (["a-much-too-long-name:" + "A" * 43 + "="], "id:base64"),
        (["one:!!!"], "one is not base64"),
        (["one:" + base64.b64encode(bytes(16)).decode()], "one has 16 bytes instead of 32"),
        ([a_key("one"), a_key("one")], "twice"),
        ([a_key("one"), "two" + a_key("one")[3:]], "twice"),
    ],
)
def test_a_ring_that_is_none_says_why_and_shows_no_key(entries, said):
    with pytest.raises(KeyMissing, match=said) as caught:
        parse_ring(entries, "SOME_KEYS")

    assert "SOME_KEYS" in str(caught.value)
    assert "AAAA" not in str(caught.value)


def test_a_value_is_found_by_its_hash_under_every_key_of_the_ring(key_ring):
    key_ring("old")
    stored = lookup_hash("number", "A1")
    key_ring("new", "old")

    assert stored in lookup_candidates("number", "A1")
    assert lookup_hash("number", "A1") == lookup_candidates("number", "A1")[0] != stored


def test_hashes_differ_by_purpose_and_have_32_bytes():
    assert lookup_hash("number", "A1") != lookup_hash("limit", "A1")
    assert len(lookup_hash("number", "A1")) == 32


def test_sealing_and_opening_a_short_text_takes_at_most_eight_microseconds_each():
    sealed = seal(b"Gabriele", **PLACE)

    def microseconds(work):
        return min(timeit.repeat(work, number=500, repeat=5)) / 500 * 1e6

    assert microseconds(lambda: seal(b"Gabriele", **PLACE)) <= 8
    assert microseconds(lambda: unseal(sealed, **PLACE)) <= 8
