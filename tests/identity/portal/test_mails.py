"""The mails of a case, and their preview."""

import ast
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from core.outbox.render import render
from identity.cases import services
from identity.portal.previews import sample_context, templates
from identity.portal.reasons import REASONS

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


def test_every_message_that_a_service_sends_has_its_mail():
    assert len(told_by_services()) >= 10
    assert told_by_services() <= set(templates())


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
