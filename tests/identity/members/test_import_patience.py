"""An import that waits for another one instead of giving up."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from core.actors import SYSTEM
from identity.members.register.importing import Import, ImportRunning
from tests.factories import an_insurer
from tests.identity.members.conftest import a_record

pytestmark = pytest.mark.django_db(transaction=True)


class Other:
    """An import in a thread of its own, which goes on when it is told to."""

    def __init__(self) -> None:
        self.started, self.go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Other":
        self._thread.start()
        assert self.started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._thread.join(10)

    def _run(self) -> None:
        try:
            Import(SYSTEM).run(self._lines())
        finally:
            connection.close()

    def _lines(self) -> Iterator[Any]:
        self.started.set()
        self.go_on.wait(10)
        yield 1, a_record()


def test_a_patient_import_waits_for_the_other_one():
    an_insurer()
    with Other() as other:
        threading.Timer(0.1, other.go_on.set).start()
        tally = Import(SYSTEM, patient=True).run([(1, a_record())])

    assert tally.unchanged == 1  # the other one was first


def test_patience_ends_with_the_lock_timeout_of_the_database():
    an_insurer()
    with Other(), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(ImportRunning):
            Import(SYSTEM, patient=True).run([(1, a_record())])
        cursor.execute("RESET lock_timeout")
