"""What readers say about the status page, for administrators."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.audit.models import AuditEvent
from identity.status.models import StatusFeedback
from tests.identity.workplace.conftest import Login, audit_names, text_of

pytestmark = pytest.mark.django_db
PAGE = reverse("workplace:feedback")


def said(text: str = "", *, helpful: bool = False) -> StatusFeedback:
    return StatusFeedback.objects.create(page="status", language="de", helpful=helpful, text=text, has_text=bool(text))


def test_an_administrator_reads_counts_and_texts(browser: Login, administrator):
    said("Wo ist die Nummer?")
    said(helpful=True)
    page = text_of(browser(administrator).get(PAGE))
    assert "Wo ist die Nummer?" in page
    assert "1 1 1" in page
    assert "not helpful" in page


def test_every_look_is_recorded_without_the_texts(browser: Login, administrator):
    said("Geheim")
    browser(administrator).get(PAGE)
    assert audit_names() == ["identity.feedback.viewed"]
    event = AuditEvent.objects.get()
    assert event.facts == {"page": 1, "shown": 1}
    assert event.actor_reference == str(administrator.public_id)


def test_markup_in_a_text_stays_text(browser: Login, administrator):
    said("<b>fett</b>\nzweite Zeile")
    page = browser(administrator).get(PAGE).content.decode()
    assert "&lt;b&gt;fett&lt;/b&gt;<br>zweite Zeile" in page


def test_without_texts_the_page_says_so(browser: Login, administrator):
    assert "No texts yet" in text_of(browser(administrator).get(PAGE))


def test_many_texts_take_few_queries(browser: Login, administrator, at_most):
    for number in range(60):
        said(f"Text {number}")
    client = browser(administrator)
    with at_most(13):
        page = client.get(PAGE)
    assert len(page.context["page"]) == 25
