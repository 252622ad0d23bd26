"""What the settings of the record system must hold."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from epa.checks import check_record_system
from epa.record_system.adapter import from_settings
from epa.registry import record_system

REAL: dict[str, Any] = {"base_url": "https://aktensystem.example/", "timeout_seconds": 5}


def ids() -> list[str | None]:
    return [message.id for message in check_record_system()]


def test_the_settings_of_the_tests_are_fine():
    assert ids() == []
    assert record_system()


def test_a_real_installation_has_nothing_to_complain_about(settings: Any):
    settings.RECORD_SYSTEM = REAL
    assert ids() == []


@pytest.mark.parametrize("base", ["http://127.0.0.1:8001/x", "http://localhost", "http://[::1]:80"])
def test_this_very_machine_may_be_called_without_encryption(settings: Any, base: str):
    settings.RECORD_SYSTEM = {"base_url": base}
    assert ids() == []


def test_another_machine_only_when_it_is_said_in_so_many_words(settings: Any):
    settings.RECORD_SYSTEM = {"base_url": "http://simulators:8001/aktensystem", "allow_http": True}
    assert ids() == []


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"base_url": "http://aktensystem.example"}, "E102"),
        ({"base_url": "ftp://aktensystem.example"}, "E102"),
        ({"base_url": "ftp://127.0.0.1"}, "E102"),
        ({"base_url": "aktensystem.example"}, "E102"),
        ({"base_url": "https://"}, "E102"),
        ({"base_url": "https://user:hush@aktensystem.example"}, "E102"),
        ({"base_url": "https://aktensystem.example?x=1"}, "E102"),
        ({"base_url": "https://[::1"}, "E102"),
        ({"base_url": None}, "E102"),
        ({"allow_http": "yes"}, "E103"),
        ({"timeout_seconds": 0}, "E103"),
        ({"timeout_seconds": 11}, "E103"),
        ({"timeout_seconds": True}, "E103"),
        ({"timeout_seconds": "5"}, "E103"),
        ({"url": "https://aktensystem.example"}, "E109"),
    ],
)
def test_what_is_wrong_is_said_by_its_number(settings: Any, changed: dict[str, Any], number: str):
    settings.RECORD_SYSTEM = REAL | changed
    assert ids() == [f"epa.{number}"]
    with pytest.raises(ImproperlyConfigured, match="RECORD_SYSTEM"):
        from_settings()


@pytest.mark.parametrize("given", [None, "https://aktensystem.example", []])
def test_a_missing_setting_is_said(settings: Any, given: object):
    settings.RECORD_SYSTEM = given
    assert ids() == ["epa.E101"]


@pytest.mark.parametrize(
    "given", ["", "VORWEIS", "VORWEIS/", "VORWEIS/0.1.0\n", "VOR WEIS/1", "V" * 21 + "/1", None, 7]
)
def test_a_user_agent_that_the_record_system_would_refuse_is_said(settings: Any, given: object):
    settings.EPA_USER_AGENT = given
    assert ids() == ["epa.E104"]


@pytest.mark.parametrize("name", ["EPA_WAIT_WRONG_STATE_SECONDS", "EPA_WAIT_ERROR_SECONDS"])
@pytest.mark.parametrize("given", [0, -1, "600", None, True, 1.5])
def test_a_waiting_time_that_is_none_is_said(settings: Any, name: str, given: object):
    setattr(settings, name, given)
    assert ids() == ["epa.E105"]


@pytest.mark.parametrize("given", ["", "nowhere", "epa.record_system.adapter.nothing"])
def test_an_adapter_that_cannot_be_imported_is_said(settings: Any, given: str):
    settings.RECORD_SYSTEM_ADAPTER = given
    assert ids() == ["epa.E106"]


def test_another_adapter_needs_no_setting_of_ours(settings: Any):
    settings.RECORD_SYSTEM_ADAPTER, settings.RECORD_SYSTEM = "tests.epa.test_configuration.ids", None
    assert ids() == []
