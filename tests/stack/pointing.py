"""Pointing Django in the process of the tests at another installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.test import override_settings
from kombu import pools

from config.celery import app
from config.settings.base import DATABASE_OPTIONS
from config.settings.servers import broker_address, database
from identity.providers.registry import provider_named


@contextmanager
def django_on(database_url: str, redis_url: str, settings: dict[str, Any]) -> Iterator[None]:
    """Work on this database and this broker, with these settings; afterwards all is as it was.

    Threads that are begun inside take part; they must end inside. Whoever uses it in pytest without `django_db` has to
    unblock the database: `django_db_blocker.unblock()`.
    """
    own = connections.settings[DEFAULT_DB_ALIAS]
    entry = {DEFAULT_DB_ALIAS: database(database_url, DATABASE_OPTIONS)}
    broker = app.conf.broker_url
    _switch(connections.configure_settings(entry)[DEFAULT_DB_ALIAS], broker_address(redis_url))
    try:
        with override_settings(**settings):
            provider_named.cache_clear()
            yield
    finally:
        _switch(own, broker)
        provider_named.cache_clear()


def _switch(database_settings: dict[str, Any], broker_url: str) -> None:
    connections[DEFAULT_DB_ALIAS].close()
    connections.settings[DEFAULT_DB_ALIAS] = database_settings
    del connections[DEFAULT_DB_ALIAS]
    app.conf.broker_url = broker_url
    pools.reset()
    app._pool = app.amqp._producer_pool = None
