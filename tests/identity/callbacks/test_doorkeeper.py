"""How often somebody may try a wrong callback address."""

import pytest

from identity.callbacks import doorkeeper as module
from identity.callbacks.doorkeeper import BURST, PER_SECOND, Doorkeeper


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr("identity.callbacks.doorkeeper.time.monotonic", lambda: moment[0])
    return moment


def test_a_burst_is_tolerated_and_then_one_try_every_five_seconds(now: list[float]):
    keeper = Doorkeeper()

    assert [keeper.tolerates("192.0.2.1") for _ in range(BURST + 1)] == [True] * BURST + [False]
    now[0] += 1 / PER_SECOND
    assert [keeper.tolerates("192.0.2.1") for _ in range(2)] == [True, False]


def test_patience_does_not_pile_up(now: list[float]):
    keeper = Doorkeeper()
    keeper.tolerates("192.0.2.1")
    now[0] += 1_000_000

    assert sum(keeper.tolerates("192.0.2.1") for _ in range(2 * BURST)) == BURST


def test_each_address_has_a_bucket_of_its_own(now: list[float]):
    keeper = Doorkeeper()
    for _ in range(BURST + 1):
        keeper.tolerates("192.0.2.1")

    assert keeper.tolerates("192.0.2.2")


def test_memory_stays_small_however_many_addresses_come(now: list[float], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ADDRESSES_KEPT", 10)
    keeper = Doorkeeper()
    for number in range(100):
        keeper.tolerates(f"192.0.2.{number}")

    assert len(keeper._buckets) == 10
