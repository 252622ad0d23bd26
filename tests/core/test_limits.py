from datetime import timedelta
from functools import partial
from threading import Lock

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core.limits import Limit, LimitReached, hit, hit_all, purge_limits
from core.models import RateLimit


@pytest.mark.django_db
def test_the_limit_is_the_number_of_hits_that_pass():
    for _ in range(3):
        hit("link", "me", limit=3, per_seconds=60)

    with pytest.raises(LimitReached) as caught:
        hit("link", "me", limit=3, per_seconds=60)
    assert 58 <= caught.value.retry_after_seconds <= 60
    assert caught.value.http_status == 429


@pytest.mark.django_db
def test_limits_and_keys_are_counted_apart():
    hit("link", "me", limit=1, per_seconds=60)
    hit("link", "you", limit=1, per_seconds=60)
    hit("other", "me", limit=1, per_seconds=60)


@pytest.mark.django_db
def test_hits_beyond_the_limit_do_not_make_the_wait_longer():
    begin = timezone.now()
    with time_machine.travel(begin, tick=False):
        hit("link", "me", limit=1, per_seconds=60)
    with time_machine.travel(begin + timedelta(seconds=50), tick=False), pytest.raises(LimitReached) as caught:
        hit("link", "me", limit=1, per_seconds=60)
    assert caught.value.retry_after_seconds == 10

    with time_machine.travel(begin + timedelta(seconds=60), tick=False):
        hit("link", "me", limit=1, per_seconds=60)


@pytest.mark.django_db
def test_several_limits_count_together_in_one_statement_and_the_longest_wait_is_told(django_assert_num_queries):
    limits = [Limit("short", "me", 1, 10), Limit("long", "me", 1, 100), Limit("wide", "me", 9, 1000)]
    hit_all(limits)

    with pytest.raises(LimitReached) as caught:
        hit_all(limits)
    assert caught.value.name == "long"
    assert set(RateLimit.objects.values_list("hits", flat=True)) == {2}


@pytest.mark.django_db
def test_the_key_is_kept_as_a_keyed_hash_only():
    hit("link", "anna@example.org", limit=1, per_seconds=60)

    assert b"anna" not in bytes(RateLimit.objects.get().key_hash)


@pytest.mark.django_db(transaction=True)
def test_a_hit_inside_a_transaction_is_refused():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        hit("link", "me", limit=1, per_seconds=60)


@pytest.mark.django_db
def test_counters_of_windows_long_over_are_purged():
    with time_machine.travel(timezone.now() - timedelta(hours=3)):
        hit("link", "old", limit=1, per_seconds=60)
    hit("link", "new", limit=1, per_seconds=60)

    assert purge_limits() == 1
    assert RateLimit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_hits_at_once_exactly_the_limit_passes(at_once):
    passed, refused, lock = [], [], Lock()

    def work(number):
        for _ in range(10):
            try:
                hit_all([Limit("link", "me", 30, 60), Limit(f"other{number}", "me", 99, 60)])
            except LimitReached:
                with lock:
                    refused.append(number)
            else:
                with lock:
                    passed.append(number)

    assert at_once(*[partial(work, number) for number in range(8)]) == [None] * 8
    assert (len(passed), len(refused)) == (30, 50)
