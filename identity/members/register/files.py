"""Reading a register file line by line: CSV or JSON Lines, any size. A line that cannot be read spoils no other."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from identity.members.register.reasons import RowRejected
from identity.members.register.rows import FIELDS, FORBIDDEN, Record

LONGEST_LINE = 65_536
FORMATS = ("csv", "jsonl")
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
LOOKED_AT_BYTES = 1_000_000  # at the beginning, to tell the encoding
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,40}")

Line = tuple[int, Record | RowRejected]


class RegisterFileRefused(Exception):
    """The file as a whole is not what it should be. Says what is wrong and what to do; nothing was read in."""


class RegisterFile:
    """Lines of a register file, with their numbers; the first line is 1, the header of a CSV included.

    optional  fields that may be missing (and are empty then)
    Raises RegisterFileRefused at once, when encoding or columns are wrong.
    """

    def __init__(self, file: BinaryIO, form: str, *, optional: frozenset[str] = frozenset()) -> None:
        self._file, self.form, self._optional = file, form, optional
        self.bytes_read, self._number, self._sha256 = 0, 0, hashlib.sha256()
        self.unknown: set[str] = set()
        self._held: bytes | None = None
        first = self._first_line()
        self._check_encoding()
        if form == "csv":
            self._delimiter, self._header = self._read_header(first)
            self._at = {name: place for place, name in enumerate(self._header) if name in FIELDS}
            self._absent = dict.fromkeys(optional - self._at.keys())
        else:
            self._check_first_object(first)
            self._held = first

    @property
    def sha256(self) -> str:
        """Return the digest of what has been read so far, in hexadecimal."""
        return self._sha256.hexdigest()

    def __iter__(self) -> Iterator[Line]:
        read = self._csv_record if self.form == "csv" else self._json_record
        for line in self._lines():
            if len(line) > LONGEST_LINE:
                yield self._number, RowRejected("line_too_long")
            elif line.strip():
                try:
                    yield self._number, read(line)
                except RowRejected as rejected:
                    yield self._number, rejected

    def _lines(self) -> Iterator[bytes]:
        if self._held is not None:
            yield self._held
        while line := self._next_line():
            yield line

    def _next_line(self) -> bytes:
        """Return the next line, or only the beginning of one that is too long; b"" at the end."""
        line = self._file.readline(LONGEST_LINE + 1)
        self._number += bool(line)
        self._count(line)
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = self._file.readline(LONGEST_LINE + 1)
            self._count(rest)
        return line

    def _count(self, part: bytes) -> None:
        self.bytes_read += len(part)
        self._sha256.update(part)

    def _check_encoding(self) -> None:
        """Refuse a file in another encoding, when the beginning can be read twice. A single odd line is no encoding."""
        if not self._file.seekable():
            return
        start = self._file.tell()
        lines = self._file.read(LOOKED_AT_BYTES).split(b"\n")[:-1]  # the last one may be cut
        self._file.seek(start)
        beyond_ascii = [_is_utf8(line) for line in lines if not line.isascii()]
        if beyond_ascii.count(False) > beyond_ascii.count(True) + 1:
            raise RegisterFileRefused("The file is not UTF-8 (Windows-1252?). Save the file as UTF-8 and try again.")

    def _first_line(self) -> bytes:
        line = self._next_line()
        if line.startswith(_UTF16) or b"\0" in line:
            raise RegisterFileRefused("The file is not UTF-8 (it looks like UTF-16). Save it as UTF-8 and try again.")
        line = line.removeprefix(_BOM)
        if not line.strip():
            raise RegisterFileRefused("The file is empty, or begins with an empty line.")
        if len(line) > LONGEST_LINE:
            raise RegisterFileRefused("The first line is longer than 64 KiB. Lines must end with LF or CR LF.")
        try:
            line.decode()
        except UnicodeDecodeError:
            raise RegisterFileRefused("The first line is not UTF-8. Save the file as UTF-8 and try again.") from None
        return line

    def _read_header(self, line: bytes) -> tuple[str, list[str]]:
        text = line.decode().strip()
        delimiter = max(",;\t", key=text.count)
        try:
            header = [name.strip().lower() for name in next(csv.reader((text,), delimiter=delimiter, strict=True))]
        except csv.Error:
            raise RegisterFileRefused("The header cannot be read as CSV.") from None
        self._check_names(header)
        if len(set(header)) < len(header):
            raise RegisterFileRefused("A column stands in the header twice.")
        return delimiter, header

    def _check_first_object(self, line: bytes) -> None:
        try:
            first = json.loads(line)
        except (ValueError, RecursionError):
            return  # this line alone may be broken
        if not isinstance(first, dict):
            raise RegisterFileRefused("The first line is no JSON object. One object per line is expected.")
        self._check_names(list(first))

    def _check_names(self, names: list[str]) -> None:
        if forbidden := sorted(FORBIDDEN.intersection(name.lower() for name in names)):
            raise RegisterFileRefused(
                f"The file has the column {', '.join(forbidden)}. PIN, PUK and CAN must never be handed over: "
                "delete the file and make it anew without."
            )
        if missing := [name for name in FIELDS if name not in names and name not in self._optional]:
            raise RegisterFileRefused(
                f"Missing: {', '.join(missing)}. All fields must be there (a field may be empty, but not missing)."
            )
        self._note_unknown(names)

    def _note_unknown(self, names: list[str]) -> None:
        for name in names:
            if name not in FIELDS and len(self.unknown) < 20:
                self.unknown.add(name if _PLAIN_NAME.fullmatch(name) else "(a name that is no plain word)")

    def _csv_record(self, line: bytes) -> Record:
        try:
            values = next(csv.reader((line.decode().rstrip("\r\n"),), delimiter=self._delimiter, strict=True))
        except UnicodeDecodeError:
            raise RowRejected("not_utf8") from None
        except csv.Error:
            raise RowRejected("csv_broken") from None
        if len(values) != len(self._header):
            raise RowRejected("column_count")
        return {name: values[place] for name, place in self._at.items()} | self._absent

    def _json_record(self, line: bytes) -> Record:
        try:
            record = json.loads(line.decode())
        except UnicodeDecodeError:
            raise RowRejected("not_utf8") from None
        except (ValueError, RecursionError):
            raise RowRejected("json_broken") from None
        if not isinstance(record, dict):
            raise RowRejected("json_broken")
        if record.keys() != _ALL:
            self._check_keys(record)
        return record

    def _check_keys(self, record: dict[str, object]) -> None:
        if FORBIDDEN.intersection(name.lower() for name in record):
            raise RowRejected("field_forbidden")
        self._note_unknown(list(record))
        for name in FIELDS:
            if name not in record:
                if name not in self._optional:
                    raise RowRejected("field_missing", name)
                record[name] = None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


_ALL = frozenset(FIELDS)
