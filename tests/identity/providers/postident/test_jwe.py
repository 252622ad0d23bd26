"""The lock on a result."""

import base64
import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey, RSAKey

from core.errors import Never, TryAgain
from identity.providers.postident.jwe import ENCRYPTIONS, MAX_AGE_SECONDS, MAX_USES, KeyRing, ResultKey

KEY = ResultKey()
PLAIN = b'{"caseId": "M3FB00URX4A3"}'
EVERY = ["RSA-OAEP", "RSA-OAEP-256", "RSA1_5", "dir", *ENCRYPTIONS, "A192GCM", "A192CBC-HS384", "DEF"]


def public(key: ResultKey) -> RSAKey:
    return RSAKey.import_key(base64.b64decode(key.headers("x")["x-scr-key"]))


def locked(key: ResultKey = KEY, alg: str = "RSA-OAEP-256", enc: str = "A256GCM", **header: str) -> bytes:
    registry = jwe.JWERegistry(algorithms=EVERY, strict_check_header=False)
    return jwe.encrypt_compact({"alg": alg, "enc": enc, **header}, PLAIN, public(key), registry=registry).encode()


def test_the_headers_prove_that_the_key_is_ours():
    headers = KEY.headers("Datenpasswört")
    der = base64.b64decode(headers["x-scr-key"])
    proof = base64.b64decode(headers["x-scr-keyhash"])
    public_key = load_der_public_key(der)

    assert isinstance(public_key, RSAPublicKey)
    assert public_key.key_size == 3072
    assert proof == hmac.new("Datenpasswört".encode(), der, hashlib.sha256).digest()
    assert headers["x-scr-alg"] == "RSA-OAEP-256"


@pytest.mark.parametrize("enc", ENCRYPTIONS)
def test_four_encryptions_are_opened(enc: str):
    assert KEY.open(locked(enc=enc)) == PLAIN


def test_headers_that_say_more_than_needed_do_not_matter():
    assert KEY.open(locked(kid="1", cty="application/json", note="new")) == PLAIN


@pytest.mark.parametrize("enc", ["A192GCM", "A192CBC-HS384"])
def test_another_encryption_is_refused(enc: str):
    with pytest.raises(Never, match="other_encryption"):
        KEY.open(locked(enc=enc))


def test_another_algorithm_is_refused():
    with pytest.raises(Never, match="other_encryption"):
        KEY.open(locked(alg="RSA-OAEP"))


def test_a_result_locked_without_our_key_is_refused():
    shared = OctKey.generate_key(256)
    token = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, PLAIN, shared, algorithms=EVERY)

    with pytest.raises(Never, match="other_encryption"):
        KEY.open(token.encode())


def test_a_packed_result_is_refused_before_it_can_swell():
    with pytest.raises(Never, match="other_encryption"):
        KEY.open(locked(zip="DEF"))


def test_a_result_for_another_key_cannot_be_read():
    with pytest.raises(TryAgain, match="unreadable_result"):
        KEY.open(locked(ResultKey()))


@pytest.mark.parametrize("part", range(5))
def test_a_damage_anywhere_is_noticed(part: int):
    parts = locked().split(b".")
    middle = len(parts[part]) // 2
    parts[part] = (
        parts[part][:middle] + (b"A" if parts[part][middle : middle + 1] != b"A" else b"B") + parts[part][middle + 1 :]
    )

    with pytest.raises((TryAgain, Never)):
        KEY.open(b".".join(parts))


def test_a_result_cut_short_is_no_result():
    token = locked()
    for end in range(0, len(token), 7):
        with pytest.raises((TryAgain, Never)):
            KEY.open(token[:end])


@given(
    st.binary(max_size=80)
    | st.lists(st.binary(max_size=20).map(base64.urlsafe_b64encode), min_size=5, max_size=5).map(b".".join)
)
def test_nothing_else_is_opened(token: bytes):
    with pytest.raises((TryAgain, Never)):
        KEY.open(token)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The ring's clock, in its only element; and no time lost on making keys."""
    now = [1000.0]
    monkeypatch.setattr("identity.providers.postident.jwe.time.monotonic", lambda: now[0])
    monkeypatch.setattr("identity.providers.postident.jwe.ResultKey", object)
    return now


def test_a_key_is_used_again_for_a_while_and_then_replaced(clock: list[float]):
    ring = KeyRing()
    first = ring.current()

    assert all(ring.current() is first for _ in range(MAX_USES - 1))
    assert ring.current() is not first


def test_a_key_grows_old(clock: list[float]):
    ring = KeyRing()
    first = ring.current()
    clock[0] += MAX_AGE_SECONDS
    second = ring.current()
    clock[0] += 1

    assert second is first
    assert ring.current() is not first


def test_a_forked_process_makes_a_key_of_its_own(clock: list[float]):
    ring = KeyRing()
    parents = ring.current()
    child = os.fork()
    if child == 0:  # pragma: no cover  (another process)
        os._exit(0 if ring.current() is not parents else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ring.current() is parents
