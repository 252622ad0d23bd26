"""What the setting POSTIDENT must hold."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from identity.providers.postident.adapter import from_settings
from identity.providers.postident.checks import check_postident
from identity.providers.postident.configuration import configured

CLIENT = {"client_id": "DEMOEID", "user": "demo", "password": "hush", "data_password": "hush-hush"}
REAL: dict[str, Any] = {
    "base_url": "https://postident.deutschepost.de/api",
    "callback_base_url": "https://vorweis.example",
    "clients": {"postident_eid": CLIENT},
}


def ids() -> list[str | None]:
    return [message.id for message in check_postident()]


def test_a_real_installation_has_nothing_to_complain_about(settings: Any):
    settings.POSTIDENT = REAL

    assert ids() == []
    assert from_settings().offers("postident_eid")
    assert not from_settings().offers("postident_branch")


def test_the_settings_of_the_tests_are_fine():
    assert django_settings.POSTIDENT
    assert ids() == []


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"base_url": "http://postident.deutschepost.de/api"}, "E102"),
        ({"base_url": "postident.deutschepost.de"}, "E102"),
        ({"base_url": "https://"}, "E102"),
        ({"base_url": "https://user:hush@postident.deutschepost.de"}, "E102"),
        ({"base_url": "https://postident.deutschepost.de/api?x=1"}, "E102"),
        ({"base_url": "https://[::1"}, "E102"),
        ({"base_url": None}, "E102"),
        ({"callback_base_url": "http://vorweis.example"}, "E103"),
        ({"callback_base_url": "https://vorweis.example/" + "x" * 400}, "E103"),
        ({"callback_base_url": 7}, "E103"),
        ({"clients": {}}, "E104"),
        ({"clients": None}, "E104"),
        ({"clients": {"nect_epass": CLIENT}}, "E105"),
        ({"clients": {"postident_eid": None}}, "E106"),
        ({"clients": {"postident_eid": {**CLIENT, "password": ""}}}, "E106"),
        ({"clients": {"postident_eid": {**CLIENT, "data_password": None}}}, "E106"),
        ({"clients": {"postident_eid": {**CLIENT, "client_id": "../other"}}}, "E106"),
        ({"clients": {"postident_eid": {**CLIENT, "pasword": "x"}}}, "E106"),
        ({"allow_http": "no"}, "E107"),
        ({"allow_plain_result": 1}, "E107"),
        ({"timeout_seconds": 0}, "E107"),
        ({"timeout_seconds": "10"}, "E107"),
        ({"allow_htpp": True}, "E109"),
        ({"allow_plain_result": True}, "W110"),
    ],
)
def test_each_mistake_has_its_number(settings: Any, changed: dict[str, Any], number: str):
    settings.POSTIDENT = REAL | changed

    assert ids() == [f"identity.{number}"]


def test_no_message_repeats_a_secret(settings: Any):
    settings.POSTIDENT = REAL | {"clients": {"postident_eid": {**CLIENT, "user": "", "hush": "hush"}}}
    settings.CALLBACK_SECRET = "hush"

    told = " ".join(str(message) for message in check_postident())
    assert "POSTIDENT['clients']['postident_eid']['user']" in told
    assert "hush" not in told.replace("unknown keys: hush", "")


def test_a_missing_setting_and_a_short_secret_are_named(settings: Any):
    settings.POSTIDENT = None
    settings.CALLBACK_SECRET = "short"

    assert ids() == ["identity.E108", "identity.E101"]


def test_without_the_adapter_nothing_is_asked_for(settings: Any):
    settings.POSTIDENT = None
    settings.PROVIDER_ADAPTERS = {}

    assert ids() == []


def test_a_wrong_setting_gives_no_adapter(settings: Any):
    settings.POSTIDENT = REAL | {"base_url": "http://elsewhere", "clients": {}}

    with pytest.raises(ImproperlyConfigured, match=r"base_url.*clients"):
        from_settings()


def test_a_configuration_shows_no_secret(settings: Any):
    settings.POSTIDENT = REAL

    assert "hush" not in repr(configured())
    assert settings.CALLBACK_SECRET not in repr(configured())
