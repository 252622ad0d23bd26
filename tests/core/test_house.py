"""Rules of the house that a machine can check, for all apps."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.account import adapter as allauth_adapter
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template.loader import get_template

from core.encryption.fields import LookupHashField, SealedField
from core.outbox.render import PARTS, template_name

OURS = ("core", "identity", "epa", "pin", "branches")
FOLDERS = (*OURS, "config", "simulators", "tests")
LINES = 400
MESSAGES = Path(settings.BASE_DIR) / "templates" / "messages"
SHARED = {"base", "button"}

# Sensitive columns that are neither sealed nor hashed, each with its reason.
IN_CLEAR = {
    "core.Account.email": "the log-in looks it up, and allauth keeps it in clear as well",
    "core.Account.password": "a hash by argon2",
}


def our_fields() -> Iterator[tuple[str, "models.Field[object, object]"]]:
    for model in apps.get_models():
        if model._meta.app_label in OURS and model._meta.managed:
            for field in model._meta.local_concrete_fields:
                yield f"{model._meta.label}.{field.name}", field


def our_files() -> list[Path]:
    found = [path for folder in FOLDERS for path in (Path(settings.BASE_DIR) / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def test_every_column_says_whether_it_is_sensitive():
    unclassified = [
        name
        for name, field in our_fields()
        if not (field.primary_key and isinstance(field, models.AutoField))
        and not (field.db_comment or "").startswith(("sensitive=true", "sensitive=false"))
    ]
    assert unclassified == []


def test_every_sensitive_column_is_sealed_or_a_keyed_hash():
    readable = [
        name
        for name, field in our_fields()
        if (field.db_comment or "").startswith("sensitive=true")
        and not isinstance(field, SealedField | LookupHashField)
        and not (
            isinstance(field, models.BinaryField)
            and field.max_length == 32
            and "keyed hash" in (field.db_comment or "")
        )
        and name not in IN_CLEAR
    ]
    assert readable == []


def test_every_sealed_column_says_that_it_is_sensitive():
    wrong = [
        name
        for name, field in our_fields()
        if isinstance(field, SealedField | LookupHashField)
        and not (field.db_comment or "").startswith("sensitive=true")
    ]
    assert wrong == []


def test_constraints_and_indexes_carry_the_name_of_app_and_model():
    wrong = [
        thing.name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for thing in (*model._meta.constraints, *model._meta.indexes)
        if not thing.name.startswith(f"{model._meta.app_label}_")
    ]
    assert wrong == []


def test_no_file_outgrows_a_sitting():
    long = {str(path): lines for path in our_files() if (lines := len(path.read_text().splitlines())) > LINES}
    assert long == {}


def test_there_are_no_drawers_for_everything():
    assert [str(path) for path in our_files() if path.name in ("utils.py", "helpers.py")] == []


def named_in_code() -> set[str]:
    """Return the templates that calls of enqueue() and Message() in our apps name by a literal."""
    found = set()
    for path in our_files():
        if path.parts[-3:-1] == ("tests", "core"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".")[-1] in ("enqueue", "Message"):
                given = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "template")]
                found |= {arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return found


def sent_by_allauth() -> set[str]:
    """Return the mails that allauth sends in our set-up, as our message names."""
    folders = [Path(allauth_adapter.__file__).parents[1] / "templates" / app / "email" for app in ("account", "mfa")]
    names = {path.name.removesuffix("_message.txt") for folder in folders for path in folder.glob("*_message.txt")}
    return {f"account/{name}" for name in names - {"base", "password_reset_key"}}  # a code is sent, never a link


def in_the_folder() -> set[str]:
    """Return the names of all messages; what several of them share lies in `parts`."""
    names = {
        str(path.relative_to(MESSAGES)).split(".")[0] for path in MESSAGES.rglob("*.*") if "parts" not in path.parts
    }
    return names - SHARED


@pytest.mark.parametrize("name", sorted(named_in_code() | sent_by_allauth() | in_the_folder()))
def test_every_message_has_a_subject_a_text_and_a_page(name):
    for part in PARTS:
        get_template(template_name(name, part))
