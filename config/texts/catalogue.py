"""Read and write a gettext catalogue (.po), and compile it (.mo)."""

import ast
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from config.texts.sources import Key

HEADER = {
    "Project-Id-Version": "Vorweis",
    "Language": "de",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@dataclass
class Entry:
    """One text with its translations: one, or two when there is a plural."""

    key: Key
    translations: list[str]
    files: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)
    fuzzy: bool = False

    def faults(self) -> list[str]:
        """Return what is wrong with it, in words; nothing when it may go out."""
        faults = []
        if not all(self.translations) or len(self.translations) != (2 if self.key.plural else 1):
            faults.append("has no German")
        if self.fuzzy:
            faults.append("is marked fuzzy")
        if not self.files:
            faults.append("is used nowhere")
        wanted = set(_PLACEHOLDER.findall(self.key.plural or self.key.text))
        if any(text and set(_PLACEHOLDER.findall(text)) != wanted for text in self.translations[-1:]):
            faults.append("has other placeholders in German")
        return faults


def read(path: Path) -> dict[Key, Entry]:
    """Return the entries of a catalogue; without the header. Raises ValueError at a line that is none of gettext's."""
    entries: dict[Key, Entry] = {}
    for block in re.split(r"\n\s*\n", path.read_text() if path.exists() else ""):
        entry = _entry(block)
        if entry:
            entries[entry.key] = entry
    return entries


def _entry(block: str) -> Entry | None:
    parts: dict[str, str] = {}
    comments, fuzzy, current = [], False, ""
    for line in filter(None, (line.strip() for line in block.splitlines())):
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            if line.startswith(("# ", "#. ")):
                comments.append(line)
            continue
        word, _blank, rest = line.partition(" ")
        if line.startswith('"'):
            rest = line
        else:
            current = word
        if current not in {"msgctxt", "msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]"}:
            raise ValueError(f"not a line of a catalogue: {line}")
        parts[current] = parts.get(current, "") + ast.literal_eval(rest)
    if not parts.get("msgid"):
        return None
    key = Key(parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""))
    names = ("msgstr[0]", "msgstr[1]") if key.plural else ("msgstr",)
    return Entry(key, [parts.get(name, "") for name in names], comments=comments, fuzzy=fuzzy)


def merge(entries: dict[Key, Entry], found: dict[Key, set[str]]) -> list[Entry]:
    """Return all entries with their files, new ones without German, sorted by file and text.

    What no source uses any more stays, without a file: its source may be on somebody's desk.
    """
    for entry in entries.values():
        entry.files = set()
    for key, files in found.items():
        entry = entries.setdefault(key, Entry(key, ["", ""] if key.plural else [""]))
        entry.files = files
    return sorted(entries.values(), key=lambda entry: (min(entry.files, default="~"), entry.key))


def write(path: Path, entries: list[Entry]) -> None:
    """Write a catalogue, with file names but no line numbers, so that it changes only with the words."""
    header = ["msgid " + _quoted(""), "msgstr " + _quoted("")]
    header += [_quoted(f"{name}: {value}\n") for name, value in HEADER.items()]
    blocks = ["\n".join(header), *(_block(entry) for entry in entries)]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".po.tmp")
    draft.write_text("\n\n".join(blocks) + "\n")
    draft.replace(path)


def _block(entry: Entry) -> str:
    lines = [*entry.comments, *(f"#: {name}" for name in sorted(entry.files))]
    if entry.fuzzy:
        lines.append("#, fuzzy")
    if entry.key.context:
        lines.append(f"msgctxt {_quoted(entry.key.context)}")
    lines.append(f"msgid {_quoted(entry.key.text)}")
    if entry.key.plural:
        lines.append(f"msgid_plural {_quoted(entry.key.plural)}")
        lines += [f"msgstr[{place}] {_quoted(text)}" for place, text in enumerate(entry.translations)]
    else:
        lines.append(f"msgstr {_quoted(entry.translations[0])}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def compile_to(path: Path, entries: list[Entry]) -> None:
    """Write the machine-readable catalogue next to it: GNU gettext's format, keys sorted, no hash table."""
    pairs = {b"": "".join(f"{name}: {value}\n" for name, value in HEADER.items()).encode()}
    for entry in entries:
        if all(entry.translations) and not entry.fuzzy:
            key = "\0".join(filter(None, (entry.key.text, entry.key.plural)))
            name = f"{entry.key.context}\4{key}" if entry.key.context else key
            pairs[name.encode()] = "\0".join(entry.translations).encode()
    keys = sorted(pairs)
    blobs = [*keys, *(pairs[key] for key in keys)]
    count, place = len(keys), 28 + 16 * len(keys)
    table, body = [], b""
    for blob in blobs:
        table.append(struct.pack("<II", len(blob), place + len(body)))
        body += blob + b"\0"
    head = struct.pack("<IIIIIII", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    draft = path.with_suffix(".mo.tmp")
    draft.write_bytes(head + b"".join(table) + body)
    draft.replace(path)
