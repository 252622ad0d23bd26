import pytest

from config.demo import load_demo_data
from core.models import AuditEvent
from identity.members.models import Insurant

pytestmark = pytest.mark.django_db


def test_loading_demo_data_again_changes_nothing_and_leaves_no_event():
    shown = load_demo_data(3)
    people, events = Insurant.objects.count(), AuditEvent.objects.count()

    assert load_demo_data(3) == shown
    assert (Insurant.objects.count(), AuditEvent.objects.count()) == (people, events)


def test_demo_people_that_are_missing_are_added():
    load_demo_data(3)
    people = Insurant.objects.count()
    load_demo_data(5)

    assert Insurant.objects.count() == people + 2
