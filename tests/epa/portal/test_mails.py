"""The mails about an access, rendered as they are sent."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.models import OutgoingMessage
from core.outbox.render import render
from epa.services import moving
from epa.states import AccessState, Channel, EndReason, RecordState
from epa.words import WORDS
from identity.members.models import Insurant
from tests.epa.accesses import an_access, email_of
from tests.factories import an_account, an_insurant

pytestmark = pytest.mark.django_db
S = AccessState
TEMPLATES = ["epa/open", "epa/waiting", "epa/cancelled"]


def mail_of(access, template: str, language: str = "en") -> tuple[str, str, str]:
    moving.tell(access, template)
    return render(template, OutgoingMessage.objects.get().context, language)


@pytest.mark.parametrize("channel", Channel)
def test_the_mail_about_an_open_access_says_what_to_do_next(channel):
    access = an_access(S.OPEN, channel=channel)
    subject, text, html = mail_of(access, "epa/open")
    assert subject == "Your access to the ePA is open"
    for step in WORDS[channel].steps:
        assert str(step) in text
        assert str(step) in html
    assert f"{reverse('epa:access', args=[access.public_id])}\n" in text
    assert reverse("epa:access", args=[access.public_id]) in html


def test_a_record_that_may_not_be_there_yet_is_explained_in_the_mail():
    access = an_access(S.OPEN)
    access.record_state = RecordState.NONE_OR_INITIALIZED
    _, text, html = mail_of(access, "epa/open")
    assert "objected to the ePA" in text
    assert "objected to the ePA" in html


@pytest.mark.parametrize(
    ("record_state", "words"),
    [(RecordState.WRONG_STATE, "after a change of insurer"), (RecordState.UNKNOWN, "did not work on our side")],
)
def test_a_delay_says_what_kind_it_is(record_state, words):
    access = an_access(S.OPENING)
    access.record_state = record_state
    _, text, html = mail_of(access, "epa/waiting")
    assert words in text
    assert words in html


@pytest.mark.parametrize(
    ("reason", "words", "again"),
    [
        (EndReason.MEMBERSHIP_ENDED, "not insured with us any more", False),
        (EndReason.IDENTIFICATION_WITHDRAWN, "has taken your identification back", True),
    ],
)
def test_an_end_says_why_and_what_to_do(reason, words, again):
    _, text, html = mail_of(an_access(S.CANCELLED, end_reason=reason), "epa/cancelled")
    assert words in text
    assert words in html
    assert (reverse("epa:request") in text, reverse("epa:request") in html) == (again, again)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_mail_names_nobody_and_keeps_to_its_language(template, language):
    access = an_access(S.OPEN)
    insurant = access.insurant
    for part in mail_of(access, template, language):
        assert part.strip()
        assert insurant.kvnr not in part
        assert insurant.family_name not in part
        assert ("Zugang" in part) == (language == "de")


def test_a_mail_goes_to_the_account_in_its_language():
    insurant = an_insurant(account=an_account(language="en"))
    access = an_access(S.OPEN, insurant=insurant)
    moving.tell(access, "epa/open")
    message = OutgoingMessage.objects.get()
    assert (message.recipient, message.language) == (email_of(access), "en")


def test_nobody_is_told_when_there_is_no_account():
    access = an_access(S.OPEN)
    Insurant.objects.filter(pk=access.insurant.pk).update(account=None)
    access.insurant.refresh_from_db()
    moving.tell(access, "epa/open")
    assert not OutgoingMessage.objects.exists()
