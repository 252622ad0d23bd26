"""Reading a register file line by line."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.members.register.files import LONGEST_LINE, RegisterFile, RegisterFileRefused
from identity.members.register.reasons import RowRejected
from identity.members.register.rows import FIELDS
from tests.identity.members.conftest import a_record

HEADER = ",".join(FIELDS)


def as_line(delimiter: str = ",", **given: Any) -> str:
    """Erika as a line of CSV."""
    record = a_record(cards="") | given
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerow([record[name] or "" for name in FIELDS])
    return text.getvalue().removesuffix("\r\n")


def read(content: str | bytes, form: str = "csv", **options: Any) -> list[tuple[int, Any]]:
    """Return line numbers with the family name, or with the code of the refusal."""
    raw = content.encode() if isinstance(content, str) else content
    lines = RegisterFile(io.BytesIO(raw), form, **options)
    return [
        (number, record.code if isinstance(record, RowRejected) else record["family_name"]) for number, record in lines
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_with_any_usual_delimiter_line_end_and_mark(mark: str, delimiter: str, line_end: str):
    lines = [delimiter.join(FIELDS), as_line(delimiter), as_line(delimiter, family_name="Müller; von, zu")]

    assert read(mark + line_end.join(lines)) == [(2, "Mustermann"), (3, "Müller; von, zu")]


def test_the_order_and_the_case_of_the_columns_do_not_matter():
    record = a_record(cards="", family_name="Vertauscht")
    names = [name.upper() for name in reversed(FIELDS)]
    values = [str(record[name] or "") for name in reversed(FIELDS)]

    assert read(",".join(names) + "\n" + ",".join(values)) == [(2, "Vertauscht")]


def test_json_lines_are_read_with_a_mark_and_empty_lines_between():
    content = "\ufeff" + json.dumps(a_record()) + "\n\n" + json.dumps(a_record(family_name="Zwei"))

    assert read(content, "jsonl") == [(1, "Mustermann"), (3, "Zwei")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("kvnr;ik\n".encode("utf-16"), "UTF-16"),
        ("kvnr;ik\n".encode("utf-16-le"), "UTF-16"),
        (b"kvnr;geschl\xe4cht\n", "not UTF-8"),
        (b"kvnr," * LONGEST_LINE, "longer than 64 KiB"),
        (b'kvnr,"ik\n', "cannot be read as CSV"),
        (b"kvnr,ik\n", "Missing: given_names"),
        (HEADER.replace("email,", "").encode(), "Missing: email"),
        (HEADER.encode() + b",kvnr", "twice"),
        (HEADER.encode() + b",PIN", "must never be handed over"),
        (HEADER.encode() + b",can", "must never be handed over"),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_read_in(content: bytes, says: str):
    with pytest.raises(RegisterFileRefused, match=says):
        RegisterFile(io.BytesIO(content), "csv")


def test_a_file_in_another_encoding_is_refused_before_anything_is_read_in():
    content = f"{HEADER}\n{as_line()}\n{as_line(family_name='Müller')}\n".encode("cp1252")

    with pytest.raises(RegisterFileRefused, match="Windows-1252"):
        RegisterFile(io.BytesIO(content), "csv")


@pytest.mark.parametrize(
    ("first", "says"), [([1], "no JSON object"), ({"kvnr": "A"}, "Missing: ik"), (a_record(puk="1"), "never")]
)
def test_a_wrong_first_object_is_refused_before_anything_is_read_in(first: Any, says: str):
    with pytest.raises(RegisterFileRefused, match=says):
        RegisterFile(io.BytesIO(json.dumps(first).encode()), "jsonl")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (as_line().encode("latin-1").replace(b"Erika", b"J\xfcrgen"), "not_utf8"),
        (b'"' + as_line().encode(), "csv_broken"),
        (as_line().replace("Erika", '"Erika"x').encode(), "csv_broken"),
        (as_line().encode() + b",more", "column_count"),
        (b"just a word", "column_count"),
        (b"x" * (LONGEST_LINE + 5), "line_too_long"),
        (b"x" * (3 * LONGEST_LINE), "line_too_long"),
    ],
)
def test_a_broken_line_of_csv_spoils_no_other(line: bytes, code: str):
    content = b"\n".join([HEADER.encode(), as_line().encode(), line, as_line(family_name="Danach").encode()])

    assert read(content) == [(2, "Mustermann"), (3, code), (4, "Danach")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "json_broken"),
        (b"[" * 60_000, "json_broken"),
        (b'{"kvnr": ' + b"1" * 5000 + b"}", "json_broken"),
        (b"7", "json_broken"),
        (b'{"kvnr": "\xfc"}', "not_utf8"),
        (b"{}", "field_missing"),
        (json.dumps(a_record(Can="123456")).encode(), "field_forbidden"),
    ],
)
def test_a_broken_json_line_spoils_no_other(line: bytes, code: str):
    good = json.dumps(a_record()).encode()

    assert read(b"\n".join([good, line, good]), "jsonl") == [(1, "Mustermann"), (2, code), (3, "Mustermann")]


def test_a_broken_first_json_line_is_only_one_line():
    assert read("{\n" + json.dumps(a_record()), "jsonl") == [(1, "json_broken"), (2, "Mustermann")]


def test_unknown_columns_are_named_but_not_read():
    content = f"{HEADER},shoe_size,Erika M.\n{as_line()},42,x"
    lines = RegisterFile(io.BytesIO(content.encode()), "csv")

    assert all("shoe_size" not in record for _, record in lines if not isinstance(record, RowRejected))
    assert lines.unknown == {"shoe_size", "(a name that is no plain word)"}


def test_the_insurer_may_be_missing_where_it_is_said_otherwise():
    content = f"{HEADER.replace('ik,', '')}\n{as_line().replace('109500969,', '')}"

    assert read(content, optional=frozenset({"ik"})) == [(2, "Mustermann")]


def test_a_file_knows_what_it_has_read():
    content = f"{HEADER}\n{as_line()}\n".encode()
    lines = RegisterFile(io.BytesIO(content), "csv")
    list(lines)

    assert lines.bytes_read == len(content)
    assert lines.sha256 == hashlib.sha256(content).hexdigest()


class Pipe(io.BytesIO):
    """What can be read only once, so that its encoding is not looked at beforehand."""

    def seekable(self) -> bool:
        return False


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes):
    for form, first in (("csv", HEADER), ("jsonl", json.dumps(a_record()))):
        lines = list(RegisterFile(Pipe(first.encode() + b"\n" + raw), form))
        assert len(lines) <= raw.count(b"\n") + 2
