"""Find every text to translate in templates and Python files."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

APPS = ("config", "core", "identity", "epa", "pin", "branches")


class Key(NamedTuple):
    """What identifies a text: its context ("" for none) and its English form; `plural` is "" when there is none."""

    context: str
    text: str
    plural: str = ""


_STRING = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_CALL = re.compile(rf"\b((?:np?|p)?gettext|_)\(({_STRING}(?:,\s*{_STRING})*)")
_LITERAL = re.compile(_STRING)
_SHAPES = {  # which arguments are context, text and plural
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}


def texts_of(base: Path) -> dict[Key, set[str]]:
    """Return every text below `base` with the files (relative, POSIX) that use it."""
    found: dict[Key, set[str]] = {}
    for path, keys in _all(base):
        for key in keys:
            found.setdefault(key, set()).add(path.relative_to(base).as_posix())
    return found


def _all(base: Path) -> Iterator[tuple[Path, Iterable[Key]]]:
    roots = [base / "templates", *(base / app for app in APPS)]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield path, in_python(path.read_text())
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield path, in_template(path.read_text())


def in_python(source: str) -> Iterator[Key]:
    """Yield the texts in calls of gettext and its relatives whose arguments are literals."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        shape = _SHAPES.get("gettext" if name == "_" else name.removesuffix("_lazy").removesuffix("_noop"))
        if shape:
            yield from _key(shape, [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args])


def in_template(source: str) -> Iterator[Key]:
    """Yield the texts in the translation tags and `_("…")` constants of a Django template."""
    for name, arguments in _CALL.findall(templatize(source)):
        values = [ast.literal_eval(literal) for literal in _LITERAL.findall(arguments)]
        yield from _key(_SHAPES["gettext" if name == "_" else name], values)


def _key(shape: tuple[int | None, int, int | None], values: list[object]) -> Iterator[Key]:
    picked = ["" if place is None else values[place] if place < len(values) else None for place in shape]
    context, text, plural = picked
    if isinstance(context, str) and isinstance(text, str) and isinstance(plural, str) and text:
        yield Key(context, text, plural)
