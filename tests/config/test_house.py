"""Rules of the house that hold for the whole repository, not only for its Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from config.drawings import MACHINES, drawn
from core.errors import DomainError
from identity.cases.states import CASE_MOVES, CaseState

BASE = Path(settings.BASE_DIR)
ROOTS = (".ci", "branches", "config", "core", "docker", "docs", "epa", "identity", "locale", "pin", "requirements",
         "script", "simulators", "templates", "tests")  # fmt: skip
TEXT = {
    ".py",
    ".md",
    ".html",
    ".txt",
    ".css",
    ".js",
    ".json",
    ".toml",
    ".yml",
    ".po",
    ".sh",
    ".svg",
    ".env",
    ".example",
    "",
}
PACKAGE_ADDRESS = re.compile(r"https?://\S+(\.whl|\.tar\.gz|\.tgz|/simple)\b|\"resolved\"\s*:|--(extra-)?index-url")
MACHINE_PATH = re.compile(r"(?<![\w.<-])/(root|work|Users|home/[a-z]\w*)/")
LINES = 400
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")


def our_files() -> list[Path]:
    """Return every text file that belongs to the repository."""
    found = [path for path in BASE.iterdir() if path.is_file()]
    found += [path for root in ROOTS for path in (BASE / root).rglob("*") if path.is_file()]
    return [
        path
        for path in found
        if path.suffix in TEXT and "__pycache__" not in path.parts and path.name != "test_house.py"
    ]


def python_files() -> list[Path]:
    return [path for path in our_files() if path.suffix == ".py" and "migrations" not in path.parts]


def test_no_file_names_a_registry_or_a_path_of_a_machine():
    wrong = [
        f"{path.relative_to(BASE)}:{number}"
        for path in our_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if PACKAGE_ADDRESS.search(line) or MACHINE_PATH.search(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", ["dev", "runtime", "simulators"])
def test_every_package_of_a_lock_has_a_version_and_hashes(lock):
    entries = re.split(r"\n(?=[a-z0-9])", (BASE / "requirements" / f"{lock}.txt").read_text(), flags=re.IGNORECASE)[1:]
    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_locks_agree_on_versions():
    def pins(lock: str) -> dict[str, str]:
        text = (BASE / "requirements" / f"{lock}.txt").read_text()
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE))

    everything = pins("dev")
    for lock in ("runtime", "simulators"):
        assert {name: version for name, version in pins(lock).items() if everything.get(name) != version} == {}


def test_no_template_style_or_script_outgrows_a_sitting():
    long = {
        str(path.relative_to(BASE)): lines
        for path in our_files()
        if path.suffix in (".html", ".js", ".yml", ".md") and (lines := len(path.read_text().splitlines())) > LINES
    }
    assert long == {}


def test_every_module_with_something_in_it_says_what_it_is_for():
    silent = [
        str(path.relative_to(BASE))
        for path in python_files()
        if "tests" not in path.relative_to(BASE).parts
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_test_sleeps_or_is_skipped():
    loose = re.compile(r"\btime\.sleep\(|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
    tests = [path for path in python_files() if path.name.startswith("test_")]
    assert [str(path.relative_to(BASE)) for path in tests if loose.search(path.read_text())] == []


def test_every_link_of_the_documents_leads_somewhere():
    broken = [
        f"{path.relative_to(BASE)}: {target}"
        for path in our_files()
        if path.suffix == ".md"
        for target, _ in LINK.findall(path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_drawings_are_up_to_date():
    call_command("draw_states", check=True)


def test_every_state_of_every_machine_is_drawn():
    text = drawn()
    for machine in MACHINES:
        assert {target for targets in machine.moves.values() for target in targets} <= set(machine.moves)
        for state in machine.moves:
            assert f"| `{state.value}` |" in text
    assert set(CASE_MOVES) == set(CaseState)


def test_every_setting_of_production_stands_in_the_documents():
    asked = set(re.findall(r'_env\.\w+\(\s*"([A-Z_]+)"', (BASE / "config/settings/production.py").read_text()))
    text = (BASE / "docs" / "settings.md").read_text()
    assert sorted(name for name in asked if f"`{name}`" not in text) == []


def test_domain_errors_have_codes_of_their_own():
    def below(kind: type[DomainError]) -> list[type[DomainError]]:
        return [each for child in kind.__subclasses__() for each in (child, *below(child))]

    ours = [kind for kind in below(DomainError) if not kind.__module__.startswith("tests.")]
    codes = [kind.code for kind in ours]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []
