"""Fresh secrets are good enough for production, and files of them are kept apart."""

import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config import fresh_secrets as fresh
from config.checks import check_demo
from config.environment import flaw_of, flaw_of_key


def test_fresh_secrets_have_no_flaw_and_never_repeat():
    first, second = fresh.fresh_secrets(), fresh.fresh_secrets()
    for name, value in first.items():
        assert value != second[name]
        flaw = flaw_of_key(value.rpartition(":")[2]) if name.endswith(("KEY", "KEYS")) and name != "SECRET_KEY" else ""
        assert flaw == ""
    assert flaw_of(first["SECRET_KEY"], 50) == flaw_of(first["CALLBACK_SECRET"], 32) == ""


def test_a_secret_that_looks_like_one_of_a_demo_by_chance_is_thrown_away(monkeypatch):
    drawn = iter(["demo-looks-odd", "Fine"])
    assert fresh._fresh(lambda: next(drawn)) == "Fine"


def test_secrets_are_printed_as_an_environment():
    printed = StringIO()
    call_command("make_secrets", stdout=printed)
    assert {line.split("=")[0] for line in printed.getvalue().split()} == set(fresh.fresh_secrets())


@pytest.mark.parametrize(("for_containers", "mode"), [(False, 0o600), (True, 0o444)])
def test_each_secret_gets_a_file_in_a_closed_folder(tmp_path, for_containers, mode):
    folder = tmp_path / "secrets"
    call_command("make_secrets", folder=folder, for_containers=for_containers, stdout=StringIO())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {mode}
    password = (folder / "redis_password").read_text().strip()
    assert (folder / "valkey.conf").read_text().strip() == f"requirepass {password}"


def test_secrets_that_are_there_are_never_overwritten(tmp_path):
    (tmp_path / "audit_key").write_text("kept")
    with pytest.raises(CommandError, match="audit_key"):
        call_command("make_secrets", folder=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["audit_key"]


def test_a_demo_is_a_warning_in_the_check_of_a_deployment(settings):
    assert check_demo() == []
    settings.VORWEIS_DEMO = True
    assert [warning.id for warning in check_demo()] == ["config.W001"]
