"""The command import_insurants: its answers, its list of rejected rows, its refusals."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from core.audit.models import AuditEvent
from identity.management.commands import import_insurants
from identity.members.demo_people import demo_people, write_csv, write_json_lines
from identity.members.models import Insurant
from identity.members.register.importing import Import
from tests.identity.members.conftest import CARD, a_card, a_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("insurers")]
Command = Callable[..., tuple[str, str]]


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    def write(*records: Any) -> Path:
        path = tmp_path / "register.jsonl"
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
        return path

    return write


@pytest.fixture
def command() -> Command:
    def run(*arguments: Any, **options: Any) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("import_insurants", *arguments, stdout=out, stderr=err, **options)
        return out.getvalue(), err.getvalue()

    return run


def test_csv_and_json_lines_say_the_same(command: Command, tmp_path: Path):
    people = list(demo_people(120, 5, iks=["109500969"]))
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        write_csv(people, file)
    with (tmp_path / "b.jsonl").open("w", encoding="utf-8") as file:
        write_json_lines(people, file)

    assert command(tmp_path / "a.csv")[0].startswith("120 new, 0 changed, 0 unchanged, 0 rejected in ")
    assert command(tmp_path / "b.jsonl")[0].startswith("0 new, 0 changed, 120 unchanged, 0 rejected in ")
    assert not list(tmp_path.glob("*.rejected.csv"))


def test_the_summary_names_the_speed(command: Command, jsonl: Callable[..., Path]):
    assert command(jsonl(a_record()))[0].rstrip().endswith("rows/s)")


def test_rejected_rows_are_listed_with_line_code_field_and_both_languages(command: Command, jsonl: Callable[..., Path]):
    path = jsonl(a_record(), a_record(kvnr="A123456789"), a_record(kvnr="P179293933", email="erika"))

    out, _ = command(path)

    listed = path.with_name("register.jsonl.rejected.csv")
    assert str(listed) in out
    rows = list(csv.reader(listed.read_text(encoding="utf-8").splitlines()))
    assert [row[:3] for row in rows] == [
        ["line", "code", "field"],
        ["2", "kvnr_malformed", "kvnr"],
        ["3", "email_malformed", "email"],
    ]
    assert rows[1][3:] == [
        "Keine gültige Versichertennummer (Form oder Prüfziffer).",
        "No valid insurance number (shape or check digit).",
    ]


def test_neither_list_nor_output_tells_personal_data(
    command: Command, jsonl: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    path = jsonl(a_record(birth_date="12.8.1964"), a_record(family_name="Mustermann\x07", cards=[a_card()]))

    told = "".join(command(path))

    told += path.with_name("register.jsonl.rejected.csv").read_text() + "".join(capsys.readouterr())
    secret = ("A123456780", "A123456789", "Mustermann", "1964", CARD, "Heide", "@")
    assert [word for word in secret if word in told] == []


def test_the_list_goes_where_it_is_told_and_an_old_one_goes_away(
    command: Command, jsonl: Callable[..., Path], tmp_path: Path
):
    listed = tmp_path / "other.csv"
    command(jsonl(a_record(ik="1")), rejects=listed)
    assert listed.exists()

    command(jsonl(a_record()), rejects=listed)
    assert not listed.exists()


def test_one_insurer_alone_may_be_asked_for(command: Command, jsonl: Callable[..., Path]):
    mine = a_record()
    del mine["ik"]
    path = jsonl(mine, a_record(kvnr="P179293933", ik="108500558", cards=[]))

    out, _ = command(path, insurer="109500969")

    assert out.startswith("1 new, 0 changed, 0 unchanged, 1 rejected")
    assert Insurant.objects.get().insurer.ik == "109500969"


def test_the_trail_tells_which_file_it_was(command: Command, jsonl: Callable[..., Path]):
    command(jsonl(a_record()))

    facts = AuditEvent.objects.get(name="identity.register.imported").facts
    assert facts["format"] == "jsonl"
    assert len(facts["sha256"]) == 64


def test_unknown_fields_are_named(command: Command, jsonl: Callable[..., Path]):
    _, warnings = command(jsonl(a_record(shoe_size="42"), a_record(kvnr="P179293933", cards=[], hat="7")))

    assert "not read: shoe_size\n" in warnings
    assert "not read: hat\n" in warnings


@pytest.mark.parametrize(
    ("content", "name", "options", "says"),
    [
        ("kvnr,ik\n", "a.csv", {}, "Missing: given_names"),
        ("kvnr,ik\n", "a.txt", {}, "--format"),
        ("", "a.csv", {"insurer": "109500960"}, "not an IK"),
        ("", "a.csv", {}, "empty"),
    ],
)
def test_what_cannot_be_imported_is_said_at_once(
    command: Command, tmp_path: Path, content: str, name: str, options: dict[str, Any], says: str
):
    (tmp_path / name).write_text(content)

    with pytest.raises(CommandError, match=says):
        command(tmp_path / name, **options)


def test_a_file_that_is_not_there_is_said_at_once(command: Command, tmp_path: Path):
    with pytest.raises(CommandError, match="No such file"):
        command(tmp_path / "nothing.csv")


def test_the_format_may_be_told(command: Command, jsonl: Callable[..., Path]):
    path = jsonl(a_record())
    path = path.rename(path.with_name("export.txt"))

    assert command(path, format="jsonl")[0].startswith("1 new")


def test_a_failing_database_is_said_in_one_sentence(
    command: Command, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Import, "run", fail)

    with pytest.raises(CommandError, match="start the import again"):
        command(jsonl(a_record()))


def test_without_a_terminal_the_progress_is_told_in_plain_lines(
    command: Command, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(import_insurants, "PLAIN_EVERY_SECONDS", 0.0)

    command(jsonl(a_record()))

    assert "1 rows, 100%" in capsys.readouterr().err


def test_on_a_terminal_there_is_a_bar(command: Command, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch):
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)

    command(jsonl(a_record()))

    assert "100%" in terminal.getvalue()
    assert "rows=1" in terminal.getvalue()
