import pytest

from core.checks import check_anchor_file, check_keys


def test_the_settings_of_the_tests_pass():
    assert check_keys() + check_anchor_file() == []


@pytest.mark.parametrize(
    ("setting", "value", "number"),
    [
        ("ENCRYPTION_KEYS", [], "core.E001"),
        ("ENCRYPTION_KEYS", ["no-colon"], "core.E001"),
        ("LOOKUP_KEYS", ["one:AAAA"], "core.E002"),
        ("AUDIT_KEY", "", "core.E003"),
        ("AUDIT_KEY", "AAAA", "core.E003"),
        ("AUDIT_KEY", "!", "core.E003"),
    ],
)
def test_a_key_that_is_none_is_named_with_a_way_to_make_one(settings, setting, value, number):
    setattr(settings, setting, value)
    (error,) = check_keys()

    assert error.id == number
    assert setting in error.msg
    assert "urandom(32)" in str(error.hint)


def test_a_missing_anchor_file_is_an_error(settings):
    settings.AUDIT_ANCHOR_FILE = ""

    assert [error.id for error in check_anchor_file()] == ["core.E004"]
