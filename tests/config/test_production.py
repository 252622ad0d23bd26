"""Production starts with a complete environment, and with nothing less."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.config.sample import CONTRACT, sample_environment

SAMPLE = sample_environment()
CONTRACTED = {f"POSTIDENT_{method}_{part}" for method in ("BRANCH", "EID") for part in CONTRACT}
KEY_OF_ZEROS = "A" * 43 + "="
GOOD_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def load(read_production: Callable[[Mapping[str, str]], dict[str, Any]]):
    """Read the settings of production under the sample environment with changes; None takes a name out."""

    def read(**changes: str | None) -> Mapping[str, Any]:
        return read_production({name: value for name, value in {**SAMPLE, **changes}.items() if value is not None})

    return read


def problems(load, **changes: str | None) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        load(**changes)
    return str(caught.value)


def test_a_complete_environment_gives_settings_that_are_shut_to_the_world(load):
    made = load()
    assert made["DEBUG"] is False
    assert made["STAFF_NEEDS_SECOND_FACTOR"] is True
    assert made["SECURE_SSL_REDIRECT"] is made["SESSION_COOKIE_SECURE"] is made["CSRF_COOKIE_SECURE"] is True
    assert made["SECURE_HSTS_SECONDS"] > 31_536_000
    assert made["DATABASES"]["default"]["PASSWORD"] == SAMPLE["DATABASE_PASSWORD"]
    assert made["DATABASES"]["default"]["CONN_MAX_AGE"] == 600
    assert made["CELERY_BROKER_URL"] == f"redis://:{SAMPLE['REDIS_PASSWORD']}@kv:6379/0"


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_what_is_missing_is_refused_by_its_name(load, name):
    assert f"\n  - {name} is missing" in problems(load, **{name: None})


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_every_value_may_stand_in_a_file(load, name, tmp_path):
    file = tmp_path / "value"
    file.write_text(SAMPLE[name] + "\n")
    from_file, plain = load(**{name: None, f"{name}_FILE": str(file)}), load()
    compared = [key for key in plain if key.isupper() and key != "LOGGING"]
    assert {key: from_file[key] for key in compared} == {key: plain[key] for key in compared}


def test_everything_that_is_missing_is_said_at_once(load):
    said = problems(load, **dict.fromkeys(SAMPLE))
    assert [name for name in set(SAMPLE) - CONTRACTED if f"\n  - {name} is missing" not in said] == []
    assert "POSTIDENT_BRANCH_… or POSTIDENT_EID_… is missing" in said


def test_one_contract_with_the_post_is_enough(load):
    made = load(**{f"POSTIDENT_EID_{part}": None for part in CONTRACT})
    assert list(made["POSTIDENT"]["clients"]) == ["postident_branch"]


def test_a_file_that_cannot_be_read_is_said_by_name(load, tmp_path):
    said = problems(load, AUDIT_KEY=None, AUDIT_KEY_FILE=str(tmp_path / "none"))
    assert "AUDIT_KEY_FILE cannot be read (FileNotFoundError)" in said


def test_a_value_and_a_file_of_one_name_are_refused(load, tmp_path):
    assert "AUDIT_KEY and AUDIT_KEY_FILE are both given" in problems(load, AUDIT_KEY_FILE=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters instead of at least 50"),
        ("SECRET_KEY", "django-insecure-" + "abcdefghij" * 5, "SECRET_KEY is a value for demos or tests"),
        ("SECRET_KEY", "test-" * 12, "SECRET_KEY is a value for demos or tests"),
        ("SECRET_KEY", "abcab" * 12, "SECRET_KEY repeats the same few characters"),
        ("CALLBACK_SECRET", "test-callback-secret-test-callback-secret", "CALLBACK_SECRET is a value for demos"),
        ("METRICS_TOKEN", "changeme", "METRICS_TOKEN has 8 characters"),
        ("DATABASE_PASSWORD", "postgres-postgres", "DATABASE_PASSWORD is a value for demos or tests"),
        ("REDIS_PASSWORD", "hunter2", "REDIS_PASSWORD has 7 characters"),
        ("AUDIT_KEY", KEY_OF_ZEROS, "AUDIT_KEY is a key for demos or tests"),
        ("AUDIT_KEY", "QUJD", "AUDIT_KEY has 3 bytes instead of 32"),
        ("AUDIT_KEY", "no base64!", "AUDIT_KEY is not base64"),
        ("ENCRYPTION_KEYS", f"2026-01:{KEY_OF_ZEROS}", "ENCRYPTION_KEYS: the key 2026-01 is one for tests or demos"),
        ("ENCRYPTION_KEYS", f"dev1:{GOOD_KEY}", "ENCRYPTION_KEYS: the key dev1 is one for tests or demos"),
        ("LOOKUP_KEYS", "2026-01:QUJD", "LOOKUP_KEYS: the key 2026-01 has 3 bytes instead of 32"),
        ("LOOKUP_KEYS", "x", "LOOKUP_KEYS: each entry is `id:base64`"),
        ("POSTIDENT_BRANCH_CLIENT_ID", "DEMOFILIALE", "POSTIDENT_BRANCH_CLIENT_ID is a value for demos or tests"),
        ("POSTIDENT_EID_DATA_PASSWORD", "demo-eid-datenpasswort", "POSTIDENT_EID_DATA_PASSWORD is a value for demos"),
        ("POSTIDENT_BASE_URL", "http://postident.deutschepost.de/api", "POSTIDENT_BASE_URL must be an address"),
        ("RECORD_SYSTEM_URL", "http://aktensystem.example", "RECORD_SYSTEM_URL must be an address"),
        ("BASE_URL", "http://identitaet.kasse.example", "BASE_URL must be an address that begins with https://"),
        ("BASE_URL", "https://elsewhere.example", "ALLOWED_HOSTS does not hold the host of BASE_URL"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS may not hold *"),
        ("TRUSTED_PROXIES", "*", "TRUSTED_PROXIES may not hold *"),
        ("DATABASE_URL", "sqlite:///db", "DATABASE_URL: only PostgreSQL will do"),
        ("EMAIL_TLS", "none", "EMAIL_TLS may be none only in a demo"),
        ("EMAIL_TLS", "yes", "EMAIL_TLS must be one of starttls, tls, none"),
        ("EMAIL_PORT", "0", "EMAIL_PORT must be a whole number from 1 to 65535"),
        ("INSURER_IK", "123456789", "INSURER_IK: "),
        ("FEEDBACK_EMAIL", "Barrieren <barrieren@kasse.example>", "FEEDBACK_EMAIL must be an e-mail address"),
        ("FEEDBACK_EMAIL", "a@b.example\nBcc: c@d.example", "FEEDBACK_EMAIL must be an e-mail address"),
        ("CONTACT_PHONE", "0800 000 00 00", "CONTACT_PHONE is the number of the demo"),
        ("AUDIT_ANCHOR_FILE", "anchors.jsonl", "AUDIT_ANCHOR_FILE must be an absolute path"),
        ("VORWEIS_DEMO", "yes", "VORWEIS_DEMO must be one of 1, 0"),
    ],
)
def test_default_short_and_demo_values_are_refused(load, name, value, said):
    assert said in problems(load, **{name: value})


def test_messages_about_barriers_have_an_address_of_their_own(load):
    settings = load()
    assert settings["FEEDBACK_EMAIL"] == SAMPLE["FEEDBACK_EMAIL"]
    assert settings["FEEDBACK_EMAIL"] not in settings["DEFAULT_FROM_EMAIL"]


def test_one_value_for_two_purposes_is_refused(load):
    assert "must all differ" in problems(load, LOOKUP_KEYS=SAMPLE["ENCRYPTION_KEYS"])


def test_no_message_repeats_a_secret(load):
    own = {
        name: f"test-{value}" for name, value in SAMPLE.items() if name in ("SECRET_KEY", "METRICS_TOKEN", "AUDIT_KEY")
    }
    said = problems(load, **own)
    assert [name for name, value in own.items() if value in said or value[5:] in said] == []


def test_a_value_may_begin_with_a_dollar(load):
    password = "$HOME-" + SAMPLE["DATABASE_PASSWORD"]
    assert load(DATABASE_PASSWORD=password)["DATABASES"]["default"]["PASSWORD"] == password


def test_a_demo_may_use_the_simulators_and_plain_http_but_no_secrets_of_a_demo(load):
    made = load(
        VORWEIS_DEMO="1", BASE_URL="http://identitaet.kasse.example", POSTIDENT_BASE_URL="http://simulators:8001"
    )
    assert (made["SECURE_SSL_REDIRECT"], made["POSTIDENT"]["allow_http"]) == (False, True)
    assert "SECRET_KEY has" in problems(load, VORWEIS_DEMO="1", SECRET_KEY="demo")
