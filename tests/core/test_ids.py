import time
import uuid

from core.ids import uuid7


def test_an_id_is_a_version_7_uuid_that_carries_its_time():
    before = time.time_ns() // 1_000_000
    key = uuid7()

    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert before <= key.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_are_all_different():
    assert len({uuid7() for _ in range(10_000)}) == 10_000
