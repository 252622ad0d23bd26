"""The telephone announcement: for the ear, from the same records."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from identity.methods.services import undo_suspension
from identity.status.speech import announcement
from tests.factories import an_administrator, an_insurer
from tests.identity.status.conftest import an_order

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=BERLIN)


def test_without_news_it_says_what_is_open_and_what_has_been_closed_for_long(time_machine):
    time_machine.move_to(NOON)
    said = announcement("en")
    assert "Nothing has changed." in said
    assert "For the app of the electronic patient record and the PIN of the health card you can use, online: " in said
    assert "online: Online ID card. In person: In a post office, In our branch" in said
    assert "Still suspended, since 9 August 2022: Video call or Automated video." in said
    assert "you keep it" in said
    assert "Last updated on 24 November 2026 at 12 PM." in said


def test_an_order_is_told_with_its_day(time_machine):
    time_machine.move_to(NOON)
    an_order("postident_eid")
    said = announcement("en")
    assert "Since 24 November 2026 this way can no longer be used: Online ID card." in said
    assert "no way is open online. In person you can use: In a post office" in said


def test_a_planned_order_is_told_with_day_and_time(time_machine):
    time_machine.move_to(NOON)
    an_order("postident_eid", effective_from=NOON + timedelta(days=1, minutes=30))
    assert "From 25 November 2026 at 12:30 PM this way can no longer be used" in announcement("en")


def test_it_says_for_whom_an_order_holds():
    an_order("postident_eid", purpose="pin", insurer=an_insurer())
    said = announcement("en")
    assert "This holds only for: PIN of the health card." in said
    assert "This holds only for people insured with: Muster-Krankenkasse Nord." in said


def test_purposes_with_other_ways_are_told_one_by_one():
    an_order("postident_eid", purpose="pin")
    said = announcement("en")
    assert "For the app of the electronic patient record you can use, online: Online ID card." in said
    assert "For the PIN of the health card no way is open online." in said


def test_an_order_that_was_taken_back_is_not_told():
    undo_suspension(an_order().pk, actor=an_administrator())
    assert "Nothing has changed." in announcement("en")


@pytest.mark.parametrize("state", ["unreadable", "dead_database"])
def test_what_cannot_be_read_is_never_called_open(request, state):
    request.getfixturevalue(state)
    said = announcement("en")
    assert "we cannot tell which ways are open" in said
    assert "you can use" not in said


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_in_it_is_for_the_eye(language):
    an_order("postident_eid", effective_from=timezone.now() + timedelta(days=1))
    said = announcement(language)
    assert not [sign for sign in "()/_<>&" if sign in said]
    assert len(said) < 1200


def test_it_is_plain_text_in_the_language_of_its_address_whatever_the_browser_says(nobody):
    german, english = nobody.get("/status/ansage.txt"), nobody.get("/status/en/ansage.txt")
    assert german["Content-Type"] == english["Content-Type"] == "text/plain; charset=utf-8"
    assert "Online-Ausweis" in german.text
    assert "9. August 2022" in german.text
    assert "Online ID card" in english.text
    assert (german["Content-Language"], english["Content-Language"]) == ("de", "en")
