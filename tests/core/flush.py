"""A pytest plug-in (-p tests.core.flush): how transactional tests leave the database behind.

Their flush passes the triggers against TRUNCATE. What migrations have named, content types and permissions, stays: no
test changes it, and laying it anew took more time than most of these tests.
"""

from typing import Any

import pytest

STAYS = {"django_content_type", "auth_permission"}


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = empty_the_databases  # type: ignore[attr-defined]


def empty_the_databases(case: Any) -> None:
    """Take the place of Django's own tear-down of a transactional test."""
    import pgtrigger
    from django.core.management.color import no_style
    from django.db import connections

    for name in case._databases_names(include_mirrors=False):
        connection = connections[name]
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - STAYS
        with pgtrigger.ignore():
            connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables)))
