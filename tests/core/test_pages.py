"""What every page must be: reachable without a log-in where the law says so, one h1, no inline code."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PUBLIC = ["imprint", "privacy", "accessibility", "easy_language"]
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*(\ssrc=|type="application/json"))""")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PUBLIC)
def test_pages_that_the_law_asks_for_need_no_log_in(client, name, language):
    response = client.get(reverse(f"pages:{name}"), headers={"Accept-Language": language})
    html = response.content.decode()

    assert response.status_code == 200
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1


def test_the_gallery_is_shown_in_a_demo_only(client, settings):
    settings.VORWEIS_DEMO = False
    assert client.get(reverse("pages:gallery")).status_code == 404

    settings.VORWEIS_DEMO = True
    html = client.get(reverse("pages:gallery"), {"fehler": ""}).content.decode()
    assert 'href="#id_birth_date_0"' in html
    assert "Suspended since" in html or "Ausgesetzt seit" in html


def test_an_unknown_address_ends_on_a_page_that_helps(client):
    response = client.get("/no/such/page/")
    html = response.content.decode()

    assert response.status_code == 404
    assert html.count("<h1") == 1
    assert settings.CONTACT_PHONE in html


@pytest.mark.parametrize("code", [400, 500, 503])
def test_errors_of_ours_are_told_without_any_context(code):
    html = render_to_string(f"errors/{code}.html", {})

    assert html.count("<h1") == 1
    assert 'lang="en"' in html


def test_no_page_has_style_script_or_handlers_inside():
    pages = [path for path in TEMPLATES.rglob("*.html") if "messages" not in path.relative_to(TEMPLATES).parts[:1]]

    assert [str(path) for path in pages if INLINE.search(path.read_text())] == []


def test_staying_logged_in_is_for_those_who_are(client):
    assert client.get(reverse("pages:stay")).status_code == 302
