"""The mails of a case, and their preview."""

import ast
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.audit.models import AuditEvent
from core.models import OutgoingMessage
from core.outbox.render import render
from identity.cases import services
from identity.cases.effects.carrying import carry_out_orders
from identity.cases.effects.models import AffectedCase
from identity.cases.links import case_id_in
from identity.cases.states import CaseState
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension
from identity.portal.previews import sample_context, templates
from identity.portal.reasons import REASONS
from tests.factories import a_case, a_review, an_account, an_administrator, an_attempt, an_insurant
from tests.identity.portal.middle import a_late_result, impose, lifted

pytestmark = pytest.mark.django_db
CASE = "00000000-0000-4000-8000-000000000000"


def told_by_services() -> set[str]:
    """The templates that the services name in `trail.tell(case, "…")`."""
    found = set()
    for path in Path(services.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tell":
                name = node.args[1]
                assert isinstance(name, ast.Constant)
                assert isinstance(name.value, str)
                found.add(f"identity/{name.value}")
    return found


ABOUT_ORDERS = (
    *(f"identity/suspended_{outcome.value}" for outcome in AffectedCase.Outcome if outcome != "kept"),
    "identity/finish_over",
    "identity/resumed",
    "identity/suspension_undone",
)


def test_every_message_that_a_service_sends_has_its_mail():
    assert len(told_by_services()) >= 10
    assert told_by_services() | {*ABOUT_ORDERS} <= set(templates())


def about_an_order(**given: str) -> dict[str, Any]:
    texts = {"text_de": "Die gematik hat das verboten.", "text_en": "gematik has forbidden this."}
    moments = {"applied_at": "2026-08-09T09:00:00+00:00", "until": "2026-12-24T11:00:00+00:00"}
    return sample_context() | texts | moments | given


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ABOUT_ORDERS)
def test_a_mail_about_an_order_says_what_stays_valid_and_has_one_button(name: str, language: str):
    subject, text, html = render(name, about_an_order(), language)

    day = "9. August 2026" if language == "de" else "Aug. 9, 2026"
    for body in (text, html):
        assert day in body
        assert django_settings.CONTACT_PHONE in body
        (token,) = set(re.findall(r"/weiter/([^/]+)/", body))
        assert case_id_in(token) == uuid.UUID(CASE)
        assert f"/vorgang/{CASE}" not in body
    assert html.count('class="button"') == 1
    assert subject
    assert "\n\n\n" not in text
    assert "{" not in text
    assert f'lang="{language}"' in html


@pytest.mark.parametrize("name", ABOUT_ORDERS[:5])
def test_a_mail_about_an_order_tells_what_everybody_may_know_in_its_language(name: str):
    in_german, in_english = (render(name, about_an_order(), language)[1] for language in ("de", "en"))

    assert "Die gematik hat das verboten." in in_german
    assert "gematik has forbidden this." in in_english


@pytest.mark.parametrize("name", ABOUT_ORDERS)
def test_a_mail_about_an_order_is_told_in_german_as_well(name: str):
    in_german, in_english = (render(name, about_an_order(), language) for language in ("de", "en"))

    assert in_german[0] != in_english[0]
    paragraphs = {line for line in in_english[1].splitlines() if len(line) > 30 and "http" not in line}
    assert not paragraphs & set(in_german[1].splitlines())


def test_who_may_finish_reads_the_last_moment_with_its_hour():
    subject, text, _html = render("identity/suspended_may_finish", about_an_order(), "de")

    assert "24. Dezember 2026" in subject
    assert "24. Dezember 2026, 12:00 Uhr" in text


def test_who_goes_on_after_a_pause_reads_the_new_last_day():
    _subject, text, _html = render("identity/resumed", about_an_order(until="2026-12-25T00:00:00+01:00"), "en")

    assert "Your new last day: Dec. 24, 2026" in text


def test_who_has_lost_a_late_result_is_told_to_apply_again_and_no_date_is_promised():
    _subject, text, _html = render("identity/suspended_moved", about_an_order(state="expired"), "en")

    assert "You can apply again at once." in text
    assert "The date of your application" not in text


def test_messages_of_an_order_are_written_in_the_language_of_each_account_and_name_nobody():
    german, english = an_insurant(), an_insurant(account=an_account(language="en"))
    for insurant in (german, english):
        an_attempt(case=a_case(CaseState.IDENTIFYING, insurant=insurant, method_id="postident_branch"))
    draft = Suspension(method_id="postident_branch", **SUSPENSION_TEXTS)
    impose_suspension(draft, actor=an_administrator())
    carry_out_orders()

    sent = {
        message.language: render(message.template, message.context, message.language)
        for message in OutgoingMessage.objects.filter(template="identity/suspended_moved")
    }

    assert sent["de"][0] == "Bitte wählen Sie ein anderes Verfahren"
    assert sent["en"][0] == "Please choose another way"
    for subject, text, html in sent.values():
        assert not {"Erika", "Mustermann", german.kvnr, english.kvnr} & set(re.split(r"\W+", subject + text + html))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", sorted(told_by_services()))
def test_a_mail_leads_to_its_page_and_names_a_number_to_ring(name: str, language: str):
    subject, text, html = render(name, sample_context(), language)

    assert subject
    assert "\n" not in subject
    for body in (text, html):
        assert django_settings.CONTACT_PHONE in body
        assert f"/vorgang/{CASE}/" in body
    assert f'lang="{language}"' in html
    assert "{" not in text
    assert "\n\n\n\n" not in text


@pytest.mark.parametrize("code", [*REASONS, "", "declined"])
def test_a_failure_is_told_with_its_kind_of_reason(code: str):
    _subject, text, _html = render("identity/not_successful", sample_context() | {"reason": code}, "en")

    assert str(REASONS[code].title if code in REASONS else "The identification did not succeed") in text


def test_a_mail_about_an_attempt_names_its_last_day_and_what_is_needed():
    context = sample_context() | {"valid_until": "2026-12-25T00:00:00+01:00"}

    _subject, text, _html = render("identity/started", context, "en")

    assert "Last day: Dec. 24, 2026" in text
    assert "ID card or passport (no driving licence)" in text


def test_a_mail_about_an_attempt_without_a_last_day_names_none():
    _subject, text, html = render("identity/started", sample_context() | {"valid_until": ""}, "en")

    assert "Last day" not in text + html


def test_developers_see_every_mail_as_text_and_as_html(nobody: Client, settings):
    settings.VORWEIS_DEMO = True

    listed = nobody.get(reverse("identity:mails")).text

    for name in templates():
        assert reverse("identity:mail", args=[name, "html"]) in listed
        assert nobody.get(reverse("identity:mail", args=[name, "txt"]))["Content-Type"].startswith("text/plain")
        page = nobody.get(reverse("identity:mail", args=[name, "html"]))
        assert "script-src" not in page["Content-Security-Policy"]
        assert page.status_code == 200


def test_the_preview_does_not_exist_where_things_are_real(nobody: Client, settings):
    settings.VORWEIS_DEMO = settings.DEBUG = False
    assert nobody.get(reverse("identity:mails")).status_code == 404
    assert nobody.get(reverse("identity:mail", args=["identity/identified", "html"])).status_code == 404


def test_the_preview_opens_no_other_file(nobody: Client, settings):
    settings.VORWEIS_DEMO = True

    for name in ("../../base.html", "base.html", "identity/identified.exe"):
        assert nobody.get(f"/entwicklung/mails/{name}").status_code == 404


def test_the_new_date_of_a_late_result_is_the_end_of_its_offer(provider, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    case = a_late_result(an_insurant())
    order = impose("freeze")
    time_machine.move_to(now + timedelta(days=5), tick=False)
    lifted(order)

    case.refresh_from_db()
    message = OutgoingMessage.objects.get(template="identity/resumed")

    assert case.offered_until is not None
    assert message.context["until"] == case.offered_until.isoformat()


def test_who_waited_for_a_clerk_leaves_a_withdrawn_review_in_the_trail(provider):
    review = a_review()
    impose()

    event = AuditEvent.objects.get(name="identity.review.withdrawn")

    assert event.subject_id == str(review.pk)
    assert OutgoingMessage.objects.get(template="identity/suspended_moved").context["state"] == "choosing"
