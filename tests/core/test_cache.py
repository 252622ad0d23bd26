from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from core.limits import purge_limits
from core.models import CachedValue

pytestmark = pytest.mark.django_db


def test_what_was_put_in_comes_out_until_its_time_is_over():
    begin = timezone.now()
    with time_machine.travel(begin, tick=False):
        cache.set("a", [1.25, 1764003409.1234567], timeout=60)
        assert cache.get("a") == [1.25, 1764003409.1234567]

    with time_machine.travel(begin + timedelta(seconds=61), tick=False):
        assert cache.get("a", "gone") == "gone"


def test_a_value_can_be_replaced_deleted_and_forgotten_with_all_others():
    cache.set("a", 1)
    cache.set("a", 2)
    cache.set("b", 3, timeout=None)
    assert cache.get_many(["a", "b", "c"]) == {"a": 2, "b": 3}

    assert (cache.delete("a"), cache.delete("a")) == (True, False)
    cache.clear()
    assert "b" not in cache


def test_only_the_first_who_adds_succeeds_until_the_value_has_run_out():
    begin = timezone.now()
    with time_machine.travel(begin, tick=False):
        assert [cache.add("used", "y", timeout=30) for _ in range(2)] == [True, False]

    with time_machine.travel(begin + timedelta(seconds=31), tick=False):
        assert [cache.add("used", "y", timeout=30) for _ in range(2)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_exactly_one_succeeds_also_after_an_old_value(at_once):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        cache.set("lock", True, timeout=10)

    assert sorted(at_once(*[partial(cache.add, "lock", True)] * 8)) == [False] * 7 + [True]


def test_a_key_and_its_address_are_kept_as_a_keyed_hash_only(key_ring):
    key_ring("one")
    cache.set("allauth:rl:login:ip:192.0.2.77", 1)
    cache.set("anna@example.org", 1)
    rows = [(row.id, row.value, bytes(row.key_hash)) for row in CachedValue.objects.all()]

    assert [len(key) for _id, _value, key in rows] == [32, 32]
    assert "192.0.2.77" not in str(rows)
    assert "anna" not in str(rows)
    key_ring("two")
    assert cache.get("anna@example.org") is None


def test_each_use_costs_one_statement(django_assert_num_queries):
    for use in (lambda: cache.set("a", 1), lambda: cache.add("a", 1), lambda: cache.get("a")):
        with django_assert_num_queries(1):
            use()


def test_values_that_hold_are_never_thrown_out_and_those_long_over_are_purged():
    with time_machine.travel(timezone.now() - timedelta(hours=3)):
        cache.set("old", 1, timeout=60)
    for number in range(400):  # Django's own caches would begin to forget at 300
        cache.set(f"new{number}", number, timeout=60)

    assert purge_limits() == 1
    assert cache.get("new0") == 0
    assert CachedValue.objects.count() == 400
