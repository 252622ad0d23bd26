import pytest
from django.contrib.sessions.models import Session

from core.sessions import SessionStore

pytestmark = pytest.mark.django_db


def a_session(**values):
    session = SessionStore()
    session.update(values)
    session.save()
    return session


def test_what_was_put_in_comes_out_and_the_row_shows_nothing():
    key = a_session(given_name="Gabriele").session_key

    assert SessionStore(key)["given_name"] == "Gabriele"
    assert "Gabriele" not in Session.objects.get().session_data


def test_a_new_key_at_log_in_keeps_the_content():
    session = a_session(a=1)
    old = session.session_key
    session.cycle_key()

    assert SessionStore(session.session_key)["a"] == 1
    assert dict(SessionStore(old).items()) == {}


def test_content_moved_to_another_session_is_an_empty_session():
    mine, other = a_session(who="me"), a_session(who="other")
    data = Session.objects.get(pk=other.session_key).session_data
    Session.objects.filter(pk=mine.session_key).update(session_data=data)

    assert SessionStore(mine.session_key).get("who") is None
    assert SessionStore(other.session_key)["who"] == "other"


@pytest.mark.parametrize("rubbish", ["", "***", "AAAA", ".eJyrVkpU"])
def test_unreadable_content_is_an_empty_session(rubbish):
    session = a_session(a=1)
    Session.objects.update(session_data=rubbish)

    assert SessionStore(session.session_key).get("a") is None


def test_a_session_whose_key_is_gone_counts_as_logged_out(key_ring):
    key_ring("old")
    session = a_session(a=1)
    key_ring("new")

    assert SessionStore(session.session_key).get("a") is None


def test_a_session_opens_under_an_old_key_and_is_saved_under_the_new_one(key_ring):
    key_ring("old")
    session = a_session(a=1)
    key_ring("new", "old")
    again = SessionStore(session.session_key)
    again["b"] = 2
    again.save()
    key_ring("new")

    assert SessionStore(session.session_key)["a"] == 1
