import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.csp import NONCE, policy
from core.middleware import DomainErrorMiddleware
from core.pages import csrf_failure
from tests.core.urls import NotToday

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def bare_pages(settings):
    """Pages without the frame of the site, whose links lead into apps that this small site does not have."""
    words = "{{ code }}|{{ message }}|{{ reference }}"
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"errors/domain.html": words, "errors/csrf.html": "csrf"})
                ]
            },
        }
    ]


def test_a_refusal_becomes_a_page_with_its_status_and_a_sentence(client, bare_pages):
    answer = client.get("/refuse", headers={"accept-language": "en"})

    assert answer.status_code == 409
    code, message, reference = answer.content.decode().split("|")
    assert (code, message) == ("not_today", "That is not possible at the moment.")
    assert reference
    assert "secret reason" not in answer.content.decode()


def test_a_limit_becomes_a_page_that_says_when_to_come_back(client, bare_pages):
    answer = client.get("/limited")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")


def test_other_errors_are_left_alone():
    middleware = DomainErrorMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/")

    assert middleware.process_exception(request, ZeroDivisionError()) is None


def test_a_stale_form_becomes_a_page(bare_pages):
    answer = csrf_failure(RequestFactory().post("/"), "no cookie")

    assert (answer.status_code, answer.content) == (403, b"csrf")


def test_every_page_carries_the_policy(client, settings):
    settings.SECURE_CSP = {"default-src": ["'none'"], "script-src": ["'self'", NONCE]}

    header = client.get("/page").headers["content-security-policy"]
    assert header == "default-src 'none'; script-src 'self'"


def test_a_page_that_asks_for_a_nonce_gets_the_one_in_the_header(client, settings):
    settings.SECURE_CSP = {"script-src": ["'self'", NONCE]}
    first, second = client.get("/page-with-nonce"), client.get("/page-with-nonce")

    nonce = first.content.decode().split('"')[1]
    assert first.headers["content-security-policy"] == f"script-src 'self' 'nonce-{nonce}'"
    assert len(nonce) >= 20
    assert first.content != second.content


def test_a_policy_of_the_page_itself_stays(client):
    assert client.get("/page-with-policy").headers["content-security-policy"] == "sandbox"


def test_the_policy_is_one_line():
    assert policy({"img-src": ["'self'", "data:"], "upgrade-insecure-requests": []}) == (
        "img-src 'self' data:; upgrade-insecure-requests"
    )


def test_what_is_given_to_an_error_is_for_the_log_only():
    assert "secret" not in NotToday("secret").detail
